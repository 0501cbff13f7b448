"""The command `klartext`: the steps without Airflow."""

from klartext.cli.app import app, main

__all__ = ["app", "main"]
