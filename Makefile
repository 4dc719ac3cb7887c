# Short names for the commands of the project. `cat help` explains them all.
# DEPLOYMENT and ENVIRONMENT_SUFFIX choose what is meant; cdktf.json says what it is without them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON311 ?= python3.11
PIPENV_VERSION := 2026.10.3
PIPENV := .tools/pipenv/bin/pipenv
PIPENV_INSTALLED := .tools/pipenv/.installed-$(PIPENV_VERSION)
PYTHON := .venv/bin/python
LIFEBOAT := $(PYTHON) -m lifeboat
ROOMS := main.py deployments stacks constructs_lib functions lifeboat tests

# Everything is installed into this folder, and nothing outside of it is touched.
export PIPENV_VENV_IN_PROJECT := 1
export PIPENV_VERBOSITY := -1
export CHECKPOINT_DISABLE := 1
export DEPLOYMENT ENVIRONMENT_SUFFIX

# jsii greets these end-of-life majors of Node with a banner of twelve lines.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 18,20

# Terraform warns at every call about a configuration file that does not exist.
ifneq ($(TF_CLI_CONFIG_FILE),)
ifeq ($(wildcard $(TF_CLI_CONFIG_FILE)),)
unexport TF_CLI_CONFIG_FILE
endif
endif

.PHONY: help setup synth test local deploy verify bench check lock snapshots mutate destroy down clean drill runbooks

help:
	@cat help

# Set-up -----------------------------------------------------------------------------------------------------------

setup: .venv/.installed node_modules/.installed

$(PIPENV_INSTALLED):
	@command -v $(PYTHON311) >/dev/null || { echo "error: $(PYTHON311) is not on the PATH: install Python 3.11, or say where it is: make setup PYTHON311=/path/to/python" >&2; exit 1; }
	$(PYTHON311) -m venv .tools/pipenv
	.tools/pipenv/bin/pip install --quiet --disable-pip-version-check pipenv==$(PIPENV_VERSION)
	@touch $@

.venv/.installed: Pipfile.lock $(PIPENV_INSTALLED)
	$(PIPENV) sync --dev --python $(PYTHON311)
	@touch $@

node_modules/.installed: package.json package-lock.json
	@command -v npm >/dev/null || { echo "error: npm is not on the PATH: install Node 20 or newer (https://nodejs.org)" >&2; exit 1; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Build and test ---------------------------------------------------------------------------------------------------

synth: setup
	node_modules/.bin/cdktf synth

test: setup
	$(PYTHON) -m pytest --cov --cov-report=term --cov-fail-under=95 --numprocesses=auto --maxprocesses=4 --dist=loadfile

check: setup
	.venv/bin/ruff format --check $(ROOMS)
	.venv/bin/ruff check $(ROOMS)
	.venv/bin/mypy --strict $(ROOMS)

bench: setup
	$(PYTHON) -m tests.bench.growth
	$(PYTHON) -m tests.bench

mutate: setup
	$(PYTHON) -m tests.mutation

snapshots: setup
	$(PYTHON) -m pytest tests/unit --snapshot-update
	$(LIFEBOAT) schema --output docs/deployment.schema.json
	$(LIFEBOAT) schema --of report --output docs/report.schema.json
	$(PYTHON) -m lifeboat.failover.docs

lock: $(PIPENV_INSTALLED)
	$(PIPENV) lock --python $(PYTHON311)
	$(PYTHON311) bin/strip-lock

# The embedded AWS -------------------------------------------------------------------------------------------------

local: setup
	@$(LIFEBOAT) local up
	@$(LIFEBOAT) local deploy
	@$(LIFEBOAT) local verify
	@$(LIFEBOAT) local status

deploy: setup
	@$(LIFEBOAT) local deploy

verify: setup
	@$(LIFEBOAT) local verify

destroy: setup
	@$(LIFEBOAT) local destroy

down: setup
	@$(LIFEBOAT) local down

drill: setup
	@$(LIFEBOAT) drill $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(EVIDENCE),--evidence $(EVIDENCE))

runbooks: setup
	@$(LIFEBOAT) runbooks

clean:
	@if [ -x $(PYTHON) ]; then $(LIFEBOAT) local down; fi
	rm -rf cdktf.out .build .lifeboat .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
