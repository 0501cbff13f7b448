"""`klartext`: the steps by hand, without Airflow."""

from klartext.cli.app import app, main

__all__ = ["app", "main"]
