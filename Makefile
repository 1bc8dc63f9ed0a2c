# One command does what CI does, its own set-up included: a fresh clone, Python 3.11 and pip are enough.
SHELL := /bin/bash
PYTHON := $(shell for p in python3.11 python3.12 python3.13 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
CLAUDE_CODE := 2.1.197
READY := .venv/ready

.PHONY: demo check lint types test launcher golden schemas reference lock bench detector fuzz plugin sdk clean

# The main job on a session that ships with the package.
demo:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer found; install one" >&2; exit 1; }
	@$(PYTHON) scripts/run.py demo

check: lint types test

lint: $(READY)
	$(BIN)/python -m ruff format --check scripts tests
	$(BIN)/python -m ruff check scripts tests

types: $(READY)
	$(BIN)/python -m mypy

test: $(READY)
	$(BIN)/python -m pytest -q -n 2

# The environments that the launcher makes, with pip and with uv: some minutes, and a network.
launcher: $(READY)
	$(BIN)/python -m pytest -q -m slow tests/test_launcher_installs.py

# Rewrites what tests compare printed output with; read the diff before you commit it.
golden: $(READY)
	$(BIN)/python -m pytest -q tests/report/test_golden.py --golden

schemas: $(READY)
	$(BIN)/python -m session_classify.schemas references/schemas

# The page on the actions of the shipped profile; run it after a change to references/apps/.
reference: $(READY)
	$(BIN)/session-classify profile render references/apps/bits-assistant.yaml \
		--out references/rum-actions-bits-assistant.md
	$(BIN)/python -m session_classify.report.audit_page references/audit-signals.md

# What the launcher installs, hash-locked; no registry is named in it.
lock: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	PYTHONPATH=scripts $(BIN)/python -m launcher.relock

bench: $(READY)
	$(BIN)/python tests/bench.py

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
	find scripts tests -name __pycache__ -prune -exec rm -rf {} +

# Every miss and false alarm of the failure detector on labelled results.
detector: $(READY)
	$(BIN)/python -m tests.detector

# A minute of coverage-guided search for input that breaks a verb on persisted results.
fuzz: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	$(BIN)/python -m tests.fuzz 60

# The client's own check of the plugin; the client comes from npm into the user's cache, because an
# installed plugin is a copy of this whole folder.
CLIENT_FOLDER := $(HOME)/.cache/session-classify/claude-code-$(CLAUDE_CODE)
CLIENT := "$(CLIENT_FOLDER)/node_modules/.bin/claude"
plugin:
	@if ! command -v npm >/dev/null; then \
		echo "plugin check skipped: npm is not installed here"; \
	elif ! npm install --prefix "$(CLIENT_FOLDER)" --no-save --no-fund --no-audit --silent \
			@anthropic-ai/claude-code@$(CLAUDE_CODE); then \
		echo "plugin check skipped: npm cannot install the client here"; test -z "$$CI"; \
	else \
		export DISABLE_TELEMETRY=1 DISABLE_AUTOUPDATER=1; \
		$(CLIENT) plugin validate --strict . && \
		$(CLIENT) plugin validate --strict .claude-plugin/plugin.json; \
	fi

# A real SDK sends a session to its local test agent, which is read from there. Both have an
# environment of their own in the user's cache: they bring plugins and hooks of theirs along.
SDK_FOLDER := $(HOME)/.cache/session-classify/sdk
sdk: $(READY)
	@if ! { test -x "$(SDK_FOLDER)/bin/python" || $(PYTHON) -m venv "$(SDK_FOLDER)"; } || \
		! "$(SDK_FOLDER)/bin/python" -m pip install --quiet --disable-pip-version-check \
			"ddapm-test-agent==1.69.1" "ddtrace==4.16.0"; then \
		echo "SDK check skipped: ddtrace cannot be installed here"; test -z "$$CI"; \
	else \
		SESSION_CLASSIFY_SDK="$(SDK_FOLDER)/bin/python" \
			$(BIN)/python -m pytest -q tests/backends/test_lapdog.py; \
	fi

# An environment that broke half-way has no `ready` and is made anew.
$(READY): pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer found; install one" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(READY)
