"""The DAG runs of a session: backfills or an import, and the runs that follow from them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from klartext.sources import Source
from local_airflow.api import NoAnswerError
from local_airflow.session import Session
from local_airflow.settings import UserError

CURATE, IMPORT, LINK, SUMMARY = "curate", "import_warc", "link", "summary"
FOLLOWING = (CURATE, LINK, SUMMARY)
"""DAGs that asset events of the one before start."""


@dataclasses.dataclass(frozen=True)
class Progress:
    """The runs of one DAG: ``states`` is the number of runs in each state, ``tasks`` the number of running tasks by
    name."""

    states: Counter[str]
    tasks: Counter[str] = dataclasses.field(default_factory=Counter)

    @property
    def runs(self) -> int:
        """The number of runs that are known."""
        return self.states.total()

    @property
    def done(self) -> int:
        """The number of runs that have ended, whatever their state."""
        return self.states["success"] + self.states["failed"]


@dataclasses.dataclass(frozen=True)
class Job:
    """Runs of one DAG to wait for."""

    dag: str
    includes: Callable[[dict[str, Any]], bool]


@dataclasses.dataclass(frozen=True)
class Failure:
    """A task that failed, why, and its log. ``task`` is empty if a run failed without a failed task."""

    dag: str
    run: str
    task: str
    reason: str
    log: Path | None


def days_of(source: Source) -> tuple[dt.datetime, dt.datetime]:
    """The first and the last moment at which an interval of a source can begin. Raises UserError if it has no end."""
    if source.until is None:
        raise UserError(f"{source.slug} has no until; a newsroom's source needs one.")
    first, last = (dt.datetime.combine(day, dt.time(), source.zone) for day in (source.since, source.until))
    return first, last - dt.timedelta(seconds=1)


def backfill(session: Session, source: Source, *, latest: bool) -> Job:
    """Creates runs for all days of a source, or for its latest interval that is over.

    Raises UserError if there is none in the last eight days.
    """
    dag = f"ingest_{source.slug}"
    session.api.cancel_runs(dag)
    if latest:
        now = dt.datetime.now(dt.UTC)
        begins = session.api.backfill(dag, now - dt.timedelta(days=8), now, dry_run=True)
        if not begins:
            raise UserError(f"The schedule of {dag} has no interval in the last eight days.")
        first = last = max(begins)
    else:
        first, last = days_of(source)
    session.api.backfill(dag, first, last)
    return Job(dag, lambda run: bool(run["logical_date"]) and first <= _moment(run["logical_date"]) <= last)


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def import_files(session: Session, named: str) -> Job:
    """Starts the run that imports a WARC file, a folder of them, or an address."""
    session.api.cancel_runs(IMPORT)
    run_id = session.api.trigger(IMPORT, {"path": named})
    return Job(IMPORT, lambda run: bool(run["dag_run_id"] == run_id))


class Watch:
    """Follows jobs, and the runs that their asset events start, to the end."""

    def __init__(self, session: Session, jobs: list[Job]) -> None:
        self.session, self.jobs = session, jobs
        self.runs: dict[str, list[dict[str, Any]]] = {}

    def finished(self) -> bool:
        """Reads the states of all runs; True if nothing is left to wait for.

        The partitions that a run named are known when it has ended, and each has a run when it is no longer waiting:
        so after each look at waiting partitions the runs are read again.
        """
        following = all(self._ended() and not self.session.api.partitions_without_run(dag) for dag in FOLLOWING)
        return following and self._ended()

    def _ended(self) -> bool:
        recent = self.session.api.runs(updated_at_gte=self.session.began.isoformat())
        for job in self.jobs:
            self.runs[job.dag] = [run for run in recent if run["dag_id"] == job.dag and job.includes(run)]
        for dag in FOLLOWING:
            self.runs[dag] = [run for run in recent if run["dag_id"] == dag]
        started = all(self.runs[job.dag] for job in self.jobs)
        return started and not any(run["state"] in ("queued", "running") for runs in self.runs.values() for run in runs)

    def progress(self) -> dict[str, Progress]:
        """The progress of each DAG."""
        tasks: dict[str, Counter[str]] = {}
        for task in self.session.api.running_tasks():
            tasks.setdefault(task["dag_id"], Counter())[task["task_id"]] += 1
        return {
            dag: Progress(Counter(run["state"] for run in runs), tasks.get(dag, Counter()))
            for dag, runs in self.runs.items()
        }

    def follow(self, show: Callable[[dict[str, Progress]], None]) -> None:
        """Waits for the end. A service that ends by itself is started again; raises UserError if that does not help."""
        finished = False
        while not finished:
            try:
                finished = self.finished()
                show(self.progress())
            except NoAnswerError:
                if not self.session.services.ended():
                    raise
            self.session.restart_ended()
            if not finished:
                time.sleep(2)

    @property
    def number(self) -> int:
        """The number of runs."""
        return sum(map(len, self.runs.values()))

    def failures(self) -> list[Failure]:
        """Every failed task of the failed runs."""
        failed = [run for runs in self.runs.values() for run in runs if run["state"] == "failed"]
        return [failure for run in failed for failure in self._failures(run["dag_id"], run["dag_run_id"])]

    def _failures(self, dag: str, run: str) -> list[Failure]:
        found = []
        for task in self.session.api.failed_tasks(dag, run):
            index = task.get("map_index", -1)
            mapped = f"map_index={index}/" if index >= 0 else ""
            name = f"dag_id={dag}/run_id={run}/task_id={task['task_id']}/{mapped}attempt={task['try_number']}.log"
            log = self.session.task_log(name, task)
            of = task.get("rendered_map_index") or (str(index) if mapped else "")
            found.append(Failure(dag, run, f"{task['task_id']} {of}".strip(), reason(log), log))
        return found or [Failure(dag, run, "", "none of its tasks failed", None)]


def reason(log: Path) -> str:
    """The last error in a task's log."""
    if not log.is_file():
        return "it has no log"
    found = "no error in its log"
    for line in log.read_text("utf-8", "replace").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if details := entry.get("error_detail"):
            found = f"{details[0]['exc_type']}: {details[0]['exc_value']}"
        elif entry.get("level") in ("error", "critical"):
            found = str(entry.get("event"))
    return found
