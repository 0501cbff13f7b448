# Klartext on one machine. `make help` names the commands.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help install run up down test soak bench lint

help: ## what can be asked
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS='	' read -r name what; do printf '  make %-8s %s\n' "$$name" "$$what"; done

install: ## everything from the lock into .venv; needs Python 3.11 to 3.13 and pip
	@$(PYTHON) include/local_airflow/install.py

run: install ## the newsroom's days through Airflow, then what landed; or WARC=FILE, or SOURCES=dwn,zeit
	@$(BIN)/python -m local_airflow run --warc="$(WARC)" --sources="$(SOURCES)"

up: install ## Airflow and its UI until Ctrl-C, with the newsroom
	@$(BIN)/python -m local_airflow up

down: install ## ends what `make run` or `make up` started
	@$(BIN)/python -m local_airflow down

test: lint ## style, types, and all tests
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile

soak: install ## the tests that take minutes
	$(BIN)/pytest -m soak

bench: export PAGES := $(PAGES)
bench: export GOLD := $(GOLD)
bench: install ## how fast, how large, how good: a table for each measure
	@for measure in bench/[a-z]*.py; do \
	  grep -q '__main__' $$measure || continue; \
	  $(BIN)/python -m bench.$$(basename $$measure .py) || failed=1; \
	done; test -z "$$failed"

lint: install
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
