# `make demo` and `make test` set themselves up: git, make, Python >= 3.11 and the package registry are all they need.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 5000

RUN_READY := .venv/.ready-to-run
TEST_READY := .venv/.ready-to-test

# Python's compiled files save a second with every ansible-playbook.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test bench faults lint sanity emulator pins build clean

help: ## these lines
	@sed -n 's/^\([a-z]*\):.*## /  make \1: /p' $(MAKEFILE_LIST)

$(RUN_READY): requirements/uv.txt requirements/runtime.txt requirements/emulator.txt scripts/setup scripts/find_python
	scripts/setup runtime emulator
	@touch $@

$(TEST_READY): $(RUN_READY) requirements/test.txt requirements/constraints.txt requirements/ministack.txt requirements/ministack-constraints.txt
	scripts/setup test ministack
	@touch $@

setup: $(TEST_READY) ## a .venv with everything, the collection linked into it

demo: $(RUN_READY) ## three nodes through resume, pause, resume and replace in the embedded AWS
	@.venv/bin/python -m demo

emulator: $(RUN_READY) ## the embedded AWS in the foreground (PORT=5000)
	@scripts/emulator $(PORT)

test: $(TEST_READY) ## every check, the fast ones first
	@scripts/lint
	@scripts/sanity
	@scripts/test

bench: $(TEST_READY) ## speed and cost beside amazon.aws modules and bare calls, into docs/bench (2 hours; BENCH="--sizes 1,10 --repeats 1")
	@.venv/bin/python -m tests.bench $(BENCH)

faults: $(TEST_READY) ## every operation cut off at every call in every way, races, load, defects put back (15 minutes)
	@.venv/bin/python -m tests.faults
	@.venv/bin/python -m tests.faults.machine --examples 200
	@.venv/bin/python -m tests.faults.put_back
	@.venv/bin/python -m tests.faults.load

lint: $(TEST_READY) ## style, types, layers, YAML, roles and playbooks
	@scripts/lint

sanity: $(TEST_READY) ## ansible-test sanity on a copy of the checkout
	@scripts/sanity

build: $(TEST_READY) ## the collection's tarball, in build/
	@.venv/bin/ansible-galaxy collection build --force --output-path build

pins: $(TEST_READY) ## work out requirements/*constraints.txt anew
	@scripts/pins

clean: ## remove what was set up, built or cached
	rm -rf .venv build .ansible .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
