# make demo and make test need Python 3.11 or newer, make and a package index; nothing else.

AIRFLOW ?= 3.3.2
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8080

# Each Airflow version has its own virtual environment, tested set of versions and working folder.
ifeq ($(AIRFLOW),3.3.2)
  SUFFIX :=
else
  SUFFIX := -$(AIRFLOW)
endif
VENV := .venv$(SUFFIX)
CONSTRAINTS := constraints$(SUFFIX).txt
BIN := $(CURDIR)/$(VENV)/bin
# Tests beside each other in a file stay together, as some of them share what they need.
PARALLEL := --numprocesses logical --dist worksteal
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --quiet

# These must be covered completely, lines and branches. In the others a branch may depend on how threads, forks and
# sockets meet on a machine.
FULLY_COVERED := validation.py models/* api/*
NEARLY_COVERED := client/* reconcile/* resources/* runs/*

.DEFAULT_GOAL := help
.PHONY: help demo up test check lint types docs coverage bench bench-peers chaos crash browser distributed interop dist clean
.DELETE_ON_ERROR:

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  PYTHON=/path/to/python3.13 VENV=.venv-3.13 runs them on another Python."
	@echo "  AIRFLOW=3.1.8 runs any of them on the oldest supported Airflow (default $(AIRFLOW))."

demo: $(VENV)/installed-run ## Run both example pipelines in real Airflow against a local AEP
	@$(BIN)/python scripts/demo.py .demo$(SUFFIX)

up: $(VENV)/installed-run ## Airflow's UI with the example DAGs and a local AEP (PORT=8080)
	@$(BIN)/python scripts/up.py .up$(SUFFIX) $(PORT)

test: $(VENV)/installed-test ## Run the whole test suite
	$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

check: lint types docs coverage ## What a change must pass: lint, types, docs, tests, coverage

lint: $(VENV)/installed-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-check
	$(BIN)/mypy

docs: $(VENV)/installed-check
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet --fresh-env docs docs/_build/html

coverage: $(VENV)/installed-check
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PARALLEL)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/python scripts/coverage_gate.py 100 $(FULLY_COVERED)
	@$(BIN)/python scripts/coverage_gate.py 99.5 $(NEARLY_COVERED)

bench: $(VENV)/installed-test ## Print the benchmarks
	@test -e benchmarks || { echo "There are no benchmarks yet."; exit 1; }
	@set -e; for script in benchmarks/bench_*.py; do $(BIN)/python "$$script"; done

bench-peers: .venv-peers/installed ## Measure this provider beside those of Airbyte, dbt Cloud, Fivetran, Databricks
	@.venv-peers/bin/python benchmarks/peers/compare.py

chaos: $(VENV)/installed-test ## Provision while a fifth of all requests fails
	@test -e benchmarks/chaos.py || { echo "There is no benchmarks/chaos.py yet."; exit 1; }
	@$(BIN)/python benchmarks/chaos.py

crash: $(VENV)/installed-crash ## Kill Airflow's processes at every point, and count the runs
	@$(BIN)/python -m pytest tests/crash -m crash -q $(ARGS)

browser: $(VENV)/installed-browser ## Click through the page in Airflow's UI in a real browser (needs Chromium)
	@$(BIN)/python scripts/system_packages.py chromium
	@$(BIN)/python -m pytest tests/browser -m browser -q $(ARGS)

distributed: $(VENV)/installed-distributed ## Kill a Celery worker and the triggerer under 20 dataflows (TIMES=10)
	@$(BIN)/python scripts/system_packages.py postgresql redis-server
	@TIMES=$(TIMES) $(BIN)/python -m pytest tests/distributed -m distributed -q $(ARGS)

interop: .venv-interop/installed ## Drive the emulator with aepp, Adobe's community client
	@.venv-interop/bin/python -m pytest tests/emulator/test_aepp.py -q $(ARGS)

dist: .venv-build/installed ## Build sdist and wheel, check them, run the demo from the wheel; publishes nothing
	@.venv-build/bin/python scripts/dist.py $(CONSTRAINTS) .venv-dist dist

clean: ## Remove everything that make made
	rm -rf .venv .venv-* .demo .demo-* .up .up-* docs/_build dist .tests-*.log .coverage .coverage.* .hypothesis
	rm -rf .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is as new as the last install that worked; it is redone when what it was made from has changed.
$(VENV)/installed-run: EXTRAS :=
$(VENV)/installed-test: EXTRAS := [test]
$(VENV)/installed-check: EXTRAS := [test,docs,dev]
$(VENV)/installed-crash: EXTRAS := [test,crash]
$(VENV)/installed-browser: EXTRAS := [test,browser,docs]
$(VENV)/installed-distributed: EXTRAS := [test,crash,distributed]

$(VENV)/installed-%: pyproject.toml $(CONSTRAINTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing Airflow $(AIRFLOW) and this provider into $(VENV) ..."
	@$(PIP) --constraint $(CONSTRAINTS) --editable '.$(EXTRAS)'
	@touch $@

# aepp brings much with it, so it has an environment of its own; the emulator needs no Airflow.
.venv-interop/installed: $(CONSTRAINTS)
	@$(PYTHON) -m venv --clear .venv-interop
	@echo "Installing aepp into .venv-interop ..."
	@.venv-interop/bin/python -m pip --disable-pip-version-check install --quiet --quiet --constraint $(CONSTRAINTS) \
	  aepp==0.6.0 hypothesis jsonpatch jsonschema pydantic pytest requests uvicorn
	@touch $@

.venv-peers/installed: pyproject.toml $(CONSTRAINTS)
	@$(PYTHON) -m venv --clear .venv-peers
	@echo "Installing the other providers into .venv-peers ..."
	@.venv-peers/bin/python -m pip --disable-pip-version-check install --quiet --quiet --constraint $(CONSTRAINTS) \
	  --editable . apache-airflow-providers-airbyte==6.2.0 apache-airflow-providers-dbt-cloud==4.11.1 \
	  apache-airflow-providers-databricks==7.18.0 airflow-provider-fivetran-async==2.4.0
	@touch $@

.venv-build/installed:
	@$(PYTHON) -m venv --clear .venv-build
	@.venv-build/bin/python -m pip --disable-pip-version-check install --quiet --quiet build==1.6.1 twine==7.0.0
	@touch $@
