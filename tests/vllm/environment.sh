#!/usr/bin/env bash
# Make the virtual environment that tests/magnet/test_vllm.py serves vLLM from, if it is not there:
#   tests/vllm/environment.sh FOLDER
# For Linux on x86-64; takes about 2 GB. The interpreter is $PYTHON, or python3.
set -euo pipefail
folder=${1:?usage: environment.sh FOLDER}
wanted=$(dirname "$0")/requirements.txt

if cmp --silent "$wanted" "$folder/.installed"; then
  exit
fi
"${PYTHON:-python3}" -m venv --clear "$folder"
"$folder/bin/python" -m pip install --quiet --upgrade pip
if ! "$folder/bin/python" -m pip install --quiet --no-deps --requirement "$wanted"; then
  echo "$folder: not complete. Where pip found no torch of the version +cpu, name PyTorch's index" \
    "of CPU builds in PIP_EXTRA_INDEX_URL" >&2
  exit 1
fi
cp "$wanted" "$folder/.installed"
