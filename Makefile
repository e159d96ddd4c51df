VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# What benchmarks compare with, in an environment of its own.
PEERS := .venv-peers
# What `make soak` tries for long.
SOAKED := $(addprefix tests/lending/,ledger loan lines participation servicing end_of_day book_days)
# A report is opened only where there is a screen to show it on.
OPEN := $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)),--open)

.DEFAULT_GOAL := help
.PHONY: help demo test test-long check format lock bench bench-data bench-market soak clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "%-13s %s\n", $$1, $$2}'

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)  ## Make a market of 2,000 firms, decide on it, show the report
	rm -rf demo
	$(BIN)/tradeline world --enterprises 2000 --seed 1 --out demo/market
	$(BIN)/tradeline assess demo/market --as-of 2024-12-31 --budget 100000000 --out demo/results $(OPEN)

test: $(READY)  ## Run the tests (a quarter of an hour)
	$(BIN)/python -m pytest -n logical --dist loadfile --durations=10 --durations-min=1 -m "not long"

test-long: $(READY)  ## Run those that search, kill and measure whole processes, too
	$(BIN)/python -m pytest -n logical --dist load --durations=10 --durations-min=1 -m long

check: $(READY)  ## Format, lint, types, import directions, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell tradeline tests docs examples *.md

format: $(READY)  ## Format and mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## Measure time, memory and profit beside peers (about seven minutes)
	$(BIN)/python -m benchmarks.one_firm
	$(BIN)/python -m benchmarks.end_to_end
	$(BIN)/python -m benchmarks.binning --rows 1250000
	$(BIN)/python -m benchmarks.scoring_rate
	$(BIN)/python -m benchmarks.policy_rate
	$(BIN)/python -m benchmarks.allocation
	$(BIN)/python -m benchmarks.portfolio
	$(BIN)/python -m benchmarks.ledger_posting
	$(BIN)/python -m benchmarks.loan_schedules
	$(BIN)/python -m benchmarks.end_of_day --loans 100000 --distinct 1000 --sample 300
	$(BIN)/python -m benchmarks.provisions
	$(BIN)/python -m benchmarks.ledger_restart --postings 100000

bench-data: $(READY) $(PEERS)/.ready  ## Measure the data chain at 20 million lines beside peers (an hour)
	$(BIN)/python -m benchmarks.feature_job --merchants 10000 --lines 1000000
	$(BIN)/python -m benchmarks.feature_job --merchants 50000 --lines 5000000
	$(BIN)/python -m benchmarks.feature_job
	$(BIN)/python -m benchmarks.kernel_hot_path
	$(BIN)/python -m benchmarks.one_day
	$(BIN)/python -m benchmarks.as_of_retrieval
	$(BIN)/python -m benchmarks.one_file
	$(BIN)/python -m benchmarks.quality_scan
	$(BIN)/python -m benchmarks.identifiers
	$(BIN)/python -m benchmarks.names
	$(BIN)/python -m benchmarks.linkage
	$(BIN)/python -m benchmarks.linkage --records 1000000
	$(BIN)/python -m benchmarks.linkage_increment

$(PEERS)/.ready: requirements/peers.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/peers.txt
	@touch $@

bench-market: $(READY)  ## Study calibration on 20 simulated markets, twice (hours; goes on if stopped)
	$(BIN)/python -m benchmarks.market_calibration --records bench/seen.jsonl
	$(BIN)/python -m benchmarks.market_calibration --unseen-sector-shock --records bench/unseen.jsonl

soak: $(READY)  ## Try loans, ledger and days for hours: 100,000 loans, 10,000 lives, kills, flipped bits
	$(BIN)/python -m benchmarks.loan_schedules --loans 100000
	TRADELINE_EXAMPLES=400 TRADELINE_LIVES=10000 TRADELINE_KILLS=1000 TRADELINE_FLIPS=1000 \
	    TRADELINE_PAGES=100 TRADELINE_ROUNDS=100 TRADELINE_SEEDS=5000 $(BIN)/python -m pytest -s $(SOAKED)
	$(BIN)/python -m benchmarks.ledger_posting --hot 0.5
	$(BIN)/python -m benchmarks.ledger_restart --postings 10000000

lock:  ## Pin every requirement by version and hash (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command 'make lock' -o requirements/base.txt pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command 'make lock' -o requirements/dev.txt pyproject.toml \
	    --extra platform --extra cluster --extra fast --extra linkage --extra pdf --extra boost --extra glass-box requirements/dev.in
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command 'make lock' -o requirements/peers.txt requirements/peers.in

clean:  ## Remove the virtual environment and what the demo made
	rm -rf $(VENV) $(PEERS) demo
