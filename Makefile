PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TURNS ?= 40

.PHONY: demo test quick check docs test-vllm

demo: $(VENV)/.core
	$(BIN)/magnet run --turns $(TURNS)

test: $(VENV)/.dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/pyright
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2

quick: $(VENV)/.dev
	$(BIN)/pytest -n 2 -m "not slow"

check: $(VENV)/.dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/pyright
	$(BIN)/pytest tests/test_imports.py

docs: $(VENV)/.dev
	$(BIN)/python docs/reference.py

test-vllm: $(VENV)/.dev
	PYTHON=$(PYTHON) tests/vllm/environment.sh .venv-vllm
	TEST_VLLM=.venv-vllm/bin/python $(BIN)/pytest tests/magnet/test_vllm.py

# pip 23 cannot resolve langchain-openai, so pip comes first.
$(VENV)/.pip:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	touch $@

$(VENV)/.core: $(VENV)/.pip pyproject.toml
	$(BIN)/python -m pip install --quiet -e ".[embedded,debug]"
	touch $@

# torch comes first, by itself, so that the resolver keeps it as it is.
$(VENV)/.dev: $(VENV)/.pip pyproject.toml
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet -e ".[dev]"
	touch $@ $(VENV)/.core
