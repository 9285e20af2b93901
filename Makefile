# What the project does by itself. `make run` and `make test` are all that is needed.

PYTHON ?= python3
BIN := .venv/bin
BOARD := api/board
NPM := cd $(BOARD) && PATH="$(CURDIR)/$(BIN):$$PATH" npm --loglevel error
LOCK = uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

# Python keeps what it compiles of the tests and of the product: dozens of processes read it.
unexport PYTHONDONTWRITEBYTECODE

# Lock files hold no addresses, not of those either who would like to be paid.
define STRIP
import json, pathlib, sys
file = pathlib.Path(sys.argv[1])
lock = json.loads(file.read_text())
for package in lock["packages"].values():
    package.pop("funding", None)
file.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")
endef
export STRIP

.PHONY: help setup run test test-long kernels check format peers lock clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/installed $(BOARD)/dist/built ## make .venv with everything the project needs, and the board

.venv/installed: requirements.lock pyproject.toml
	@echo "Setting up .venv (once, and after the lock file changes)"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version.split()[0] + "; say which: make run PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(BOARD)/node_modules/installed: .venv/installed $(BOARD)/package-lock.json
	@$(NPM) ci
	@mkdir -p build/browser
	@cd $(BOARD) && TMPDIR="$(CURDIR)/build/browser" ../../$(BIN)/node scripts/unpack-chromium.js
	@touch $@

$(BOARD)/src/common/schema.d.ts: $(BOARD)/node_modules/installed $(shell find api dispatch/domain -name '*.py')
	@mkdir -p build
	@$(BIN)/dispatch schema api >build/openapi.json
	@$(NPM) run --silent types >/dev/null

$(BOARD)/dist/built: $(BOARD)/src/common/schema.d.ts $(shell find $(BOARD) -name node_modules -prune -o -name dist -prune -o -type f -print)
	@$(NPM) run --silent build
	@touch $@

run: export DISPATCH_DATABASE_URL ?= sqlite:///$(CURDIR)/build/liaoning.db
run: setup ## plan the sample organisation Liaoning in a database, publish the plan, serve the board
	@$(BIN)/dispatch init >/dev/null
	@$(BIN)/dispatch import liaoning >/dev/null
	$(BIN)/dispatch plan --now 2026-09-29T07:30 --seconds 30
	@$(BIN)/dispatch publish draft >/dev/null
	$(BIN)/dispatch serve --open

test: kernels ## run the tests
	$(NPM) test --silent
	$(BIN)/python -m pytest -n auto --dist loadgroup

test-long: kernels ## run the tests that break servers and databases for minutes
	$(BIN)/python -m pytest -n auto -m long

kernels: setup ## compile the search, which otherwise each process of the tests does for itself
	@$(BIN)/python -m tests.kernels

check: setup ## formatting, lint, types, import contracts, dead code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(NPM) run --silent check

format: setup ## format the code and mend what lint can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(NPM) run --silent format

peers: setup ## add what python -m benchmarks compares with
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-benchmarks.lock

lock: ## resolve the lock files anew (needs uv)
	$(LOCK) --extra dev --output-file requirements.lock pyproject.toml
	$(LOCK) --extra dev --extra benchmarks --output-file requirements-benchmarks.lock pyproject.toml
	$(NPM) install --package-lock-only
	@$(BIN)/python -c "$$STRIP" $(BOARD)/package-lock.json

clean: ## throw away .venv and caches
	rm -rf $(BOARD)/node_modules $(BOARD)/dist $(BOARD)/src/common/schema.d.ts
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
