# Two commands are all the set-up on a machine with git, make and Python + pip:
#   make demo    makes its own environment in .venv, runs the main job, prints its table and the report's path
#   make test    the whole suite
# The rest: make lint (ruff, format, types), make bench, make picture (those of README and docs), make lock (renew the lock files), make clean.

PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo "$$name" && break; done)
WORKERS ?= auto
PIP := .venv/bin/python -m pip install --quiet --disable-pip-version-check
HASHED := $(PIP) --require-hashes --only-binary :all:

.DEFAULT_GOAL := help
.PHONY: help demo test lint format bench picture lock clean

help:
	@sed -n 's/^# \{0,1\}//p; /^$$/q' Makefile

demo: .venv/run.ready
	@.venv/bin/eupnea run iv_heroin

test: .venv/dev.ready
	@.venv/bin/python -m pytest -n $(WORKERS) --maxprocesses 4 --dist loadfile

lint: .venv/dev.ready
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

format: .venv/dev.ready
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

bench: .venv/dev.ready
	@.venv/bin/python benchmarks/engine.py

picture: .venv/run.ready
	@.venv/bin/python docs/picture.py

# Some systems ship venv without its pip; then the system's pip puts one into the new environment.
.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Eupnea needs Python 3.11, 3.12 or 3.13; none was found. Install one, or name it: make demo PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || { echo "Eupnea needs Python 3.11, 3.12 or 3.13, but $(PYTHON) is" `$(PYTHON) --version` >&2; exit 1; }
	@echo "making the environment .venv with $(PYTHON) (some minutes the first time)"
	@$(PYTHON) -m venv --clear .venv >/dev/null 2>&1 || { \
		$(PYTHON) -m venv --clear --without-pip .venv && \
		$(PYTHON) -m pip --python .venv/bin/python install --quiet --disable-pip-version-check pip; } || { \
		rm -rf .venv; echo "could not make .venv: $(PYTHON) needs its venv and pip modules" >&2; exit 1; }

.venv/run.ready: requirements.lock pyproject.toml | .venv/bin/python
	@$(HASHED) -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.ready: requirements-dev.lock .venv/run.ready
	@$(HASHED) -r requirements-dev.lock
	@touch $@

# The locks hold for Python 3.11 to 3.13, carry hashes, and name no index and no file address.
LOCK := .venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate
lock: .venv/run.ready
	@$(PIP) uv
	@$(LOCK) --upgrade --extra build --output-file requirements.lock
	@$(LOCK) --upgrade --extra build --extra dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
