# Every verb of this project; `make help` lists them.
#
#   PYTHON=python3.12   the Python for the environment (3.11 or newer)
#   DEVICES=1000        scales the plant          REPLAY=DIR   adds the devices of a recording
#   BROKERS=3           three brokers of Kafka instead of one; with REPLICAS=2, two of each service that may have more than one
#   PASSWORDS=1         gives Prometheus, Alertmanager and the database passwords (docs/security.md)
#   PLANT_FILE=FILE     another plant than plant.toml
#   SPEED=10            plays the recording ten times as fast
#   WORKERS=4           number of test processes, each with its own broker and database (0: a single process); most of their
#                       time they wait for servers, so four keep two cores busy (`make check`, whose tests compute: 2;
#                       more than five are of no use to it)
PYTHON ?= python3
VENV := .venv/bin/
STACK := $(if $(DEVICES),--devices $(DEVICES)) $(if $(REPLAY),--replay "$(REPLAY)") $(if $(SPEED),--speed $(SPEED)) $(if $(BROKERS),--brokers $(BROKERS)) $(if $(REPLICAS),--replicas $(REPLICAS)) $(if $(filter-out 0,$(PASSWORDS)),--passwords)
WORKERS ?= 4
# Compiled modules are kept: without them every process of a stack compiles its libraries anew, 3 seconds of a processor.
unexport PYTHONDONTWRITEBYTECODE
# Models are trained as services train them: in one thread. Threads of several test processes would wait for each other, spinning.
test test-any-day check: export OMP_NUM_THREADS := 1
# The quick tests in parts, longest first: each is one process, which imports only what its tests use.
CHECKED := check-kernel check-suite check-stacks check-models check-services
export ENERGYTRACK_PLANT_FILE := $(or $(PLANT_FILE),$(ENERGYTRACK_PLANT_FILE))

.PHONY: help demo up down check check-code $(CHECKED) lint-types lint-code lint-generated test test-any-day test-brokers test-compose test-gateways test-kubernetes test-upgrade lint format bench sbom lock stack-environment dev-environment
help:  ## List the verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

demo: stack-environment  ## Start everything and stay; Ctrl-C stops everything (DEVICES=N, REPLAY=DIR, SPEED=X)
	@exec $(VENV)python -m local demo $(STACK)

up: stack-environment  ## The same, but return when everything answers
	@exec $(VENV)python -m local up $(STACK)

down:  ## Stop everything, including the remains of an earlier run
	@if [ -x $(VENV)python ]; then exec $(VENV)python -m local down; else echo "Nothing to stop: the stack has never been started here."; fi

check: WORKERS := 2
check: dev-environment  ## Quick checks for every edit: style, types, imports, quick unit and property tests
	@$(MAKE) --no-print-directory --jobs $(WORKERS) --keep-going --output-sync=target $(CHECKED) check-code

check-code:
	@$(VENV)ruff check .
	@$(VENV)ruff format --check .
	@$(VENV)mypy
	@$(VENV)lint-imports

check-kernel: FOLDERS := tests/unit/energytrack
check-models: FOLDERS := tests/unit/ml tests/unit/simulator
check-stacks: FOLDERS := tests/unit/deploy tests/unit/local tests/unit/tools tests/unit/grafana tests/unit/prometheus
check-suite: FOLDERS := tests/property tests/unit/suite tests/unit/testkit
check-services: FOLDERS := tests/unit/control_api tests/unit/exporters tests/unit/historian tests/unit/centre tests/unit/gateway
$(CHECKED):  # where PYTEST selects tests, a part may have none of them: 5
	@$(VENV)python -m pytest -q -p tests.processor_time $(PYTEST) --hypothesis-profile quick -m "not slow" $(FOLDERS) || [ $$? = 5 ]

test: dev-environment  ## All tests, on real servers (PYTEST="-k words" to select)
	@$(VENV)python -m control_api.web.assets
	@$(VENV)python -m tools.frontend test
	@exec $(VENV)python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST)

test-any-day: dev-environment  ## Tests without servers on other days, at other hours, in other zones, on a busy machine
	@exec $(VENV)python -m tools.any_day

test-compose: dev-environment  ## Test compose.yaml with images built here (root, dockerd, Docker Compose 2, debootstrap)
	@ENERGYTRACK_TRIAL=1 exec $(VENV)python -m pytest -q $(PYTEST) tests/compose

test-brokers: dev-environment  ## Test three brokers, one of which is killed (two minutes)
	@ENERGYTRACK_THREE_BROKERS=1 exec $(VENV)python -m pytest -q $(PYTEST) tests/integration/local/services/test_kafka.py

test-gateways: dev-environment  ## Test the gateway examples with the real Telegraf, which Go builds once (Go, some minutes)
	@ENERGYTRACK_GATEWAYS=1 exec $(VENV)python -m pytest -q $(PYTEST) tests/gateways

test-kubernetes: dev-environment  ## Test Kubernetes' manifests and a real API server, which Go builds once (ENERGYTRACK_CLUSTER=1: a cluster, an hour)
	@ENERGYTRACK_KUBERNETES=1 exec $(VENV)python -m pytest -q $(PYTEST) tests/kubernetes

test-upgrade: dev-environment  ## Test that this release reads all that the last one wrote (git history, some minutes)
	@ENERGYTRACK_UPGRADE=1 exec $(VENV)python -m pytest -q $(PYTEST) tests/upgrade

lint: dev-environment  ## Style, types, imports, YAML, generated files, the operators' page
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target lint-types lint-code lint-generated

lint-types:
	$(VENV)mypy

lint-code:
	$(VENV)ruff check .
	$(VENV)ruff format --check .
	$(VENV)lint-imports
	$(VENV)yamllint --strict .

lint-generated:
	$(VENV)python -m tools.languages --check
	$(VENV)python -m tools.docs --check
	$(VENV)python -m tools.alerts --check
	$(VENV)python -m tools.dashboards --check
	$(VENV)python -m tools.kubernetes --check
	$(VENV)python -m tools.frontend lint
	$(VENV)python -m tools.linters

format: dev-environment  ## Format the code
	$(VENV)ruff format .

bench: dev-environment  ## Measure every stage and the whole pipeline
	@exec $(VENV)python -m bench

sbom: dev-environment  ## List what our image contains, in the standard form CycloneDX (var/sbom)
	@mkdir -p var/sbom
	@$(VENV)python -W ignore::UserWarning -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml --output-reproducible -o var/sbom/energytrack.cdx.json
	@echo var/sbom/energytrack.cdx.json

stack-environment:
	@$(PYTHON) -m local.bootstrap stack

dev-environment:
	@$(PYTHON) -m local.bootstrap dev

# What is tested is what runs: the small sets take their versions from the big one.
COMPILE := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q
lock:  ## Resolve the dependencies again (needs uv) and pin them with hashes
	$(COMPILE) --extra local --extra fast --extra gateway --extra dev -o requirements-dev.lock
	$(COMPILE) --extra local --extra report --extra gateway --constraint requirements-dev.lock -o requirements-local.lock
	$(COMPILE) --extra gateway --constraint requirements-dev.lock -o requirements.lock
