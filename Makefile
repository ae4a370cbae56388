# Two commands are enough: `make run` and `make test`. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BOARD := $(BIN)/board
WORKERS ?= 2
# Thousands of small databases: in memory where there are four gigabytes for them.
ROOMY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4000000 {print "/dev/shm"}')
export PYTEST_DEBUG_TEMPROOT ?= $(or $(ROOMY),$(TMPDIR),/tmp)
WORLD ?= 100k

.PHONY: run demo test quick lint bench setup browser words clean help

help: ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

# The environment, from the hash-locked list; made again only when that list changes.
$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/python -m uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/python -m uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

setup: $(VENV)/.installed ## environment, front-end assets, translations
	$(BIN)/python -m board.assets
	$(BIN)/python -m board.words compile

run: setup ## the board on http://127.0.0.1:8000
	$(BOARD) migrate
	$(BOARD) places load
	$(BOARD) content check
	$(BOARD) sample
	$(BOARD) staff first
	$(BOARD) serve

demo: setup ## fill the board with an invented world (an empty board, or a demo one)
	$(BOARD) migrate
	$(BOARD) places load
	$(BOARD) sample
	$(BOARD) demo

browser: $(VENV)/.installed
	sh tests/tools/get-browser.sh $(BIN)

test: setup browser ## everything: unit, property, both databases, mail, browser
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup

quick: setup ## what needs no browser and no PostgreSQL, under a minute
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup -m "not browser and not slow" --sqlite-only

lint: setup ## ruff, mypy, djlint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet

bench: setup browser ## speed and memory as ratios beside a bare baseline (WORLD=1M: the whole)
	$(BIN)/python -m tests.bench --world $(WORLD)

words: setup ## collect the texts to translate into board/locales
	$(BIN)/python -m board.words collect

lock: ## write requirements.lock anew
	$(BIN)/python -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --all-extras pyproject.toml -o requirements.lock

clean: ## everything that was made, but not var/
	rm -rf $(VENV) static/built board/locales/*/LC_MESSAGES/*.mo .pytest_cache .mypy_cache .ruff_cache .hypothesis
