"""What the console reads of Airflow's database: intervals that should have run, and runs that did not succeed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from klartext.batch import Batch
from klartext.sources import of_slug

NOW = dt.datetime(2024, 5, 23, 12, tzinfo=dt.UTC)
SINCE = dt.datetime(2024, 4, 24, tzinfo=dt.UTC)


def start_of(day: int) -> dt.datetime:
    """The begin of an interval of dwn: four o'clock in Berlin."""
    return dt.datetime(2024, 5, day, 2, tzinfo=dt.UTC)


@pytest.fixture
def runs(airflow_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Adds runs of dwn's DAG."""
    from airflow import models
    from airflow.models.dag import DagModel
    from airflow.models.dagbundle import DagBundleModel
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from airflow.utils.types import DagRunType
    from sqlalchemy import delete

    models.import_all_models()
    monkeypatch.delenv("KLARTEXT_SOURCES", raising=False)
    with create_session() as session:
        session.execute(delete(DagRun).where(DagRun.dag_id == "ingest_dwn"))
        session.execute(delete(DagModel).where(DagModel.dag_id == "ingest_dwn"))
        if session.get(DagBundleModel, "console") is None:
            session.add(DagBundleModel(name="console"))

    def add(*found: tuple[int, str, str], paused: bool = False) -> None:
        with create_session() as session:
            dag = DagModel(dag_id="ingest_dwn", is_paused=paused, is_stale=False, bundle_name="console")
            dag.next_dagrun_data_interval_start = start_of(20)
            session.add(dag)
            for day, state, kind in found:
                start, end = start_of(day), start_of(day + 1)
                session.add(DagRun(dag_id="ingest_dwn", run_id=f"{kind}__{day}", logical_date=start, state=state,
                                   data_interval=(start, end), run_after=end, run_type=DagRunType(kind)))  # fmt: skip

    yield add
    with create_session() as session:
        session.execute(delete(DagRun).where(DagRun.dag_id == "ingest_dwn"))
        session.execute(delete(DagModel).where(DagModel.dag_id == "ingest_dwn"))


def schedule() -> Any:
    from klartext_airflow.console_schedules import schedules

    return schedules(["dwn", "other"], SINCE, NOW)["dwn"]


def expected_days() -> list[int]:
    return [start.day for start, _ in schedule().expected]


def test_the_intervals_since_the_first_scheduled_run_are_expected_until_now(runs: Any) -> None:
    runs((3, "success", "backfill"), (18, "success", "scheduled"), (19, "failed", "scheduled"))
    assert expected_days() == [18, 19, 20, 21, 22]
    assert schedule().expected[0] == (start_of(18), start_of(19))


def test_what_is_under_way_and_what_failed(runs: Any) -> None:
    runs(
        (18, "success", "scheduled"), (19, "failed", "scheduled"), (20, "running", "manual"), (21, "queued", "backfill")
    )
    found = [(run.interval[0].day, run.state, run.run_id) for run in schedule().runs]
    assert found == [(19, "failed", "scheduled__19"), (20, "running", "manual__20"), (21, "running", "backfill__21")]


def test_of_a_paused_dag_nothing_is_expected_after_its_last_scheduled_run(runs: Any) -> None:
    runs((16, "success", "scheduled"), (18, "success", "scheduled"), paused=True)
    assert expected_days() == [16, 17, 18]


def test_a_dag_that_was_unpaused_and_never_scheduled_is_missing_its_first_run(runs: Any) -> None:
    runs()
    assert expected_days() == [20, 21, 22]


def test_a_run_leads_to_its_batch_and_back(runs: Any) -> None:
    from klartext_airflow.console_schedules import batches_of_run, run_address

    runs((19, "failed", "scheduled"))
    batch = Batch.of_interval(of_slug("dwn"), start_of(19), start_of(20))
    assert batches_of_run("ingest_dwn", "scheduled__19") == [("dwn", batch.name)]
    assert batches_of_run("ingest_dwn", "scheduled__20") == []
    assert str(run_address("dwn", (start_of(19), start_of(20)))).endswith("/dags/ingest_dwn/runs/scheduled__19")
    assert run_address("dwn", (start_of(20), start_of(21))) is None
