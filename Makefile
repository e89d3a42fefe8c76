# `make demo` and `make test` need nothing but Python 3.11 or later: each makes its own environment, once.

PYTHON ?= python3
DEMO := demo/montbrio
DEMO_ENV := .venv
TEST_ENV := .venv-test
TEST := $(CURDIR)/$(TEST_ENV)/bin
# Two are enough: the kernels have threads of their own.
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test tests test-slow lint types installed generated golden clean python

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "make %-11s %s\n", $$1, $$2}'

demo: $(DEMO_ENV)/installed ## Sweep a whole-brain model over a human connectome and draw the picture
	@mkdir -p demo
	$(DEMO_ENV)/bin/rateloom sweep montbrio --connectome tvb76 --sweep G=0:4:21 --sweep eta=-5.5:-3.5:21 \
	    --set tau=10 --set nsig=0.05 --initial r=0.01 --initial V=-2 --duration 2000 --keep averages --out $(DEMO).zarr --plot $(DEMO).png --overwrite
	@echo
	@echo "The picture of the sweep:         $(CURDIR)/$(DEMO).png"
	@echo "Time series across the grid:      $(CURDIR)/$(DEMO)_series.png"

# types are checked beside the tests: both take one of two processors for most of the time
test: installed ## Lint, check types and run the tests (minutes)
	@$(MAKE) --no-print-directory --jobs=2 --assume-old=installed lint types tests

tests: installed
	$(TEST)/python -m pytest -n $(WORKERS) --dist worksteal

test-slow: $(TEST_ENV)/installed ## Run the exhaustive part of the tests
	$(TEST)/python -m pytest -n $(WORKERS) --dist worksteal -m slow

# import-linter and mypy do not see through the mapping of folders to packages: they look at an ordinary install.
installed: $(TEST_ENV)/installed
	@rm -rf build $(TEST_ENV)/typed
	@$(TEST)/python -m pip install --quiet --no-deps --no-build-isolation --target $(TEST_ENV)/typed .
	@rm -rf build

lint: installed
	$(TEST)/ruff check .
	$(TEST)/ruff format --check .
	cd $(TEST_ENV)/typed && $(TEST)/lint-imports --no-cache --no-logo $(CURDIR)/pyproject.toml

types: installed
	cd $(TEST_ENV)/typed && $(TEST)/mypy --strict --config-file $(CURDIR)/pyproject.toml \
	    --cache-dir $(CURDIR)/.mypy_cache -p rateloom

generated: $(TEST_ENV)/installed ## Write the kernels and drivers of all shipped models again
	$(TEST)/python -m rateloom.generator.targets.support_files rateloom/kernels
	$(TEST)/rateloom generate --all --out generated

golden: $(TEST_ENV)/installed ## Write the golden results of the regression tests again
	$(TEST)/python tests/regression/golden.py

clean: ## Remove what was made: environments, results and caches
	rm -rf $(DEMO_ENV) $(TEST_ENV) demo build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "rateloom needs Python 3.11 or later; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }

$(DEMO_ENV)/installed: pyproject.toml | python
	$(PYTHON) -m venv $(DEMO_ENV)
	$(DEMO_ENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[data]"
	@touch $@

$(TEST_ENV)/installed: pyproject.toml | python
	$(PYTHON) -m venv $(TEST_ENV)
	$(TEST_ENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[test,dev,data,compile]"
	@touch $@
