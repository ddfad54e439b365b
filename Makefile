# `make demo`, `make test` and `make test-all` set themselves up: git, make, Python >= 3.11 and the package registry are all they need.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 5000

RUN_READY := .venv/.ready-to-run
TEST_READY := .venv/.ready-to-test
ALL_READY := .venv/.ready-to-test-all
MATRIX_READY := .venv/.ready-for-matrix

# Python's compiled files save a second with every ansible-playbook.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test test-all bench eda faults iam matrix molecule lint sanity docs emulator pins changelog build clean

help: ## these lines
	@sed -n 's/^\([a-z-]*\):.*## /  make \1: /p' $(MAKEFILE_LIST)

$(RUN_READY): requirements/uv.txt requirements/runtime.txt requirements/emulator.txt scripts/setup scripts/find_python
	scripts/setup runtime emulator
	@touch $@

$(TEST_READY): $(RUN_READY) requirements/test.txt requirements/constraints.txt
	scripts/setup test
	@touch $@

$(ALL_READY): $(TEST_READY) $(foreach set,ministack galaxy,requirements/$(set).txt requirements/$(set)-constraints.txt)
	scripts/setup ministack galaxy
	@touch $@

$(MATRIX_READY): $(ALL_READY) requirements/nox.txt requirements/nox-constraints.txt
	scripts/setup nox
	@touch $@

setup: $(ALL_READY) ## a .venv with everything, the collection linked into it

demo: $(RUN_READY) ## three nodes through resume, pause, resume and replace in the embedded AWS
	@.venv/bin/python -m demo

emulator: $(RUN_READY) ## the embedded AWS in the foreground, with a playground in it (PORT=5000)
	@scripts/emulator $(PORT)

test: $(TEST_READY) ## the linters, sanity and the tests that a change needs (10 minutes on two cores)
	@.venv/bin/python scripts/side_by_side.py scripts/lint scripts/sanity
	@scripts/test --quick

test-all: test $(ALL_READY) ## make test, then what it leaves out for its time: pages, rulebook, thorough tests (45 minutes together)
	@.venv/bin/python scripts/side_by_side.py scripts/docs scripts/eda
	@scripts/test --thorough

bench: $(TEST_READY) ## speed, cost and interruptions, beside amazon.aws modules and bare calls, into docs/bench (80 minutes; BENCH="--sizes 1,10 --repeats 1")
	@.venv/bin/python -m tests.bench $(BENCH)

eda: $(TEST_READY) ## the rulebook in Event-Driven Ansible (Python >= 3.12 and Java >= 17)
	@scripts/eda

faults: $(TEST_READY) ## every operation cut off at every call in every way, races, load, seeded defects (15 minutes)
	@.venv/bin/python -m tests.faults
	@.venv/bin/python -m tests.faults.machine --examples 200
	@.venv/bin/python -m tests.faults.seeded_defects
	@.venv/bin/python -m tests.faults.load

iam: $(TEST_READY) ## every permission of every policy taken away, not each in one policy only
	@STATEFUL_NODE_EACH_REFUSAL=1 scripts/test tests/permissions

matrix: $(MATRIX_READY) ## sanity and the modules' tests on ansible-core 2.17 to 2.21, Python 3.10 to 3.13 (CELL=2.17: one)
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/nox/bin/nox --non-interactive $(if $(CELL),--session "cell($(CELL))")

molecule: $(TEST_READY) ## the scenarios in extensions/molecule, each with an embedded AWS of its own
	@scripts/molecule test --all

docs: $(TEST_READY) ## the pages, in build/docs/html; a warning is an error
	@scripts/docs

lint: $(TEST_READY) ## style, types, layers, YAML, roles and playbooks
	@scripts/lint

sanity: $(TEST_READY) ## ansible-test sanity on a copy of the checkout
	@scripts/sanity

changelog: $(TEST_READY) ## CHANGELOG.rst with the fragments that are new, for the version of galaxy.yml
	@PATH="$(CURDIR)/.venv/bin:$$PATH" antsibull-changelog release --version "$$(sed -n 's/^version: //p' galaxy.yml)" --update-existing --reload-plugins

build: $(TEST_READY) ## the collection's tarball, in build/
	@.venv/bin/ansible-galaxy collection build --force --output-path build

pins: $(TEST_READY) ## work out requirements/*constraints.txt anew
	@scripts/pins

clean: ## remove what was set up, built or cached
	rm -rf .venv .nox build .ansible .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
