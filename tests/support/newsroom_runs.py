"""Runs of the newsroom's days through the DAGs, and what they published."""

from __future__ import annotations

import datetime as dt
import hashlib
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pendulum
import pyarrow.parquet as pq

import newsroom
from klartext.lake import layout

SLUGS = [site.slug for site in newsroom.load()]
FIRST_DAY = pendulum.datetime(2024, 5, 15, 4, tz="Europe/Berlin")
"""The end of the newsroom's first interval: the time at which its run would have started."""
Run = Callable[[str], Any]
"""Runs a source's first day, and gives the states of run and tasks."""


def published(lake: Path) -> dict[str, str]:
    """What consumers can read, by the digest of its bytes; without the files that never have rows."""
    names = {str(path.relative_to(lake)): path for path in sorted((lake / "lake").rglob("*")) if path.is_file()}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in names.items()
        if not layout.is_empty_file(name)
    }


def published_rows(lake: Path, slug: str) -> dict[str, list[dict[str, Any]]]:
    """The published rows of a source by table, without the columns that name when and where they were captured."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for file in sorted((lake / "lake").glob(f"*/source={slug}/*/*.parquet")):
        rows = pq.ParquetFile(file).read()
        rows = rows.drop_columns([name for name in ("capture", "fetched_at") if name in rows.column_names])
        tables.setdefault(file.relative_to(lake).parts[1], []).extend(rows.to_pylist())
    return {name: sorted(rows, key=repr) for name, rows in tables.items()}


def announced(slug: str, since: dt.datetime) -> set[str]:
    """Partitions that the events of an ingest's publishing have named; the database is that of other tests too."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        events = select(AssetEvent).where(AssetEvent.source_dag_id == f"ingest_{slug}", AssetEvent.timestamp >= since)
        return {event.partition_key for event in session.scalars(events) if event.name == "klartext://versions"}


def accounts(slug: str) -> dict[str, dict[str, Any]]:
    """The accounts in the last event of an ingest, by batch."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        events = select(AssetEvent).where(AssetEvent.source_dag_id == f"ingest_{slug}").order_by(AssetEvent.id)
        extras = [event.extra["batches"] for event in session.scalars(events) if event.name == "klartext://batches"]
        return dict(extras[-1])


class Event(types.SimpleNamespace):
    """The event of a task's outlet, as far as tasks use it."""

    def __init__(self) -> None:
        super().__init__(extra={}, keys=[])

    def add_partitions(self, keys: list[str]) -> None:
        self.keys.extend(keys)


def run_partition(dags: dict[str, Any], dag: str, key: str | None, **context: Any) -> Any:
    """Runs the first task of a DAG for a partition; its result."""
    task = dags[dag].tasks[0] if dag != "curate" else dags[dag].get_task("curate")
    return task.python_callable(dag_run=types.SimpleNamespace(partition_key=key), **context)


def curated(dags: dict[str, Any], key: str, triggers: Any = None) -> tuple[Any, dict[str, Any]]:
    """Rebuilds months; the partitions that failed and were announced, and the extra of the event."""
    from klartext_airflow.assets import ARTICLES

    event = Event()
    failed = run_partition(dags, "curate", key, triggering_asset_events=triggers, outlet_events={ARTICLES: event})
    return (failed, event.keys), event.extra
