# Klartext on one machine. `make help` lists the commands.
PYTHON ?= python3
BIN := .venv/bin
# One more than the cores, because many tests wait for servers and processes; each takes up to 1 GB of memory.
TEST_PROCESSES ?= $(shell $(PYTHON) -c 'import os; print(min(len(os.sched_getaffinity(0)) + 1, 4))' 2>/dev/null || echo 2)

.PHONY: help install run cluster secrets up down test soak bench lint

help: ## list the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS='	' read -r name what; do printf '  make %-8s %s\n' "$$name" "$$what"; done

install: ## install everything from uv.lock into .venv; needs Python 3.11 to 3.13 and pip
	@$(PYTHON) include/local_airflow/install.py

run: install ## run the newsroom's days through Airflow and show the lake; or WARC=FILE, or SOURCES=dwn,zeit
	@$(BIN)/python -m local_airflow run --warc="$(WARC)" --sources="$(SOURCES)"

cluster: ## the same as `make run` on PostgreSQL, Valkey, an object store and two Celery workers, all on this machine
	@$(PYTHON) include/local_airflow/install.py cluster
	@$(BIN)/python -m local_airflow cluster --warc="$(WARC)" --sources="$(SOURCES)"

up: install ## run Airflow, its UI and the newsroom until Ctrl-C
	@$(BIN)/python -m local_airflow up

secrets: ## write .env with secrets of its own for compose.yaml, once
	@$(PYTHON) include/local_airflow/make_secrets.py

down: install ## end what `make run` or `make up` started
	@$(BIN)/python -m local_airflow down

test: lint ## check style and types, and run all tests
	$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

soak: ## run the tests that take minutes
	@$(PYTHON) include/local_airflow/install.py cluster soak spark
	$(BIN)/pytest -m soak

bench: export PAGES := $(PAGES)
bench: export GOLD := $(GOLD)
bench: install ## measure speed, size and quality: a table for each measure
	@for measure in bench/[a-z]*.py; do \
	  grep -q '__main__' $$measure || continue; \
	  $(BIN)/python -m bench.$$(basename $$measure .py) || failed=1; \
	done; test -z "$$failed"

lint: install ## check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
