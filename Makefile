# Two commands do all set-up on a fresh machine: `make run` opens the app, `make test` runs every check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Screens are tested partly by waiting for them: one worker more than cores keeps those busy.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(min(8, 1 + (os.cpu_count() or 1)))")
# Every process that a test starts would compile the program anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test tests test-slow lint types contracts format bench pictures clean

run: $(STAMP)
	@$(BIN)/playground-tui $(ARGS)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

# What only reads the code goes beside the tests; any of them that fails fails the whole.
test: $(STAMP)
	@$(MAKE) --no-print-directory -j 2 tests lint types contracts

tests: $(STAMP)
	$(BIN)/python -m slipcover --source playground_tui --omit "playground_tui/_themes/*" --skip-covered --fail-under 85 \
		-m pytest -n $(WORKERS) --dist worksteal -m "not slow" -q

test-slow: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) -m slow -q
	FUZZ_EXAMPLES=20 $(BIN)/python -m pytest -n $(WORKERS) -q tests/service/test_fuzz.py

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

contracts: $(STAMP)
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)
	@$(BIN)/python -m bench $(ARGS)

pictures: $(STAMP)
	$(BIN)/python -m tests.pictures docs/pictures

clean:
	rm -rf $(VENV) build dist *.egg-info .coverage* .mypy_cache .ruff_cache .pytest_cache
