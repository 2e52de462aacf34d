# Each target sets up what it needs. README names the two that a new user runs: make demo, make test.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# One thread per library pool: OpenMP's default collapses when another process wants a core.
export OMP_NUM_THREADS ?= 1
export PYTHONHASHSEED ?= 0
# Byte code is kept, as Python does by itself: without it each of many hundred processes compiles what it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test proof bench-features bench-load bench-serving schema needs sample clean

help:
	@echo "make demo            build the demonstration bank, print its summary, serve it (SERVE=0: not)"
	@echo "make test            format, lint, types, import contracts, all tests"
	@echo "make proof           the heavy proofs: kills, scale"
	@echo "make bench-features  the feature engine beside pandas, Polars and DuckDB; SCALE=100m: ten times the rows; PLAIN=1: plain queries too"
	@echo "make bench-load      decisions at a fixed rate on a real server for ten minutes, then at five times the rate"
	@echo "make bench-serving   one loan application decided and recorded on the demonstration bank"

$(BIN)/uv:
	@sh scripts/preflight.sh $(PYTHON)
	@rm -rf $(VENV) && $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --disable-pip-version-check uv \
	  || { rm -rf $(VENV); echo "Could not install uv into .venv: is a package index reachable? Check pip's settings, then run make again."; exit 2; }

$(VENV)/core: pyproject.toml constraints.txt | $(BIN)/uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[plots]' && touch $@

$(VENV)/dev: pyproject.toml constraints.txt | $(BIN)/uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[dev,bench]' && touch $@ $(VENV)/core $(VENV)/bench

$(VENV)/bench: pyproject.toml constraints.txt | $(BIN)/uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[bench,plots]' && touch $@ $(VENV)/core

demo: $(VENV)/core
	@$(BIN)/bank360 demo
	@[ "$(SERVE)" = 0 ] || $(BIN)/bank360 serve --home demo

test: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist loadfile -m 'not proof'

$(VENV)/spark: pyproject.toml constraints.txt | $(BIN)/uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[spark]' && touch $@

proof: $(VENV)/dev $(VENV)/spark
	$(BIN)/pytest -m proof

# SCALE=100m: ten times the rows, beside the floor alone; the file takes 1 GB of build/.
# PLAIN=1: Polars and DuckDB also as one writes the query first, two minutes more a round.
BENCH_100m := --rows 100000000 --only
bench-features: $(VENV)/bench
	$(BIN)/python -m benchmarks.features $(if $(SCALE),$(or $(BENCH_$(SCALE)),$(error SCALE is 100m, or is left out))) $(if $(filter-out 0,$(PLAIN)),--plain)

bench-serving: $(VENV)/core
	@test -d demo/published || $(BIN)/bank360 demo
	$(BIN)/python -m benchmarks.serving

bench-load: $(VENV)/core
	@test -d demo/published || $(BIN)/bank360 demo
	$(BIN)/python -m benchmarks.serving.load

schema: $(VENV)/dev
	$(BIN)/python -m bank360.storage.schema_sql > sql/schema.sql

needs: $(VENV)/dev
	$(BIN)/python -m bank360.features.needs_table > docs/reference/feature-needs.md
	$(BIN)/python -m bank360.pipeline.feature_reference > docs/reference/features.md

sample: $(VENV)/dev
	$(BIN)/python -m bank360.pipeline.sample_scorecard

clean:
	rm -rf $(VENV) demo .mypy_cache .ruff_cache .pytest_cache
