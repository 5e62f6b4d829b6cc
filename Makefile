# What there is to do here, each with one word. Every target first makes or updates the environment it runs in.
#
#   make demo PORT=8001                     another port
#   make test PYTHON=python3.13             another Python (its environment is made anew where it is of another one)
#   make oracle REQUESTS=100000 SEED=7      more, or the same again
#   make test VENV=.venv-3.13 PYTHON=python3.13    the same, beside the usual environment

VENV ?= .venv
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for each in python3 python3.13 python3.12 python3.11 python; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$each" && break; done)
else
EXACT := --exact
endif
RUN := $(VENV)/bin/python

# For `make oracle`: how many requests are drawn, and from which seed.
REQUESTS ?= 20000
SEED ?= $(shell date +%s)

.DEFAULT_GOAL := help
.PHONY: help environment guests-environment demo test test-system conformance guests instrumented oracle bench docs format clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

environment:  ## make or update the environment in .venv; the other targets do it first
	@test -n "$(PYTHON)" || { echo "Martlet needs Python 3.11 or newer and found none. Install it, or say where it is:" \
		"make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) scripts/environment $(EXACT) $(ALSO) $(VENV)

demo: environment  ## serve the bookshop of examples/bookshop until Ctrl-C
	@PYTHONPATH=examples exec $(RUN) -m bookshop

test: environment guests-environment  ## check everything: format, lint, types, floors, shape, tests and coverage
	@$(RUN) scripts/check

test-system: environment guests-environment  ## run real servers, a browser, a redis (needs wrk, nginx, postgresql, chromium, redis-server)
	@$(RUN) -m pytest tests/system tests/browser -m "system or browser" -q -s
	@command -v redis-server >/dev/null || { echo "redis-server is not there: apt-get install redis-server"; exit 1; }
	@$(VENV)-guests/bin/python -m pytest tests/guests/test_redis_om.py -q

conformance: environment  ## run the published tests of FastAPI and Starlette against Martlet
	@$(RUN) -m conformance
	@$(RUN) -m conformance.examples --served 40

guests-environment:
	@$(MAKE) --no-print-directory environment VENV=$(VENV)-guests ALSO="--group guests"

guests: guests-environment  ## run libraries of others that say `fastapi`, such as sqladmin, on Martlet
	@$(VENV)-guests/bin/python -m pytest tests/guests -q

instrumented: guests-environment  ## measure what Sentry, OpenTelemetry and Logfire leave of the speed
	@$(VENV)-guests/bin/python -m bench.instrumented

oracle: environment  ## draw apps and requests, and compare the answers with genuine FastAPI's
	@$(RUN) -m tests.oracle --requests $(REQUESTS) --seed $(SEED)

bench:  ## measure, side by side with FastAPI and with what else there is (wrk; node and npm for Fastify)
	@$(MAKE) --no-print-directory environment ALSO="--group dev --group bench"
	@test -x .venv-robyn/bin/python || { $(PYTHON) -m venv .venv-robyn && .venv-robyn/bin/pip install --quiet robyn pydantic; }
	@! command -v npm >/dev/null || test -d bench/apps/fastify/node_modules || npm install --no-audit --no-fund --prefix bench/apps/fastify
	@$(RUN) -m bench
	@$(RUN) -m bench.startup

docs:  ## build the documentation as a site, in site/
	@$(MAKE) --no-print-directory environment ALSO="--group dev --group docs"
	@$(VENV)/bin/zensical build --clean --strict

format: environment  ## bring the code into its form, and mend what can be mended
	@$(RUN) -m ruff check --fix-only --exit-zero .
	@$(RUN) -m ruff format .

clean:  ## remove the environment and everything that was made
	rm -rf .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build .coverage*
	rm -rf src/martlet/_assets*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
