"""Imports a WARC file through Airflow on this machine, and measures its tasks and Airflow itself."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console

from bench import task_measures
from bench.measured import Measured, show
from klartext.sources import PROJECT
from local_airflow import runs
from local_airflow.services import port_is_free
from local_airflow.session import session
from local_airflow.settings import Secrets, Settings

WORK = (runs.IMPORT, runs.CURATE, runs.LINK)
"""DAGs whose functions are the work; the others are Airflow's."""


@dataclasses.dataclass(frozen=True, slots=True)
class AirflowImport:
    """What an import and the runs that followed from it took, from the start of the first to the end of the last.

    Attributes:
        steps: the functions of the tasks, by DAG and task; the memory is that of the task's processes.
        services: seconds of CPU of each service of Airflow, with everything that it started, tasks included.
        wall: seconds.
        failures: a line for each task that failed.
    """

    steps: dict[str, Measured]
    services: dict[str, float]
    wall: float
    failures: list[str]

    @property
    def cpu(self) -> float:
        """Seconds of CPU in all."""
        return sum(self.services.values())

    @property
    def airflow_share(self) -> float:
        """The share of the CPU time that is not spent in the functions of the tasks of import, curate and link."""
        work = [took.cpu for name, took in self.steps.items() if name.partition(".")[0] in WORK]
        return 1 - sum(work) / self.cpu

    def show(self, console: Console, title: str) -> None:
        """Prints what the tasks and the services took."""
        show(console, title, self.steps)
        services = ", ".join(f"{name} {seconds:.1f}" for name, seconds in self.services.items())
        console.print(f"In all {self.cpu:.1f} s CPU, {self.wall:.1f} s; services with their tasks, s CPU: {services}")


@dataclasses.dataclass(frozen=True)
class _MeasuringSettings(Settings):
    """An Airflow whose tasks write what they take."""

    @property
    def measures(self) -> Path:
        return self.home / "tasks.jsonl"

    def environment(self, *arguments: Any) -> dict[str, str]:
        return super().environment(*arguments) | {task_measures.VARIABLE: str(self.measures)}

    def airflow(self, secrets: Secrets) -> dict[str, dict[str, Any]]:
        plugins = self.home / "plugins"
        plugins.mkdir(exist_ok=True)
        for file in [*(PROJECT / "plugins").glob("*.py"), Path(task_measures.__file__)]:
            (plugins / file.name).symlink_to(file)
        config = super().airflow(secrets)
        config["core"]["plugins_folder"] = plugins
        return config


def import_through_airflow(file: Path, folder: Path) -> AirflowImport:
    """Starts an Airflow in a new folder, imports the file into a lake in ``folder / "lake"`` and waits until its months
    are curated. What starting Airflow takes is not measured."""
    usual = Settings.read({})
    settings = _MeasuringSettings(
        folder / "airflow", str(folder / "lake"), free_ports(), usual.newsroom_ports, imports=str(file)
    )
    with session(settings, "the measurement", lambda _: None, newsroom=False) as running:
        running.wait_for_dags({runs.IMPORT, *runs.FOLLOWING})
        for dag in (runs.IMPORT, runs.SUMMARY):
            running.api.pause(dag, False)
        running.start_scheduler()
        before, begin = _cpu_of(running.services.running), time.monotonic()
        watch = runs.Watch(running, [runs.import_files(running, str(file))])
        _follow(watch, settings.measures)
        wall, after = time.monotonic() - begin, _cpu_of(running.services.running)
        failures = [f"{failed.dag} {failed.task}: {failed.reason}" for failed in watch.failures()]
    services = {name: after[name] - before[name] for name in after}
    return AirflowImport(_steps(settings.measures), services, wall, failures)


def _follow(watch: runs.Watch, measures: Path) -> None:
    """Waits for the end. Asks Airflow seldom before months are curated, because its answers take CPU time."""
    asked = time.monotonic()
    while True:
        watch.session.services.check()
        is_curated = measures.is_file() and f'"{runs.CURATE}"' in measures.read_text("utf-8")
        if is_curated or time.monotonic() - asked > 30:
            if watch.finished():
                return
            asked = time.monotonic()
        time.sleep(2)


def free_ports(number: int = 1) -> int:
    """The first of so many free ports in a row. Raises RuntimeError if there are none."""
    for first in range(20_000 + os.getpid() % 1000 * 10, 32_000):  # above are those of connections
        if all(map(port_is_free, range(first, first + number))):
            return first
    raise RuntimeError(f"there are no {number} free ports in a row")


def _cpu_of(services: Mapping[str, psutil.Popen]) -> dict[str, float]:
    """Seconds of CPU of each service and of everything that it has started, whether ended or not."""
    found = {}
    for name, service in services.items():
        found[name] = 0.0
        for process in (service, *service.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                found[name] += sum(process.cpu_times()[:4])
    return found


def _steps(measures: Path) -> dict[str, Measured]:
    steps: dict[str, Measured] = {}
    for line in measures.read_text("utf-8").splitlines():
        found = json.loads(line)
        name = f"{found['dag']}.{found['task']}"
        steps.setdefault(name, Measured()).add(Measured(found["cpu"], found["wall"], found["memory"], 1))
    return steps
