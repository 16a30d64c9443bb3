# The whole set-up is here: a fresh machine needs Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_HOME ?= demo
BUILT := src/lantian/web/static/lantian/.vite/manifest.json
FRONTEND := $(wildcard frontend/*.json frontend/*.ts frontend/src/*.* frontend/src/*/*.*) src/lantian/reports/assets/tokens.css

.PHONY: demo test check bench frontend lock translations clean

demo: $(VENV)/.runtime $(BUILT)  ## the simulated county, live, on http://127.0.0.1:8000
	$(BIN)/lantian demo --home $(DEMO_HOME)

test: check $(BUILT)  ## everything, as the CI runs it
	$(BIN)/pytest -n auto

frontend: $(BUILT)  ## the scripts and style sheets of the pages

check: $(VENV)/.dev  ## style, types, floors, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/translations.py check

bench: $(VENV)/.dev $(BUILT)  ## the measured figures; takes minutes
	$(BIN)/python benchmarks/nation_year.py
	$(BIN)/python benchmarks/import_folder.py
	$(BIN)/python benchmarks/web_store.py build/nation
	$(BIN)/python benchmarks/web_pages.py build/nation
	$(BIN)/python benchmarks/web_line.py build/nation
	$(BIN)/python benchmarks/cases_fuzz.py 10000
	$(BIN)/lantian demo --home build/cases --no-serve
	$(BIN)/python benchmarks/cases_seed.py build/cases --check 300
	$(BIN)/python benchmarks/cases_pages.py build/cases

translations: $(VENV)/.dev  ## collect new messages into the catalogue and compile it
	$(BIN)/python tools/translations.py update

lock: $(VENV)/.dev  ## resolve pyproject.toml anew into the two lock files
	tools/lock.sh $(BIN)/uv

$(VENV)/.runtime: requirements.lock pyproject.toml tools/setup.sh
	tools/setup.sh $(PYTHON) $(VENV) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml tools/setup.sh
	tools/setup.sh $(PYTHON) $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/.runtime

$(BUILT): $(FRONTEND) tools/frontend.sh | $(VENV)/.runtime
	tools/frontend.sh $(VENV)

clean:
	rm -rf $(VENV) $(DEMO_HOME) frontend/node_modules src/lantian/web/static build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
