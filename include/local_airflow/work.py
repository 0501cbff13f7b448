"""What a session has Airflow do: backfills or an import, and what follows from them by itself."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from klartext.sources import Source
from local_airflow.session import Session
from local_airflow.settings import Trouble

CURATE, IMPORT, SUMMARY = "curate", "import_warc", "summary"
FOLLOWING = (CURATE, SUMMARY)
"""What runs by itself, each after what the one before it announces."""
UNDER_WAY = {"queued", "running"}
States = dict[str, Counter[str]]


@dataclasses.dataclass(frozen=True)
class Job:
    """Runs of one DAG that we wait for."""

    dag: str
    which: Callable[[dict[str, Any]], bool]


@dataclasses.dataclass(frozen=True)
class Failure:
    """A task that failed, why, and where its log is. ``task`` is empty if a run failed before any task did."""

    dag: str
    run: str
    task: str
    reason: str
    log: Path | None


def days_of(source: Source) -> tuple[dt.datetime, dt.datetime]:
    """The first and the last moment at which an interval of a source with a past can begin."""
    if source.until is None:
        raise Trouble(f"{source.slug} has no until; a newsroom's source needs one.")
    first, last = (dt.datetime.combine(day, dt.time(), source.zone) for day in (source.since, source.until))
    return first, last - dt.timedelta(seconds=1)


def backfill(session: Session, sources: list[Source], *, latest: bool) -> list[Job]:
    """Runs for all days of the sources, or for the latest interval that is over."""
    jobs = []
    for source in sources:
        dag = f"ingest_{source.slug}"
        session.api.give_up(dag)
        if latest:
            now = dt.datetime.now(dt.UTC)
            first = last = session.api.last_interval(dag, now - dt.timedelta(days=8), now)
        else:
            first, last = days_of(source)
        session.api.backfill(dag, first, last)
        jobs.append(Job(dag, functools.partial(_begins_between, first, last)))
    return jobs


def _begins_between(first: dt.datetime, last: dt.datetime, run: dict[str, Any]) -> bool:
    return bool(run["logical_date"]) and first <= dt.datetime.fromisoformat(run["logical_date"]) <= last


def import_file(session: Session, path: Path) -> list[Job]:
    """The run that imports a WARC file."""
    session.api.give_up(IMPORT)
    run = session.api.trigger(IMPORT, {"path": str(path)})
    return [Job(IMPORT, lambda each: bool(each["dag_run_id"] == run))]


class Watch:
    """Follows jobs, and the curating and summing up that their publishing brings, to the end."""

    def __init__(self, session: Session, jobs: list[Job]) -> None:
        self.session, self.jobs = session, jobs
        self.runs: dict[str, list[dict[str, Any]]] = {}

    def look(self) -> bool:
        """Reads the states of all runs; true when nothing is left to wait for.

        What a run has announced is known when the run has ended, and has a run of its own when it is no longer
        announced: so after each look at announcements comes one at the runs.
        """
        following = all(self._settled() and not self.session.api.announced(dag) for dag in FOLLOWING)
        return following and self._settled()

    def _settled(self) -> bool:
        since = self.session.api.runs(updated_at_gte=self.session.began.isoformat())
        for job in self.jobs:
            self.runs[job.dag] = [run for run in since if run["dag_id"] == job.dag and job.which(run)]
        for dag in FOLLOWING:
            self.runs[dag] = [run for run in since if run["dag_id"] == dag]
        there = all(self.runs[job.dag] for job in self.jobs)
        return there and not any(run["state"] in UNDER_WAY for runs in self.runs.values() for run in runs)

    def states(self) -> States:
        """How many runs of each DAG are queued, running, success or failed."""
        return {dag: Counter(run["state"] for run in runs) for dag, runs in self.runs.items()}

    def follow(self, show: Callable[[States], None]) -> None:
        """Waits for the end. Raises Trouble if a service ends before."""
        while not self.look():
            self.session.services.check()
            show(self.states())
            time.sleep(2)
        show(self.states())

    @property
    def number(self) -> int:
        """How many runs there are."""
        return sum(map(len, self.runs.values()))

    def failures(self) -> list[Failure]:
        return [
            failure
            for dag, runs in self.runs.items()
            for run in runs
            if run["state"] == "failed"
            for failure in self._failures(dag, run["dag_run_id"])
        ]

    def _failures(self, dag: str, run: str) -> list[Failure]:
        found = []
        for task in self.session.api.failed_tasks(dag, run):
            folder = self.session.settings.logs / "tasks" / f"dag_id={dag}" / f"run_id={run}"
            log = folder / f"task_id={task['task_id']}" / f"attempt={task['try_number']}.log"
            found.append(Failure(dag, run, task["task_id"], reason(log), log))
        return found or [Failure(dag, run, "", "no task of it failed by itself", None)]


def reason(log: Path) -> str:
    """The last error that a task's log tells of."""
    if not log.is_file():
        return "it left no log"
    told = "no error in its log"
    for line in log.read_text("utf-8", "replace").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if details := entry.get("error_detail"):
            told = f"{details[0]['exc_type']}: {details[0]['exc_value']}"
        elif entry.get("level") in ("error", "critical"):
            told = str(entry.get("event"))
    return told
