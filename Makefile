# What the project does by itself. `make run` and `make test` are all that is needed.

PYTHON ?= python3
BIN := .venv/bin
LOCK = uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

# Python keeps what it compiles of the tests and of the product: dozens of processes read it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test kernels check format peers lock clean

help: ## what there is
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/installed ## make .venv with everything the project needs

.venv/installed: requirements.lock pyproject.toml
	@echo "Setting up .venv (once, and after the lock file changes)"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version.split()[0] + "; say which: make run PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: export DISPATCH_DATABASE_URL ?= sqlite:///$(CURDIR)/build/liaoning.db
run: setup ## plan the sample organisation Liaoning in a database and show the plan
	@$(BIN)/dispatch init >/dev/null
	@$(BIN)/dispatch import liaoning >/dev/null
	$(BIN)/dispatch plan --now 2026-09-29T07:30 --seconds 30

test: kernels ## run the tests
	$(BIN)/python -m pytest -n auto --dist loadgroup

kernels: setup ## compile the search, which otherwise each process of the tests does for itself
	@$(BIN)/python -m tests.kernels

check: setup ## formatting, lint, types, import contracts, dead code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture

format: setup ## format the code and mend what lint can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

peers: setup ## add what python -m benchmarks compares with
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-benchmarks.lock

lock: ## resolve the lock files anew (needs uv)
	$(LOCK) --extra dev --output-file requirements.lock pyproject.toml
	$(LOCK) --extra dev --extra benchmarks --output-file requirements-benchmarks.lock pyproject.toml

clean: ## throw away .venv and caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
