# Every target does whatever set-up it needs and may be run again.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Compiled modules are kept even where the surroundings say otherwise: each test process would compile them again.
export PYTHONDONTWRITEBYTECODE :=
RUNTIME := $(VENV)/.installed-runtime
DEVELOPMENT := $(VENV)/.installed-development

install_locked = set -o pipefail; \
  $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes -r $(1) \
  | awk '/^(Collecting|Installing)/ { printf "."; fflush() } END { print "" }'

.PHONY: install demo demo-reset tutorial test test-whole check bench bench-cases lock screenshots road-faults queue-faults chaos chaos-plants fuzz mutants clean

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Jiyi needs Python 3.11 or newer; PYTHON=/path/to/python3.11 make $(MAKECMDGOALS)"; exit 1; }
	@echo "creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	@echo "installing what the hub needs (once), a dot for each package"
	@$(call install_locked,requirements.lock)
	@$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q hub schema connectors auth mocks
	@touch $@

$(DEVELOPMENT): requirements-dev.lock $(RUNTIME)
	@echo "installing what the tests need (once), a dot for each package"
	@$(call install_locked,requirements-dev.lock)
	@touch $@

install: $(RUNTIME)

HOST ?= 127.0.0.1

demo: $(RUNTIME)
	@$(BIN)/jiyi demo --host $(HOST)

demo-reset: $(RUNTIME)
	@$(BIN)/jiyi demo --reset

test: $(DEVELOPMENT)
	@$(BIN)/python -m tests.services
	@$(BIN)/python -m pytest -m "not slow and not whole" -n 4 --dist loadscope --no-loadscope-reorder

test-whole: $(DEVELOPMENT)
	@$(BIN)/python -m tests.services
	@$(BIN)/python -m pytest -m "whole and not slow" -n 4 --dist loadscope --no-loadscope-reorder

check: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/python -m tests.docs.links
	$(BIN)/python -m tests.shape

tutorial: $(DEVELOPMENT)
	@$(BIN)/python -m pytest tests/acceptance/test_tutorial.py -m "slow or not slow" -v

road-faults: $(DEVELOPMENT)
	@$(BIN)/python -m pytest tests/faults tests/acceptance/test_ticks.py -m "slow or not slow" -v

queue-faults: $(DEVELOPMENT)
	@JIYI_QUEUE_FAULT_SECONDS=$(or $(SECONDS),600) $(if $(filter-out 0,$(SEED)),JIYI_FAULT_SEED=$(SEED)) \
	  $(BIN)/python -m pytest tests/faults/test_queue_faults.py -v -s

CASES ?= 10000
KILLS ?= 20
SCHEDULE ?= random

chaos: $(DEVELOPMENT)
	@$(BIN)/python -m tests.chaos --cases $(CASES) --kills $(KILLS) --schedule $(SCHEDULE) \
	  $(if $(filter-out 0,$(SEED)),--seed $(SEED))

chaos-plants: $(DEVELOPMENT)
	@$(BIN)/python -m pytest tests/chaos/test_chaos.py -m "slow or not slow" -k planted_bug -v

N ?= 20000
SEED ?= 0
VARIETY ?= plain
PROCESSES ?=

fuzz: $(DEVELOPMENT)
	@$(BIN)/python -m tests.engine.fuzz $(N) $(SEED) $(VARIETY) $(PROCESSES)

mutants: $(DEVELOPMENT)
	@$(BIN)/python -m tests.engine.mutants

screenshots: $(DEVELOPMENT)
	@$(BIN)/python -m tests.portal.screenshots

bench: $(DEVELOPMENT)
	@$(BIN)/python -m bench

bench-cases: $(DEVELOPMENT)
	@$(BIN)/python -m bench.cases

lock: | $(BIN)/python
	@$(BIN)/python -m pip install --disable-pip-version-check -q uv
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --group build --output-file requirements.lock pyproject.toml
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --group build --group dev --output-file requirements-dev.lock pyproject.toml

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .jiyi build dist
