# Every verb of this project; `make help` lists them.
PYTHON ?= python3
VENV := .venv/bin/

.PHONY: help lock
help:  ## List the verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

lock:  ## Resolve the dependencies anew (needs uv) and pin them with hashes
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --extra local --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -o requirements-local.lock
	uv pip compile pyproject.toml --extra local --extra fast --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -o requirements-dev.lock
