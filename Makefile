# One command does what CI does, its own set-up included: a fresh clone, Python 3.11 and pip are enough.
SHELL := /bin/bash
PYTHON := $(shell for p in python3.11 python3.12 python3.13 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
READY := .venv/ready

.PHONY: check lint types test golden schemas bench clean

check: lint types test

lint: $(READY)
	$(BIN)/python -m ruff format --check scripts tests
	$(BIN)/python -m ruff check scripts tests

types: $(READY)
	$(BIN)/python -m mypy

test: $(READY)
	$(BIN)/python -m pytest -q

# Rewrites what tests compare printed output with; read the diff before you commit it.
golden: $(READY)
	$(BIN)/python -m pytest -q tests/report/test_golden.py --golden

schemas: $(READY)
	$(BIN)/python -m session_classify.schemas references/schemas

bench: $(READY)
	$(BIN)/python tests/bench.py

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

# An environment that broke half-way has no `ready` and is made anew.
$(READY): pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer found; install one" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(READY)
