# The commands of this repository. The environment is .venv, built from the lock files on first use.

VENV ?= .venv
PORT ?= 8000
ARGS ?=
QUICK ?=
LINLI_DATA ?= .linli
LINLI_DEMO ?= 1
export LINLI_DATA

PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --no-input
INSTALL := $(PIP) install --quiet --require-hashes --no-deps
LOCK := $(VENV)/bin/uv pip compile pyproject.toml --quiet --universal --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --extra embedded --extra build
# The editable install maps each top-level package by name: a new one has to be installed anew.
PACKAGES := $(wildcard */__init__.py)
PRODUCT := $(VENV)/.product
AUDIT := pip-audit@2.10.1

.PHONY: help serve test bench trust scan check lock clean

help:
	@echo "make serve   run the server on port $(PORT) (PORT=), on DATABASE_URL or an embedded PostgreSQL"
	@echo "make test    run the tests (ARGS= goes to pytest)"
	@echo "make bench   measure Linli beside SQL by hand and four other servers (QUICK=1: in three minutes)"
	@echo "make trust   what docs/trust.md promises, tested; writes the page anew (ARGS= goes to pytest)"
	@echo "make scan    ask for known vulnerabilities of all that is locked"
	@echo "make check   lint, format, types, import contracts, committed schema"
	@echo "make lock    resolve the lock files anew (ARGS=--upgrade for newer versions)"
	@echo "make clean   remove the environment and the caches, not the data in $(LINLI_DATA)"

serve: $(VENV)/.runtime $(PRODUCT)
	@LINLI_DEMO=$(LINLI_DEMO) exec $(VENV)/bin/linli serve --port $(PORT) $(ARGS)

test: $(VENV)/.dev $(PRODUCT)
	@$(VENV)/bin/python -m pytest $(ARGS)

bench: $(VENV)/.dev $(PRODUCT)
	@QUICK=$(QUICK) $(VENV)/bin/python -m bench $(ARGS)

trust: $(VENV)/.dev $(PRODUCT)
	@$(VENV)/bin/python -m bench.trust $(ARGS)

# Strict: whatever could not be looked up counts as a failure, not as sound.
scan: $(VENV)/.dev
	@$(VENV)/bin/uvx --quiet $(AUDIT) --strict --disable-pip --require-hashes --progress-spinner off \
	    -r requirements-dev.lock $(ARGS) || { echo "Not shown to be free of known vulnerabilities:" \
	    "see above what was found, or could not be asked." >&2; exit 1; }

check: $(VENV)/.dev $(PRODUCT)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/pyright --pythonpath $(VENV)/bin/python
	$(VENV)/bin/lint-imports
	$(VENV)/bin/linli schema --check

lock: $(VENV)/.python
	@test -x $(VENV)/bin/uv || $(PIP) install --quiet uv
	$(LOCK) $(ARGS) -o requirements.lock
	$(LOCK) $(ARGS) --extra dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A version manager leaves shims of Pythons that do not run: each candidate is tried, not just found.
$(VENV)/.python:
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    found=$$python; \
	    "$$python" -c 'import ensurepip, venv' 2>/dev/null || continue; \
	    echo "Creating $(VENV) with $$("$$python" --version)"; \
	    "$$python" -m venv --clear $(VENV) && touch $@ && exit 0; exit 1; \
	done; \
	if [ -n "$$found" ]; then \
	    echo "$$found cannot make a virtual environment: its venv or ensurepip module is missing." \
	         "On Debian and Ubuntu: apt-get install python3-venv" >&2; \
	else \
	    echo "Linli needs Python 3.11 or newer: none found as $(or $(PYTHON),python3 or python on PATH)." \
	         "Say where it is with: make PYTHON=/path/to/python3" >&2; \
	fi; exit 1

$(VENV)/.runtime: requirements.lock $(VENV)/.python
	@echo "Installing requirements.lock"
	@$(INSTALL) -r $<
	@touch $@

# The development lock holds the runtime one, so its stamp serves both.
$(VENV)/.dev: requirements-dev.lock requirements.lock $(VENV)/.python
	@echo "Installing requirements-dev.lock"
	@$(INSTALL) -r $<
	@touch $@ $(VENV)/.runtime

$(PRODUCT): pyproject.toml $(PACKAGES) | $(VENV)/.runtime
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
