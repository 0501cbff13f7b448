"""Runs a component of Airflow that forks its tasks, with the libraries of all steps imported:
`python -m klartext_airflow.preload celery worker`, or `… scheduler` with LocalExecutor.

Great Expectations alone takes eight seconds of CPU: imported once in the parent, it costs the tasks nothing. Never
imported by DAG files or plugins.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

MODULES = (
    "great_expectations",
    "klartext.curate.step",
    "klartext.discover.step",
    "klartext.extract.chunks",
    "klartext.fetch.step",
    "klartext.link.step",
    "klartext.publish.step",
    "klartext.validate.step",
)


def import_steps() -> None:
    """Imports every step and Great Expectations."""
    for name in MODULES:
        importlib.import_module(name)


def main(command: Sequence[str]) -> None:
    """Imports the steps and runs a command of Airflow, given as its arguments."""
    import_steps()
    sys.argv = ["airflow", *command]
    from airflow.__main__ import main as airflow

    airflow()


if __name__ == "__main__":
    main(sys.argv[1:])
