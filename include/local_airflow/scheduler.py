"""Airflow's scheduler with the libraries loaded that tasks need: `python -m local_airflow.scheduler`.

LocalExecutor's tasks are forks of the scheduler's process. On two cores it matters that they do not each spend eight
seconds on importing Great Expectations; elsewhere tasks have processes of their own and import what they need.
"""

from __future__ import annotations

import sys

import great_expectations  # noqa: F401

import klartext.discover
import klartext.extract
import klartext.fetch
import klartext.lake
import klartext.validate  # noqa: F401


def main() -> None:
    sys.argv = ["airflow", "scheduler", "--skip-serve-logs"]
    from airflow.__main__ import main as airflow

    airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
