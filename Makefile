# Everything a fresh machine needs: make demo, make test. Nothing is installed outside $(VENV).

VENV ?= .venv
ARGS ?=
JOBS ?= 2

# Tests, checks and demos start hundreds of processes: each would compile all that it imports.
export PYTHONDONTWRITEBYTECODE :=

bin := $(VENV)/bin
python := $(bin)/python

# The tests of the packages whose coverage is demanded, see pyproject.toml; the others need not run for it.
covering := $(wildcard $(foreach name,consensus journal providers wire,ordinis_rx/$(name) tests/$(name)) tests/hostile \
  $(foreach name,conversation feed interruptions session stream subscriptions taps unconfirmed,\
  ordinis_rx/$(name)*.py tests/test_$(name)*.py) tests/test_display.py)

.PHONY: help demo test test-deep browser screenshots coverage mutants fuzz soak check lint types format bench engines docs clean
.DELETE_ON_ERROR:

help:
	@echo "make demo     a market, three providers on loopback, faults on; no key, no network"
	@echo "make test     all tests, doctests, README and the first notebook"
	@echo "make test-deep  seeded worlds, kills, hostile servers, vendors' clients and all notebooks"
	@echo "make coverage  which branches of feeds, providers, consensus and journal no test takes: none, or it fails"
	@echo "make mutants  the share of small faults that tests notice in wire, consensus and stream; ARGS='wire/backoff' for one module"
	@echo "make fuzz     the decoders under atheris, 10 minutes each; ARGS='--seconds 60 stocks' for less"
	@echo "make soak     the tests that take hours, in full size, and docs/reliability.md of it; ARGS='--seconds 120 --seeds 300'"
	@echo "make browser  the dashboard in Chromium, charts in JupyterLab; make screenshots: the pictures of docs/images, too"
	@echo "make check    lint, format, layers, types (mypy strict, pyright strict)"
	@echo "make bench    speed, as ratios against plain alternatives"
	@echo "make engines  bridges and recipes for trading engines, each in an environment of its own; ARGS='csp' for one"
	@echo "make docs     the documentation, in build/docs"
	@echo "make format   let ruff repair and format"
	@echo "Options: VENV=folder PYTHON=interpreter JOBS=processes ARGS='more arguments'"

demo: $(VENV)/.run
	$(python) -m ordinis_rx demo $(ARGS)

test: $(VENV)/.test
	$(python) -m pytest -n $(JOBS) $(ARGS)

test-deep: $(VENV)/.test
	$(python) -m pytest -n $(JOBS) -m "deep and not soak" $(ARGS)

browser: $(VENV)/.browser
	$(python) -m pytest -m "browser and not soak" tests/browser $(ARGS)

screenshots: $(VENV)/.browser
	ORDINIS_SCREENSHOTS=docs/images $(python) -m pytest -m "browser and not soak" tests/browser -k "readable or jupyterlab" $(ARGS)

coverage: $(VENV)/.coverage
	$(bin)/coverage run -m pytest -q -p no:xdist $(covering) $(ARGS)
	$(bin)/coverage report

mutants: $(VENV)/.mutants
	$(python) -m scripts.mutants $(ARGS)

fuzz: $(VENV)/.fuzz
	$(python) -m tests.hostile.fuzzing $(ARGS)

soak: $(VENV)/.test
	$(python) -m tests.reliability $(ARGS)

check: lint types

lint: $(VENV)/.check
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/lint-imports

types: $(VENV)/.check
	$(bin)/mypy
	$(bin)/pyright --pythonpath $(python)

format: $(VENV)/.check
	$(bin)/ruff check --fix .
	$(bin)/ruff format .

bench: $(VENV)/.bench
	$(python) -m benchmarks $(ARGS)

engines: $(VENV)/.test
	$(python) -m scripts.engines $(ARGS)

docs: $(VENV)/.docs
	$(python) -m sphinx -q -W --keep-going -b html docs build/docs
	@echo "build/docs/index.html"

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp a purpose: installs once, and again when what is asked for changes.
# A stamp of more covers less: after `make test`, `make demo` has all it needs.
wanted := pyproject.toml constraints.txt scripts/install

$(VENV)/.run: $(wanted)
	scripts/install $(VENV)
	@touch $@

$(VENV)/.test $(VENV)/.check $(VENV)/.bench $(VENV)/.docs $(VENV)/.browser $(VENV)/.coverage $(VENV)/.mutants $(VENV)/.fuzz: $(VENV)/.%: $(wanted)
	scripts/install $(VENV) $*
	@touch $@ $(VENV)/.run
