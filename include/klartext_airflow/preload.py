"""Runs a component of Airflow that forks its tasks, with the libraries of all steps imported:
`python -m klartext_airflow.preload celery worker`, or `… scheduler` with LocalExecutor.

Great Expectations alone takes eight seconds of CPU: imported once in the parent, it costs the tasks nothing. Never
imported by DAG files or plugins.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

STEPS = (
    "great_expectations",
    "klartext.curate.step",
    "klartext.discover.step",
    "klartext.extract.chunks",
    "klartext.fetch.step",
    "klartext.link.step",
    "klartext.publish.step",
    "klartext.validate.step",
)
TASKS = (
    "airflow.dag_processing.dagbag",
    "airflow.sdk.execution_time.task_runner",
    "klartext_airflow.alert_channels",
    "klartext_airflow.console_links",
    "klartext_airflow.curate",
    "klartext_airflow.heal",
    "klartext_airflow.import_warc",
    "klartext_airflow.ingest",
    "klartext_airflow.interval_timetable",
    "klartext_airflow.link",
    "klartext_airflow.pools",
    "klartext_airflow.summary",
)
"""What a task imports to read plugins and its DAG file."""


def import_steps() -> None:
    """Imports every step and Great Expectations."""
    for name in STEPS:
        importlib.import_module(name)


def main(command: Sequence[str]) -> None:
    """Imports the steps and the DAGs and runs a command of Airflow, given as its arguments."""
    import_steps()
    for name in TASKS:
        importlib.import_module(name)
    sys.argv = ["airflow", *command]
    from airflow.__main__ import main as airflow

    airflow()


if __name__ == "__main__":
    main(sys.argv[1:])
