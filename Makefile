# One command does what CI does, its own set-up included: a fresh clone, Python 3.11 and pip are enough.
SHELL := /bin/bash
PYTHON := $(shell for p in python3.11 python3.12 python3.13 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
VENV := .venv
BIN := $(VENV)/bin
CLAUDE_CODE := 2.1.197
READY := $(VENV)/ready
# One more than there are cores, because some tests wait.
WORKERS := $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1); echo $$(( n < 4 ? n + 1 : 4 )))

# Tests start interpreters: without compiled modules each of them would compile what it imports, and the modules of a
# PYTHONPATH are for other programs.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH

.PHONY: demo check lint types test launcher golden schemas reference lock bench detector fuzz plugin client attack \
	sdk clean

# The main job on a session that ships with the package.
demo:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer found; install one" >&2; exit 1; }
	@$(PYTHON) scripts/run.py demo

check: lint types test

lint: $(READY)
	$(BIN)/python -m ruff format --check hooks scripts tests
	$(BIN)/python -m ruff check hooks scripts tests

types: $(READY)
	$(BIN)/python -m mypy

test: $(READY)
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

# The tests on each Python that is installed, on the PATH or in pyenv, in an environment of its own.
MATRIX := 3.11 3.12 3.13 3.14
.PHONY: matrix
matrix:
	@passed=; failed=; missing=; \
	for version in $(MATRIX); do \
		python=; \
		for found in python$$version "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$$version*/bin/python; do \
			"$$found" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$$version')" \
				2>/dev/null && python=$$found && break; \
		done; \
		if test -z "$$python"; then missing="$$missing $$version"; continue; fi; \
		echo "matrix: Python $$version, $$python"; \
		if $(MAKE) --no-print-directory test PYTHON="$$python" VENV=".matrix/$$version"; \
		then passed="$$passed $$version"; else failed="$$failed $$version"; fi; \
	done; \
	echo "matrix: passed on$${passed:- none}; failed on$${failed:- none};" \
		"not installed:$${missing:- none}"; \
	test -z "$$failed" -a -n "$$passed"

# The package as pip installs it, in an environment of its own.
.PHONY: wheel
wheel: $(READY)
	$(BIN)/python -m pytest -q -m slow tests/test_plugin.py

# What a marker selects, without the long cases unless ALL is set.
tests_of = $(1)$(if $(ALL),, and not long)

# The environments that the launcher makes, with pip and with uv; needs a network. ALL=1 takes some minutes.
launcher: $(READY)
	$(BIN)/python -m pytest -q -m '$(call tests_of,slow)' tests/test_launcher_installs.py

# Rewrites what tests compare printed output with; read the diff before you commit it.
golden: $(READY)
	$(BIN)/python -m pytest -q tests/report/test_golden.py --golden

schemas: $(READY)
	$(BIN)/python -m session_classify.cli.schemas references/schemas

# The generated pages; run it after a change to references/apps/, an audit rule or a command.
reference: $(READY)
	$(BIN)/session-classify profile render references/apps/bits-assistant.yaml \
		--out references/rum-actions-bits-assistant.md
	$(BIN)/python -m session_classify.report.audit_page references/audit-signals.md
	$(BIN)/python -m session_classify.cli.commands_page references/commands.md
	$(BIN)/python -m session_classify.cli.tool_calls_page references/tool-calls.md

# What the launcher installs, hash-locked; no registry is named in it.
lock: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv --editable '.[judge,ray,stats,sweep]'
	PYTHONPATH=scripts $(BIN)/python -m launcher.relock

bench: $(READY)
	$(BIN)/python tests/bench.py
	$(BIN)/python -m tests.hook_bench
	$(BIN)/python -m tests.sweeping.bench

clean:
	rm -rf .venv .matrix .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
	find scripts tests -name __pycache__ -prune -exec rm -rf {} +

# Hostile text and bombs in every place of a session, through every command; SECONDS bounds it.
SECONDS := 240
attack: $(READY)
	$(BIN)/python -m pytest -q -m slow tests/attack
	$(BIN)/python -m tests.attack $(SECONDS)

# How long each regular expression takes on texts that are made to be slow for it.
.PHONY: patterns
patterns: $(READY)
	$(BIN)/python -m pytest -q -n $(WORKERS) -m slow tests/test_patterns.py

