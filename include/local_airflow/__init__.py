"""Klartext on one machine: what `make run`, `make up` and `make down` do.

Starts the newsroom and Airflow as processes of its own, starts the DAG runs, shows their progress and what is in the
lake, and stops everything that it started. For more than one machine see docs/operating.md.
"""
