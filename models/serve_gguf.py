"""llama.cpp's server in a process of its own: started by `embedded.py`, lives as long as its stdin.

Not a thread of the main process: there its destructor waits for running calls with Python's lock
held, an exit during a call crashes, and a failed assertion of llama.cpp would take a session along.

Reads one argument, a JSON object (what `EmbeddedServer` is given), and a line from stdin, the key
that every request is to carry, or nothing; writes one line to stdout, the address. Imports nothing
of the project, so that it starts at once.
"""

import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

_MEMORY = Path("/dev/shm")
_SCRATCH_BYTES = 1 << 30
_ERRORS_ONLY = 1


def main() -> None:
    """Serve until stdin ends, as it does when the parent is gone, however it went."""
    # Ctrl-C reaches the whole process group, and the parent drains its calls first.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with tempfile.TemporaryDirectory(prefix="magnet-slots-", dir=_scratch_parent()) as scratch:
        key = sys.stdin.buffer.readline().decode().strip()
        server = _start(json.loads(sys.argv[1]), key, scratch)
        print(server.listening_address, flush=True)
        _close_output()
        sys.stdin.buffer.read()
    # Without the destructors: they wait for running calls.
    os._exit(0)


def _start(wanted: dict[str, Any], key: str, scratch: str) -> Any:
    llama: Any = importlib.import_module("xllamacpp")
    params = llama.CommonParams()
    params.model.path = wanted["path"]
    params.model_alias = {wanted["name"]}
    params.n_parallel = wanted["slots"]
    params.n_ctx = wanted["slots"] * wanted["context"]
    params.cpuparams.n_threads = wanted["threads"]
    params.cpuparams_batch.n_threads = wanted["threads"]
    # By default the server keeps prompts that it has let go in up to 8 GB of memory. An agent has a
    # slot of its own, so nothing ever comes back for them.
    params.cache_ram_mib = 0
    params.slot_save_path = f"{scratch}{os.sep}"
    params.verbosity = _ERRORS_ONLY
    params.lora_adapters = [_adapter(llama, path) for path in wanted["adapters"]]
    params.hostnames = [wanted["host"]]
    params.api_keys = [key] if key else []
    params.port = wanted["port"]
    params.ui = False
    # No web page has business with this server.
    params.cors_origins = "http://127.0.0.1"
    return llama.Server(params)


def _adapter(llama: Any, path: str) -> Any:
    adapter = llama.CommonAdapterLoraInfo()
    adapter.path = path
    return adapter


def _close_output() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


def _scratch_parent() -> str | None:
    """Return a folder in memory for the prompt caches that agents share, if it is big enough."""
    if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _SCRATCH_BYTES:
        return str(_MEMORY)
    return None


if __name__ == "__main__":
    main()
