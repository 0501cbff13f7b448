"""Waiting for the runs to end, and the reason of a failure."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from klartext.sources import Source
from local_airflow import runs
from local_airflow.api import NoAnswerError
from local_airflow.runs import CURATE, LINK, SUMMARY, Job, Watch, days_of, reason
from local_airflow.session import Session
from local_airflow.settings import UserError


def source(**more: Any) -> Source:
    return Source.model_validate({"slug": "past", "name": "Past", "hosts": ["past.example"], **more})


def test_the_days_of_a_source_are_whole_and_end_before_until() -> None:
    first, last = days_of(source(since="2024-05-14", until="2024-05-17"))
    assert first.isoformat() == "2024-05-14T00:00:00+02:00"
    assert last.isoformat() == "2024-05-16T23:59:59+02:00"


def test_a_source_without_an_end_has_no_days() -> None:
    with pytest.raises(UserError, match="past has no until"):
        days_of(source())


class Airflow:
    """Answers look by look: what runs there are, and how many partitions have no run yet."""

    def __init__(self, *looks: tuple[dict[str, str], int]) -> None:
        self.looks, self.now = list(looks), -1

    def runs(self, **_: Any) -> list[dict[str, Any]]:
        self.now = min(self.now + 1, len(self.looks) - 1)
        states = self.looks[self.now][0]
        return [{"dag_id": name.split("/")[0], "dag_run_id": name, "state": state} for name, state in states.items()]

    def running_tasks(self) -> list[dict[str, Any]]:
        tasks = [("ingest_a", "fetch"), ("ingest_a", "fetch"), ("other", "fetch")]
        return [{"dag_id": dag, "task_id": task} for dag, task in tasks]

    def partitions_without_run(self, _: str) -> int:
        return self.looks[self.now][1]  # of both DAGs that follow


def watch(*looks: tuple[dict[str, str], int]) -> Watch:
    session = SimpleNamespace(api=Airflow(*looks), began=dt.datetime.now(dt.UTC))
    return Watch(cast(Session, session), [Job("ingest_a", lambda run: run["dag_run_id"] != "ingest_a/old")])


DONE = {"ingest_a/1": "success"}


@pytest.mark.parametrize(
    ("looks", "over"),
    [
        ([({}, 0)], False),
        ([({"ingest_a/1": "queued"}, 0)], False),
        ([({"ingest_a/1": "success", "ingest_a/2": "running"}, 0)], False),
        ([({"ingest_a/old": "success"}, 0)], False),
        ([(DONE, 1)], False),
        ([(DONE | {"curate/1": "queued"}, 0)], False),
        ([(DONE, 0), (DONE | {"curate/1": "queued"}, 0)], False),
        ([(DONE | {"curate/1": "success"}, 0)], True),
        ([(DONE | {"curate/1": "success", "summary/1": "running"}, 0)], False),
        ([(DONE, 0), (DONE | {"curate/1": "success"}, 1)], False),
        ([(DONE, 0), (DONE, 0), (DONE | {"curate/1": "success", "summary/1": "queued"}, 0)], False),
        ([({"ingest_a/1": "failed"}, 0)], True),
        ([({"ingest_a/1": "success", "ingest_a/old": "running"}, 0)], True),
    ],
    ids=["not there yet", "queued", "one still runs", "only another's", "announced", "curating waits",
         "became a run between two looks", "all done", "summing up", "curated between two looks",
         "summed up after the last look", "failed", "another's still runs"],
)  # fmt: skip
def test_nothing_is_left_to_wait_for(looks: list[tuple[dict[str, str], int]], over: bool) -> None:
    assert watch(*looks).finished() is over


def test_the_states_are_counted_by_dag() -> None:
    seen = watch(({"ingest_a/1": "success", "ingest_a/2": "failed", "curate/1": "success", "other/1": "failed"}, 0))
    seen.finished()
    progress = seen.progress()
    assert {dag: dict(each.states) for dag, each in progress.items()} == {
        "ingest_a": {"success": 1, "failed": 1},
        CURATE: {"success": 1},
        LINK: {},
        SUMMARY: {},
    }
    assert {dag: dict(each.tasks) for dag, each in progress.items() if each.tasks} == {"ingest_a": {"fetch": 2}}
    assert (progress["ingest_a"].runs, progress["ingest_a"].done) == (2, 2)
    assert seen.number == 3


class Flaky(Airflow):
    """Does not answer at the second look."""

    def runs(self, **_: Any) -> list[dict[str, Any]]:
        if self.now == 0 and len(self.looks) == 3:
            self.looks.pop(1)
            raise NoAnswerError("no answer")
        return super().runs()


@pytest.mark.parametrize("has_ended", [True, False])
def test_an_api_server_that_has_ended_is_started_again_and_the_runs_are_followed(
    has_ended: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs.time, "sleep", lambda _: None)
    restarts: list[int] = []
    session = SimpleNamespace(
        api=Flaky(({"ingest_a/1": "running"}, 0), ({}, 0), (DONE, 0)),
        began=dt.datetime.now(dt.UTC),
        services=SimpleNamespace(ended=lambda: ["api-server"] if has_ended else []),
        restart_ended=lambda: restarts.append(1),
    )
    followed = Watch(cast(Session, session), [Job("ingest_a", lambda _: True)])
    if not has_ended:
        with pytest.raises(NoAnswerError):
            followed.follow(lambda _: None)
        return
    followed.follow(lambda _: None)
    assert followed.progress()["ingest_a"].states == {"success": 1}
    assert len(restarts) >= 3, "services are looked at each time"


def test_the_reason_is_the_last_error_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "attempt=1.log"
    lines = [
        {"level": "info", "event": "begins"},
        {"level": "error", "event": "a first try"},
        {
            "level": "error",
            "event": "Task failed with exception",
            "error_detail": [{"exc_type": "BatchRefused", "exc_value": "nine of ten pages have no text"}],
        },
        {"level": "info", "event": "ends"},
    ]
    log.write_text("no JSON\n" + "\n".join(map(json.dumps, lines)))
    assert reason(log) == "BatchRefused: nine of ten pages have no text"


def test_a_task_without_a_log_or_an_error_says_so(tmp_path: Path) -> None:
    assert reason(tmp_path / "none.log") == "it has no log"
    (tmp_path / "quiet.log").write_text(json.dumps({"level": "info", "event": "begins"}))
    assert reason(tmp_path / "quiet.log") == "no error in its log"
