"""Klartext on one machine: what `make run`, `make up` and `make down` do.

Starts the newsroom and Airflow as processes of its own, has Airflow's scheduler do the work, tells what landed, and
stops all that it started. For a deployment with more than one machine see docs/operating.md.
"""
