"""Airflow's scheduler with the libraries of all steps imported: `python -m local_airflow.scheduler`.

The tasks of LocalExecutor are forks of the scheduler, so none of them has to import the libraries again.
"""

from __future__ import annotations

import sys

from klartext_airflow.preload import import_steps


def main() -> None:
    """Imports the steps and runs the scheduler."""
    import_steps()
    sys.argv = ["airflow", "scheduler", "--skip-serve-logs"]
    from airflow.__main__ import main as airflow

    airflow()


if __name__ == "__main__":
    main()
