# `make` alone lists what there is. Python 3.11+ and make are all that must be there before.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m
TOOLS := .tools
UV := $(TOOLS)/bin/uv

.DEFAULT_GOAL := help
.PHONY: help install demo up down test lint format bench contracts examples messages screenshots faults kube history

help:  ## list the recipes
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# uv comes into a folder of its own, so that it never removes itself when it syncs. The same
# version as in deploy/Dockerfile.
$(UV):
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/pip install --quiet 'uv==0.13.9'

$(VENV)/.installed: $(UV) uv.lock pyproject.toml
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(UV) sync --quiet --frozen --all-extras --python $(PYTHON)
	@touch $@

install: $(VENV)/.installed  ## install everything into .venv, as the lock says

demo: install  ## start all, publish the whole history, show what is; make demo PORTS="mail=8225 kafka=0"
	@$(RUN) cli.main demo $(PORTS:%=--port %)

up: install  ## bring the embedded lane up and keep it until Ctrl-C; PORTS as for demo
	@$(RUN) cli.main up $(PORTS:%=--port %)

down: install  ## stop the embedded lane; the data stays
	@$(RUN) cli.main down

test: install  ## run all tests: on containers where Docker answers, else on the embedded lane
	@$(RUN) pytest

lint: install  ## check style, types and the borders between the rooms
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) mypy
	@$(VENV)/bin/lint-imports --verbose >/dev/null || $(VENV)/bin/lint-imports

format: install  ## put the code in order
	@$(RUN) ruff check --fix .
	@$(RUN) ruff format .

bench: install  ## measure against what the parts allow; make bench ONLY="engine http", BACKLOG=1
	@$(RUN) tests.benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(BACKLOG),--backlog)

contracts: install  ## generate docs/contracts and say what changed since the release (RELEASE=1: release)
	@$(RUN) cli.contracts $(if $(RELEASE),--release)

# CKJS_LINKING: its librdkafka is compiled where no ready one can be had, with this machine's OpenSSL.
examples: install  ## run the examples for other systems, with all their tools (needs Go, Maven, npm)
	@cd examples/typescript && CKJS_LINKING=dynamic npm ci --silent
	@cd examples/webhook && npm ci --silent
	@REQUIRE_TOOLS="curl go mvn npm node" $(RUN) pytest tests/e2e/test_examples.py tests/e2e/test_webhooks.py

messages: install  ## collect what people read into the catalogues of all languages
	@$(RUN) cli.messages

screenshots: install  ## make the pictures in docs/pages anew (needs Debian's chromium)
	@COALITION_TEST_SCREENSHOTS=docs/pages $(RUN) pytest -q tests/e2e/test_page_in_a_browser.py tests/e2e/test_previews_in_a_browser.py

# Prometheus' own judge of alerts, without the discoveries that it never needs.
$(TOOLS)/bin/promtool:
	@GOBIN=$(CURDIR)/$(TOOLS)/bin CGO_ENABLED=0 go install -trimpath -ldflags '-s -w' \
	  -tags remove_all_sd github.com/prometheus/prometheus/cmd/promtool@v0.316.0

faults: install $(TOOLS)/bin/promtool  ## break things under load on containers; nothing may be lost (40 minutes; Go)
	@COALITION_REQUIRE_DOCKER=1 REQUIRE_TOOLS=promtool WRITE_TABLE=1 $(RUN) pytest -m faults tests/faults

kube: install  ## install, scale, upgrade and break the chart on the cluster of KUBECONFIG (20 minutes)
	@$(RUN) pytest -m kube tests/kube

history: install  ## make data/history from a folder of facts: make history FACTS=...
	@$(RUN) data.make_history $(FACTS)