# What `make check` samples, whole: each fault at each call, each step of a write, the changed sessions, sessions that are
# gathered by processes, and 300 examples of every property.
.PHONY: matrices
matrices: $(READY)
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m matrix
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m 'hypothesis and not slow and not client' \
		--hypothesis-profile long

# The figures of `agree` against published examples, with the libraries of the extra `stats`.
.PHONY: stats
stats: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[stats]'
	$(BIN)/python -m pytest -q -m slow tests/agreement

# Sweeps, also of exported parts, on the embedded engine, which the extra `sweep` brings.
.PHONY: sweep
sweep: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[judge,ray,stats,sweep]'
	$(BIN)/python -m pytest -q -m slow tests/sweeping tests/exporting

# Every miss and false alarm of the failure detector on labelled results.
detector: $(READY)
	$(BIN)/python -m tests.detector

# Precision and recall of claims on labelled answers of real agents.
.PHONY: claims
claims: $(READY)
	$(BIN)/python -m tests.claims

# How often the rules alone are right about real sessions that were changed in one known way.
.PHONY: changes
changes: $(READY)
	$(BIN)/python -m tests.changes

# What the tests do not notice in the core: the table of survivors by room; it takes hours. The tester
# wants the sources in `src`, so it works on a copy.
.PHONY: mutants
MUTANTS := .mutants
mutants: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[mutants]'
	rm -rf $(MUTANTS) && mkdir $(MUTANTS)
	cp -r .claude-plugin README.md SECURITY.md hooks pyproject.toml references skills templates tests $(MUTANTS)
	cp -r scripts $(MUTANTS)/src && ln -s src $(MUTANTS)/scripts
	sed -i 's#"scripts"#"src"#; s#"scripts/#"src/#' $(MUTANTS)/pyproject.toml
	cd $(MUTANTS) && ../$(BIN)/python -m mutmut run

# A minute of coverage-guided search for input that breaks a verb on persisted results.
fuzz: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	$(BIN)/python -m tests.fuzz 60

# The agent client comes from npm into the user's cache, because an installed plugin is a copy of this
# whole folder. `$(call with_client,CHECK,COMMAND)` runs a command once the client is there.
CLIENT_FOLDER := $(HOME)/.cache/session-classify/claude-code-$(CLAUDE_CODE)
CLIENT := $(CLIENT_FOLDER)/node_modules/.bin/claude
# The newest installer of skills that runs on Node 20.
SKILLS_VERSION := 1.5.18
SKILLS := $(CLIENT_FOLDER)/node_modules/skills/bin/cli.mjs
with_client = \
	if ! command -v npm >/dev/null; then \
		echo "$(1) skipped: npm is not installed here"; \
	elif ! npm install --prefix "$(CLIENT_FOLDER)" --no-save --no-fund --no-audit --silent \
			@anthropic-ai/claude-code@$(CLAUDE_CODE) skills@$(SKILLS_VERSION); then \
		echo "$(1) skipped: npm cannot install the client here"; test -z "$$CI"; \
	else \
		$(2); \
	fi

# What an agent reads for a session of ten turns, in tokens; the counter comes from npm.
.PHONY: tokens
TOKENS_FOLDER := $(HOME)/.cache/session-classify/gpt-tokenizer
tokens: $(READY)
	@if ! command -v npm >/dev/null; then \
		echo "token count skipped: npm is not installed here"; \
	elif ! npm install --prefix "$(TOKENS_FOLDER)" --no-save --no-fund --no-audit --silent gpt-tokenizer@4.0.0; then \
		echo "token count skipped: npm cannot install the counter here"; test -z "$$CI"; \
	else \
		SESSION_CLASSIFY_TOKENS="$(TOKENS_FOLDER)" $(BIN)/python -m tests.tokens; \
	fi

# The client's own check of the plugin.
plugin:
	@export DISABLE_TELEMETRY=1 DISABLE_AUTOUPDATER=1; $(call with_client,plugin check, \
		"$(CLIENT)" plugin validate --strict . && \
		"$(CLIENT)" plugin validate --strict .claude-plugin/plugin.json)

