# Everything runs in .venv, made from the lock files: nothing else on the machine is touched.
PYTHON ?= python3
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run install test prove prove-long servers check format format-check lint types contracts bench demo-x messages screenshots lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 14

run: install ## set up, then start the bot in dry-run mode
	@$(BIN)/campaign-bot run

install: $(VENV)/.installed ## set up only; .venv/bin/campaign-bot then works

demo-x: $(VENV)/.installed ## watch live mode without an account: a fake X on this machine, and what to type
	@$(BIN)/python -m bot.emulator --port 8780 --show

test: $(VENV)/.installed-dev ## set up, then run the tests
	@$(BIN)/python -m pytest -n 3 --dist loadgroup $(ARGS)

prove: $(VENV)/.installed-dev ## the long proofs, hours of them
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow $(ARGS)

prove-long: $(VENV)/.installed-dev ## the longest: 100,000 kills, 1,000 freezes, 5,000 pauses
	@$(BIN)/python -m pytest -m long $(ARGS)

servers: ## bring the real servers that tests speak to, into .cache (about two minutes)
	@$(PYTHON) tests/support/servers.py

check: format-check lint types contracts test ## format, lint, types, contracts, tests

format-check: $(VENV)/.installed-dev
	@$(BIN)/ruff format --check --quiet .

format: $(VENV)/.installed-dev ## rewrite the code in the project's format
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --fix --quiet .

lint: $(VENV)/.installed-dev ## ruff
	@$(BIN)/ruff check --quiet .

types: $(VENV)/.installed-dev ## mypy, strict
	@$(BIN)/mypy --no-error-summary

contracts: $(VENV)/.installed-dev ## import-linter: parts keep to their rooms
	@$(BIN)/lint-imports --no-logo >$(VENV)/contracts.log 2>&1 || { cat $(VENV)/contracts.log; exit 1; }

bench: $(VENV)/.installed ## measure, side by side with others; ARGS="--only 1,10 --quick"
	@$(BIN)/python benchmarks/run.py $(ARGS)

messages: $(VENV)/.installed ## take new sentences of the console into the translations
	@mkdir -p .cache
	@$(BIN)/pybabel --quiet extract --mapping babel.cfg --keyword noted --add-location file --sort-by-file \
	  --project campaign-bot --output .cache/messages.pot .
	@$(BIN)/pybabel --quiet update --input-file .cache/messages.pot --output-dir bot/web/translations \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap

screenshots: $(VENV)/.installed-dev ## pictures of every page, into docs/screenshots, and what each page weighs
	@$(BIN)/python tests/support/screenshots.py

lock: ## write the lock files anew, with hashes (needs uv)
	@uv pip compile pyproject.toml --all-extras --group build $(LOCK) -o requirements.lock
	@uv pip compile pyproject.toml --all-extras --group build --group dev $(LOCK) -o requirements-dev.lock

clean: ## remove what was set up, never the data
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "campaign-bot needs Python 3.11 or newer: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Setting up .venv (once, about a minute) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Setting up the tools for tests …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
