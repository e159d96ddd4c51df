VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# A report is opened only where there is a screen to show it on.
OPEN := $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)),--open)

.DEFAULT_GOAL := help
.PHONY: help demo test check format lock bench clean

help:  ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "%-8s %s\n", $$1, $$2}'

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)  ## Make a market of 2,000 firms, decide on it, show the report
	rm -rf demo
	$(BIN)/tradeline world --enterprises 2000 --seed 1 --out demo/market
	$(BIN)/tradeline assess demo/market --as-of 2024-12-31 --budget 100000000 --out demo/results $(OPEN)

test: $(READY)  ## Run all tests
	$(BIN)/python -m pytest --durations=10 --durations-min=1

check: $(READY)  ## Format, lint, types, import directions, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell tradeline tests docs examples *.md

format: $(READY)  ## Format and mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:  ## Pin every requirement by version and hash (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command 'make lock' -o requirements/base.txt pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command 'make lock' -o requirements/dev.txt pyproject.toml requirements/dev.in

clean:  ## Remove the virtual environment and what the demo made
	rm -rf $(VENV) demo
