# Everything a person needs to try, run and check the product. "make help" lists it.
# Each target sets up what it needs first, which takes a moment when that is done already.

PYTHON := .venv/bin/python
FLASK := .venv/bin/flask --app wsgi
PORT ?= 8410
# More words for pytest, for example: make test ARGS="tests/kit -x"
ARGS ?= tests
UV ?= uv
PACKAGES := $(wildcard app stripesim stampsim demo)
COMPILE := $(UV) pip compile pyproject.toml --extra demo --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help bootstrap tools demo run worker test sure format format-check lint types imports \
	contract migrations docs-check lock bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

bootstrap: ## Set up what the demo and the server need
	@scripts/bootstrap demo

tools:
	@scripts/bootstrap test

demo: bootstrap ## Play the whole story and keep serving; EXIT=1 ends after the story
	@EXIT=$(EXIT) $(PYTHON) -m demo

run: bootstrap ## Serve the app on 127.0.0.1 for development (PORT=8410)
	$(FLASK) run --host 127.0.0.1 --port $(PORT)

worker: bootstrap ## Work off the jobs
	$(FLASK) jobs work

test: tools ## Run the tests; ARGS="tests/kit -x" narrows them
	$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

sure: format-check lint types imports migrations docs-check test ## Check everything that CI checks
	@echo "sure: all checks passed"

format: tools ## Lay out the code and sort its imports
	$(PYTHON) -m ruff check --select I --fix .
	$(PYTHON) -m ruff format .

format-check: tools ## Check the layout of the code
	$(PYTHON) -m ruff format --check .

lint: tools ## Look for mistakes that tools can see
	$(PYTHON) -m ruff check .

types: tools ## Check the types
	$(PYTHON) -m mypy $(PACKAGES)

imports: tools ## Check that rooms import downwards only
	.venv/bin/lint-imports

contract: tools ## Check the rules of the house only, which "test" checks as well
	$(PYTHON) -m pytest -n 2 --dist loadfile tests/contract

migrations: tools ## Check that migrations and models say the same
	$(FLASK) database check

docs-check: tools ## Check links, settings and targets that the documentation names
	$(PYTHON) scripts/check_docs.py
	$(PYTHON) scripts/error_table.py --check
	PYTHONPATH=. $(PYTHON) scripts/export_schema.py

lock: ## Compile the locks anew from pyproject.toml (needs uv)
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --group dev --output-file requirements-dev.lock

bench: tools ## Measure speed and memory
	$(PYTHON) -m bench

clean: ## Delete what tools and the demo left behind; data and the virtual environment stay
	rm -rf demo-output test-output htmlcov .coverage .coverage.* .pytest_cache .mypy_cache \
		.ruff_cache .import_linter_cache .hypothesis
	find app tests $(filter-out app,$(PACKAGES)) -name __pycache__ -prune -exec rm -rf {} +
