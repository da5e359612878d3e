# Two commands do all set-up on a fresh machine: `make run` opens the app, `make test` runs every check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= $(shell $(PYTHON) -c "import os; print(min(8, 2 * (os.cpu_count() or 1)))")
# Every process that a test starts would compile the program anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test test-slow lint types contracts format bench pictures clean

run: $(STAMP)
	@$(BIN)/playground-tui $(ARGS)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

# The tests in four parts side by side, each of about the same cost: screens are tested partly by waiting for them, so
# two to a core keep it busy. The last part is all that the others leave. Lines are counted in each and added up.
PART_1 := tests/tui_config tests/tui_chat tests/tui_assistants
PART_2 := tests/tui tests/service tests/workspace tests/service_files tests/exchange
PART_3 := tests/faults tests/remote tests/chat_view tests/engines tests/connections
PART_4 := tests $(foreach folder,$(PART_1) $(PART_2) $(PART_3),--ignore=$(folder))
PARTS := 1 2 3 4

test: $(STAMP)
	@rm -rf .coverage && mkdir .coverage
	@$(MAKE) --no-print-directory -j 4 $(PARTS:%=part-%) lint types contracts
	@$(BIN)/python -m slipcover --merge $(PARTS:%=.coverage/%.json) --fail-under 85 --skip-covered --json --out .coverage/all.json

part-%: $(STAMP)
	@$(BIN)/python -m slipcover --immediate --source playground_tui --json --out .coverage/$*.json -m pytest -m "not slow" -q $(PART_$*)

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
	rm -rf $(VENV) build dist *.egg-info .coverage .mypy_cache .ruff_cache .pytest_cache
