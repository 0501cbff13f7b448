"""Creates the pool of a publisher when the first run that needs it starts."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

from klartext_airflow.pools import create_missing_pools


class PublisherPoolsListener:
    """Called by the scheduler."""

    @hookimpl
    def on_dag_run_running(self, dag_run: Any, msg: str) -> None:
        """Creates the pools that the run's tasks need. Called by the scheduler."""
        create_missing_pools(dag_run)


class PublisherPoolsPlugin(AirflowPlugin):
    """Registers the listener."""

    name = "klartext_publisher_pools"
    listeners: ClassVar = [PublisherPoolsListener()]
