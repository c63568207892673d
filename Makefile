# Everything a person does with this repository. `make help` lists it.
SHELL := /bin/bash
UV := .tools/bin/uv
PYTHON := .venv/bin/python
export UV_PYTHON_PREFERENCE ?= managed
export PYTHONPATH := $(CURDIR)
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run setup rasa-environment full-rasa-environment test check format lock texts-extract texts-update texts-compile train clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-18s %s\n", $$1, $$2}'

run: .venv/.ready ## set everything up and start all of it (Ctrl-C stops it)
	@FULL_RASA=$(FULL_RASA) exec .venv/bin/bot up

setup: .venv/.ready rasa-environment ## only install, train and prepare, start nothing
	@.venv/bin/bot prepare && .venv/bin/bot train

# --- environments ------------------------------------------------------------------------------
# uv lives in the project's own tools folder: the machine's Python may have another one, or none.
.tools/bin/uv:
	@python3 -m venv .tools && .tools/bin/pip install --quiet --disable-pip-version-check uv

.venv/.ready: requirements/app.txt requirements/tools.txt pyproject.toml | .tools/bin/uv
	@echo "Installing the application (Python 3.13) ..."
	@[ -x $(PYTHON) ] || $(UV) venv --quiet --python 3.13 .venv
	@$(UV) pip sync --quiet --python $(PYTHON) --require-hashes requirements/app.txt
	@$(UV) pip install --quiet --python $(PYTHON) --require-hashes -r requirements/tools.txt
	@$(UV) pip install --quiet --python $(PYTHON) --no-deps --no-build-isolation --editable .
	@$(MAKE) --silent texts-compile
	@touch $@

.venv/.ready-dev: .venv/.ready requirements/dev.txt
	@echo "Installing what the tests need ..."
	@$(UV) pip install --quiet --python $(PYTHON) --require-hashes -r requirements/dev.txt
	@touch $@

.venv/.ready-bench: .venv/.ready-dev requirements/bench.txt
	@echo "Installing what the bench compares with ..."
	@$(UV) pip install --quiet --python $(PYTHON) --require-hashes -r requirements/bench.txt
	@touch $@

rasa-environment: .venv-rasa/.ready ## Rasa's own environment (Python 3.10), without what we never use
.venv-rasa/.ready: requirements/rasa-light.txt | .tools/bin/uv
	@[ -x .venv-rasa/bin/python ] || $(UV) venv --quiet --python 3.10 .venv-rasa
	@$(UV) pip sync --quiet --python .venv-rasa/bin/python --require-hashes requirements/rasa-light.txt
	@touch $@

full-rasa-environment: .venv-rasa-full/.ready ## the whole, unmodified Rasa (2.5 GB): make run FULL_RASA=1
.venv-rasa-full/.ready: requirements/rasa.txt | .tools/bin/uv
	@[ -x .venv-rasa-full/bin/python ] || $(UV) venv --quiet --python 3.10 .venv-rasa-full
	@$(UV) pip sync --quiet --python .venv-rasa-full/bin/python --require-hashes requirements/rasa.txt
	@touch $@

lock: .tools/bin/uv ## compile the lock files (hashes, no addresses)
	@cd requirements && for name in app tools dev bench; do \
	  ../$(UV) pip compile --quiet --universal --python-version 3.13 --generate-hashes --no-header --no-emit-index-url --no-annotate $$name.in -o $$name.txt || exit 1; done
	@cd requirements && ../$(UV) pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-header --no-emit-index-url --no-annotate --override rasa-override.txt rasa.in -o rasa.txt
	@cd requirements && ../$(UV) pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-header --no-emit-index-url --no-annotate --override rasa-light-override.txt rasa-light.in -o rasa-light.txt
	@cd requirements && awk '/^[a-z]/ {kept = !/never/ || / or /} kept' rasa-light.txt > rasa-light.tmp && mv rasa-light.tmp rasa-light.txt

# --- quality --------------------------------------------------------------------------------------
check: .venv/.ready-dev ## ruff, mypy --strict, import-linter
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports --no-cache

format: .venv/.ready-dev ## format the code
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

test: .venv/.ready-bench rasa-environment full-rasa-environment check ## install what is needed, check, run every test
	@.venv/bin/bot train
	@tests/browser/install && .venv/bin/pytest -n auto --maxprocesses 4 $(ARGS)

train: .venv/.ready ## train the classifier if its examples changed
	@.venv/bin/bot train

# --- texts in six languages ----------------------------------------------------------------------
LOCALES := bot/i18n/locale
texts-extract: ## collect every sentence into messages.pot
	@.venv/bin/pybabel --quiet extract -F babel.cfg -k N_ -k NP_:1,2 --no-location --sort-output --project Hemsehri --copyright-holder "The Hemsehri authors" -o $(LOCALES)/messages.pot .

texts-update: texts-extract ## bring new sentences into the six catalogues
	@.venv/bin/pybabel --quiet update -i $(LOCALES)/messages.pot -d $(LOCALES) -w 100 --no-fuzzy-matching --ignore-pot-creation-date

texts-compile: ## compile the catalogues
	@.venv/bin/pybabel --quiet compile -d $(LOCALES)

clean: ## remove environments, caches and all local data
	@rm -rf .venv .venv-rasa .venv-rasa-full .tools var .pytest_cache .mypy_cache .ruff_cache

# --- pictures and figures -------------------------------------------------------------------------
.PHONY: screenshots eval bench bench-diet
screenshots: .venv/.ready-dev ## take the pictures of docs/screenshots anew
	@HEMSEHRI_SCREENSHOTS=docs/screenshots .venv/bin/pytest -q tests/browser

eval: .venv/.ready-dev ## how well messages are understood, on the development set (ARGS=-v: each mistake)
	@.venv/bin/bot train && $(PYTHON) -m bench.understanding $(ARGS)

bench: .venv/.ready-bench full-rasa-environment rasa-environment ## how fast and how light, beside what people would use instead (ARGS="--only widget --quick")
	@.venv/bin/bot train && $(PYTHON) -m bench $(ARGS)

bench-diet: .venv/.ready-dev full-rasa-environment ## our classifier beside Rasa's default one, on the same split (half an hour)
	@$(PYTHON) -m bench.diet $(ARGS)
