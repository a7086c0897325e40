# One environment, made from the lock; everything else is `netstacks`.
SHELL := /bin/sh
VENV ?= .venv
# The first of these that is Python 3.11 or newer and can make environments.
PYTHON ?= $(shell sh scripts/find-python)
BIN := $(VENV)/bin
LOCK_FLAGS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet

.PHONY: demo up test check bench lock env clean

demo: $(VENV)/.runtime ## capture real configurations on a schedule, on this machine, then stop
	@$(BIN)/netstacks demo

up: $(VENV)/.runtime ## the same, and stay up until Ctrl-C
	@$(BIN)/netstacks up --demo

test: $(VENV)/.dev ## everything CI runs
	@sh scripts/install-test-hosts
	@$(MAKE) --no-print-directory check
	@# Often a test waits: three at a time keep two cores busy. The longest come first.
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

env: $(VENV)/.runtime

$(VENV)/.runtime: requirements.lock pyproject.toml
	@sh scripts/make-environment "$(PYTHON)" "$(VENV)" requirements.lock
	@touch $@

$(VENV)/.bench: requirements-bench.lock pyproject.toml
	@sh scripts/make-environment "$(PYTHON)" "$(VENV)" requirements-bench.lock
	@touch $@ $(VENV)/.dev $(VENV)/.runtime

$(VENV)/.dev: requirements-dev.lock pyproject.toml
	@sh scripts/make-environment "$(PYTHON)" "$(VENV)" requirements-dev.lock
	@touch $@ $(VENV)/.runtime

bench: $(VENV)/.bench ## this project beside its peers, in short; `--full` of each program is the whole
	@sh scripts/install-peers
	@$(BIN)/python -m benchmarks

lock: ## compile the locks again from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra build --extra dev $(LOCK_FLAGS) -o requirements-dev.lock
	$(BIN)/uv pip compile pyproject.toml --extra build --extra dev --extra bench $(LOCK_FLAGS) -c requirements-dev.lock -o requirements-bench.lock
	$(BIN)/uv pip compile pyproject.toml --extra build $(LOCK_FLAGS) -c requirements-dev.lock -o requirements.lock

clean:
	rm -rf $(VENV)
