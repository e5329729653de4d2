# Set-up, the main job and the checks on a machine with Python >= 3.11 and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run test lint bench clean

run: $(VENV)/.run-installed ## install, train the baseline if there is none, tag the bundled samples
	$(BIN)/xuntag tag data/samples -o out/findings.xlsx

test: $(VENV)/.dev-installed ## install with the development extras and run all tests
	$(BIN)/python -m pytest

lint: $(VENV)/.dev-installed ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@mkdir -p $(VENV)/src && ln -sfn $(CURDIR) $(VENV)/src/xuntag  # mypy names modules by their path
	$(BIN)/mypy $(VENV)/src/xuntag

bench: $(VENV)/.dev-installed ## speed beside the peers, in one run
	$(BIN)/python -m tests.benchmarks

$(VENV)/.run-installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev-installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e ".[dev]"
	@touch $@ $(VENV)/.run-installed

clean:
	rm -rf $(VENV) build dist out *.egg-info