# What the skill's permission lets an agent do unprompted, in the client itself, with a scripted
# model; ALL=1 tries every way to install it.
client: $(READY)
	@$(call with_client,client check, \
		SESSION_CLASSIFY_CLIENT="$(CLIENT)" SESSION_CLASSIFY_SKILLS="$(SKILLS)" \
			$(BIN)/python -m pytest -q -m '$(call tests_of,client)' -n 2 --dist loadgroup tests/client)

# All of it: the client's own check, every way to install, every way to fetch, from a place with a
# space and one without. `make e2e CLAUDE_CODE=VERSION` tries another version of the client.
.PHONY: e2e
e2e: plugin
	@$(MAKE) --no-print-directory client ALL=1

# The HTML pages in Debian's browser, which `.ci/run` installs; the accessibility checker comes from npm.
BROWSER := $(shell command -v chromium)
AXE_FOLDER := $(HOME)/.cache/session-classify/axe-core
.PHONY: browser screenshots
browser: $(READY)
	@if test -z "$(BROWSER)" || ! command -v npm >/dev/null; then \
		echo "browser check skipped: chromium or npm is not installed here"; \
	elif ! $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[browser]' || \
			! npm install --prefix "$(AXE_FOLDER)" --no-save --no-fund --no-audit --silent axe-core@4.14.1; then \
		echo "browser check skipped: its tools cannot be installed here"; test -z "$$CI"; \
	else \
		SESSION_CLASSIFY_BROWSER="$(BROWSER)" \
		SESSION_CLASSIFY_AXE="$(AXE_FOLDER)/node_modules/axe-core/axe.min.js" \
			$(BIN)/python -m pytest -q -m slow tests/browser; \
	fi

# Pictures of the pages in both themes and on a phone, in .screenshots, to look at after a change.
screenshots: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[browser]'
	SESSION_CLASSIFY_BROWSER="$(BROWSER)" $(BIN)/python -m tests.browser.screenshots .screenshots

# Released libraries send sessions through a real SDK to its local test agent, which is read from
# there. They have environments of their own in the user's cache: they bring plugins and hooks along,
# and some need other versions than the rest.
SDK_FOLDER := $(HOME)/.cache/session-classify/sdk
SDK_PACKAGES := ddapm-test-agent==1.69.1 ddtrace==4.16.0 anthropic==2.14.0 boto3==1.44.8 \
	google-genai==3.6.1 langchain==1.5.2 langchain-openai==1.7.4 litellm==1.110.2 openai==3.57.0 \
	openai-agents==0.24.0 pydantic-ai-slim[openai]==2.68.0 starlette==1.10.0 uvicorn==0.54.0 \
	flask==3.1.3 waitress==3.0.2
SDK_AGENTS := ddtrace==4.16.0 google-adk==1.18.0 llama-index-core==0.14.25 \
	llama-index-llms-openai-like==0.8.1
SDK_OTEL := opentelemetry-exporter-otlp-proto-http==1.45.1 opentelemetry-instrumentation-asgi==0.66b1 \
	opentelemetry-instrumentation-wsgi==0.66b1 starlette==1.10.0 uvicorn==0.54.0 flask==3.1.3 waitress==3.0.2
sdk_python = { test -x "$(1)/bin/python" || $(PYTHON) -m venv "$(1)"; } && \
	"$(1)/bin/python" -m pip install --quiet --disable-pip-version-check $(2)
sdk: $(READY)
	@if ! { $(call sdk_python,$(SDK_FOLDER),$(SDK_PACKAGES)) && \
			$(call sdk_python,$(SDK_FOLDER)-agents,$(SDK_AGENTS)) && \
			$(call sdk_python,$(SDK_FOLDER)-otel,$(SDK_OTEL)); }; then \
		echo "SDK check skipped: the libraries cannot be installed here"; test -z "$$CI"; \
	else \
		SESSION_CLASSIFY_SDK="$(SDK_FOLDER)/bin/python" \
		SESSION_CLASSIFY_SDK_AGENTS="$(SDK_FOLDER)-agents/bin/python" \
		SESSION_CLASSIFY_SDK_OTEL="$(SDK_FOLDER)-otel/bin/python" \
			$(BIN)/python -m pytest -q -m "slow or not slow" tests/backends/test_lapdog.py tests/sdk tests/instrument tests/submission; \
	fi

# An environment that broke half-way has no `ready` and is made anew.
$(READY): pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer found; install one" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(READY)
