# Two commands do all set-up on a fresh machine: `make run` opens the app, `make test` runs every check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Screens are tested mostly by waiting for them: two workers to a core keep it busy.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(min(8, 2 * (os.cpu_count() or 1)))")
# Every process that a test starts would compile the program anew.
export PYTHONDONTWRITEBYTECODE :=

# Whole programs and screens end to end. Counting lines there would cost a minute and find few that the others miss.
FLOWS := tests/chat_flows tests/connections tests/faults tests/files_app tests/remote tests/tui_assistants

.PHONY: run test test-slow lint types contracts format bench pictures clean

run: $(STAMP)
	@$(BIN)/playground-tui $(ARGS)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

test: lint types contracts
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow" -q $(FLOWS)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow" -q tests $(FLOWS:%=--ignore=%) \
		--cov --cov-report=term:skip-covered

test-slow: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) -m slow -q

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
