"""Pools are created in the scheduler's own transaction."""

from __future__ import annotations

import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def session(airflow_home: Path) -> Iterator[Any]:
    from airflow.utils.session import create_session

    with create_session() as session:
        yield session
        session.rollback()


def start_run(session: Any, *pools: str) -> None:
    """A run of tasks in these pools starts, as in the scheduler: commits and savepoints are prohibited."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.sqlalchemy import prohibit_commit
    from airflow.utils.types import DagRunType

    from klartext_airflow.pools import create_missing_pools

    run = DagRun(dag_id="ingest_dwn", run_id="manual", run_type=DagRunType.MANUAL)
    run.dag = types.SimpleNamespace(tasks=[types.SimpleNamespace(pool=pool) for pool in pools])
    with session.no_autoflush, prohibit_commit(session):
        session.add(run)
        create_missing_pools(run)
        session.expunge(run)


def slots(session: Any) -> dict[str, int]:
    from airflow.models.pool import Pool

    return {pool.pool: pool.slots for pool in Pool.get_pools(session=session) if pool.pool != "default_pool"}


def test_a_run_creates_its_publishers_pool_with_one_slot(session: Any) -> None:
    from klartext_airflow.pools import publisher_pool

    start_run(session, publisher_pool("dwn"), "default_pool", publisher_pool("dwn"), "others")
    assert slots(session) == {"publisher_dwn": 1}
    assert session.in_transaction(), "the scheduler commits"


def test_a_pool_that_exists_keeps_its_slots(session: Any) -> None:
    from airflow.models.pool import Pool

    Pool.create_or_update_pool("publisher_dwn", 0, "paused by the operator", False, session=session)
    session.flush()
    start_run(session, "publisher_dwn")
    assert slots(session) == {"publisher_dwn": 0}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql"])
def test_another_scheduler_may_create_the_same_pool(dialect: str) -> None:
    import sqlalchemy.dialects.mysql as mysql
    import sqlalchemy.dialects.postgresql as postgresql
    import sqlalchemy.dialects.sqlite as sqlite
    from airflow.models.pool import Pool

    from klartext_airflow.pools import _insert_if_missing

    dialects = {"sqlite": sqlite, "postgresql": postgresql, "mysql": mysql}
    statement = str(_insert_if_missing(dialect, Pool).compile(dialect=dialects[dialect].dialect()))
    assert ("INSERT IGNORE" if dialect == "mysql" else "ON CONFLICT DO NOTHING") in statement


def test_tasks_that_extract_times_their_processes_are_at_most_the_cores(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext_airflow import pools

    monkeypatch.setattr(pools, "available_cores", lambda: 6)
    monkeypatch.delenv("KLARTEXT_EXTRACT_PROCESSES", raising=False)
    assert pools.extraction_slots() == 6, "a chunk has one process"
    for processes, expected in {"2": 3, "4": 1, "16": 1}.items():
        monkeypatch.setenv("KLARTEXT_EXTRACT_PROCESSES", processes)
        assert pools.extraction_slots() == expected
    monkeypatch.setenv("KLARTEXT_EXTRACT_PROCESSES", "3")
    start_run(session, pools.EXTRACTION)
    assert slots(session) == {"extraction": 2}
