# What people type. Each target sets up what it needs, and is quick the second time.

PORT ?= 8000
TESTS ?= tests
PYTEST_ARGUMENTS ?=
BENCH_ARGUMENTS ?=
KILLS ?= 100
CUT ?= 30
SEED ?= 1

python := .venv/bin/python
run := .venv/.ready-to-run
dev := .venv/.ready-to-develop

MAKEFLAGS += --no-print-directory
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help demo test check faults bench screenshots widget locales pins format clean chromium

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS='	' read -r name what; do \
		printf '  make %-12s %s\n' "$$name" "$$what"; done

demo: $(run) ## a lively site on http://127.0.0.1:8000/ (PORT=… changes the port)
	@exec $(python) -m belowline demo --port $(PORT)

test: $(dev) chromium ## every test, those in a browser included (TESTS=… runs some)
	@$(python) -m pytest --numprocesses auto --maxprocesses 4 $(PYTEST_ARGUMENTS) $(TESTS)

check: $(dev) static test ## what CI runs: format, lint, types, import rules, freshness, then the tests

faults: $(dev) ## what breaks, broken on purpose: 100 kills on each database (KILLS=…, SEED=…)
	@KILLS=$(KILLS) CUT=$(CUT) SEED=$(SEED) $(python) -m pytest --capture=no $(PYTEST_ARGUMENTS) tests/faults tests/nodes

.PHONY: static
static: $(dev)
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy
	.venv/bin/lint-imports
	$(python) tools/pins.py --check
	$(python) hatch_build.py

bench: $(dev) ## the benchmarks beside the rivals (NAME=read|live|write|scale|widget runs one)
	@$(python) -m bench $(NAME) $(BENCH_ARGUMENTS)

screenshots: $(dev) chromium ## the documents' pictures, taken anew from the running program
	$(python) -m tools.screenshots

widget: ## the browser's scripts and style sheets, built from widget/src (needs Node 20)
	cd widget && npm ci --silent && npm run --silent types && npm run --silent build

locales: $(dev) ## the sentences to translate, collected anew
	@$(python) -m tools.locales

pins: $(dev) ## the pinned requirement files, made anew from pyproject.toml
	$(python) tools/pins.py

format: $(dev) ## the Python code, formatted
	$(python) -m ruff format .
	$(python) -m ruff check --fix .

clean: ## away with what the tools made
	rm -rf .venv dist widget/node_modules .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests tools -name __pycache__ -type d -exec rm -rf {} +

chromium: $(dev)
	@$(python) -m tests.support.chromium

$(run): pyproject.toml hatch_build.py requirements/run.txt requirements/build.txt tools/environment.sh
	@tools/environment.sh run
	@touch $@

$(dev): pyproject.toml hatch_build.py requirements/dev.txt tools/environment.sh
	@tools/environment.sh dev
	@touch $@ $(run)
