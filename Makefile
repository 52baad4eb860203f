# One command to start: `make test` and `make demo` make their own environment first. `make help` lists the rest.
#
# Everything is installed into folders of this checkout, from locks of hashed requirements; nothing is put on the
# system. PYTHON names the interpreter to build on (3.11 or later), WORKERS how many processes share the tests.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
WORKERS ?= auto
UV := $(or $(shell uv --version >/dev/null 2>&1 && command -v uv),.venv-uv/bin/uv)
BIN := .venv/bin
SOURCES = $(shell find $(dir $(wildcard */__init__.py)) -type f -not -path '*/__pycache__/*')

export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1

.PHONY: bench bench-large checkout help simulate kill planted mutants soak setup format lint types unit unit-postgresql test wheel test-wheel demo lock clean

help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.ready ## make the environment (the other targets do so by themselves)

demo: .venv/.ready ## watch a first night and a second one, on modelled platforms
	$(BIN)/shiqiao demo

test: lint types test-wheel checkout unit-postgresql simulate kill planted ## everything: lint, types, the tests on the built wheel, lives, kills, planted bugs

bench: .venv/.ready ## measure beside the floors, in one run, into bench/RESULTS.md (ONLY=apply: a row alone)
	$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY))

bench-large: .venv/.ready ## the same at 200,000, 1 million and 2 million records: an hour of a quiet machine
	$(BIN)/python -m bench --large $(if $(ONLY),--only $(ONLY))

format: .venv/.ready ## put the code into the house's form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

lint: .venv/.ready ## ruff (all rules), its formatter, the import law
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache --no-logo

types: .venv/.ready ## mypy, strict
	$(BIN)/mypy

unit: .venv/.ready ## the tests on the checkout, while working on it
	$(BIN)/pytest -n $(WORKERS)

OPENING = $(addprefix tests/test_,sync_due.py sync_moved.py sync_reread.py sync_short.py sync_tail.py shiqiao_cli.py \
	shiqiao_merge.py shiqiao_verbs.py)

unit-postgresql: .venv/.ready ## tests that open a store, with every store on a PostgreSQL server (soak: all tests)
	$(BIN)/pytest -n $(WORKERS) --store postgresql $(OPENING)

checkout: .venv/.ready ## the tests that speak of the source tree itself
	$(BIN)/pytest -n $(WORKERS) -m checkout

LIVES ?= 60

simulate: .venv/.ready ## simulated lives of 120 days, every fault, deed and kill at least 30 times (LIVES=60 of them)
	$(BIN)/python -m tests.simulation --seeds $(LIVES) --days 120 --each 30

kill: .venv/.ready ## kill -9 nights, imports, a migration and writers of files at their effects; the next must end as if never killed
	$(BIN)/python -m tests.kill --points 850 --pairs 310
	$(BIN)/python -m tests.kill --database postgresql --points 150 --pairs 20

planted: .venv/.ready ## plant a few bugs; each must be caught
	$(BIN)/python -m tests.planted --first 4

mutants: .venv/.ready ## change ledger, mapping, match and plan by one sign at a time; the tests must notice (an hour)
	$(BIN)/python -m tests.mutation

soak: .venv/.ready ## the long form of what `test` does in short: for nights and weekends
	$(BIN)/python -m tests.planted
	$(BIN)/python -m tests.mutation
	$(BIN)/pytest -n $(WORKERS) --store postgresql --timeout 1800
	$(BIN)/python -m tests.kill --pairs 3000
	$(BIN)/python -m tests.kill --database postgresql --pairs 300
	SOAK=1 $(BIN)/pytest -n $(WORKERS) tests/test_flow_store_lost.py tests/machines --timeout 7200
	POSTGRESQL=18 $(BIN)/pytest -n $(WORKERS) tests/local_store tests/test_flow_databases.py -k 'not sqlite'
	$(BIN)/python -m tests.fuzz --runs 200000
	$(BIN)/python -m tests.fuzz --guided --runs 200000
	$(BIN)/python -m tests.simulation --seeds 1000 --first 10001 --days 120 --each 300
	$(BIN)/python -m tests.simulation --seeds 100 --days 120 --operators

wheel: dist/.built ## build the wheel into dist/

# Tens of thousands of drawn steps and spoilt answers; to trace them would take as long again and show nothing new.
CAMPAIGNS = tests/machines tests/wire_faults tests/fuzz tests/test_adapters_mangled.py

test-wheel: build/wheel/.ready ## the tests on the installed wheel, out of the checkout, with the coverage gate
	rm -rf build/wheel/run && mkdir build/wheel/run
	cp -R tests bench pyproject.toml build/wheel/run/
	cd build/wheel/run && ../venv/bin/pytest -n $(WORKERS) -m 'not checkout' $(CAMPAIGNS:%=--ignore=%) --cov --cov-report=term -p no:cacheprovider
	cd build/wheel/run && ../venv/bin/pytest -n $(WORKERS) $(CAMPAIGNS) -p no:cacheprovider

lock: $(UV) ## renew the locks from pyproject.toml (UPGRADE=--upgrade takes newer releases)
	$(UV) pip compile -q $(COMPILE) pyproject.toml -o requirements.txt
	$(UV) pip compile -q $(COMPILE) pyproject.toml --group dev -o requirements-dev.txt
	echo uv | $(UV) pip compile -q $(COMPILE) --no-annotate - -o requirements-uv.txt

COMPILE = --universal --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' $(UPGRADE)

clean: ## remove all that make made
	rm -rf .venv .venv-uv build dist demo .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis

# uv, where the machine has none: into a folder of its own. Made without ensurepip, which some systems leave out.
.venv-uv/bin/uv: requirements-uv.txt
	$(PYTHON) -m venv --without-pip --clear .venv-uv
	$(PYTHON) -m pip --python .venv-uv/bin/python install -q --disable-pip-version-check --require-hashes -r $<
	touch $@

.venv/bin/python: | $(UV)
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("Python 3.11 or later is needed: make PYTHON=... names it")'
	$(UV) venv -q --python "$$(command -v $(PYTHON))" .venv

.venv/.ready: requirements-dev.txt pyproject.toml Makefile | .venv/bin/python $(UV)
	$(UV) pip sync -q --python .venv/bin/python --require-hashes requirements-dev.txt
	$(UV) pip install -q --python .venv/bin/python --no-deps --no-build-isolation --editable .
	touch $@

dist/.built: .venv/.ready README.md LICENSE $(SOURCES)
	rm -rf dist
	$(BIN)/python -m hatchling build -t wheel -d dist
	touch $@

build/wheel/.ready: dist/.built
	rm -rf build/wheel
	$(UV) venv -q --python .venv/bin/python build/wheel/venv
	$(UV) pip sync -q --python build/wheel/venv/bin/python --require-hashes requirements-dev.txt
	$(UV) pip install -q --python build/wheel/venv/bin/python --no-deps dist/*.whl
	touch $@
