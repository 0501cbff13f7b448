"""What Airflow's database knows of the sources, for the console: intervals that should have run, and runs that did not
succeed."""

from __future__ import annotations

import collections
import datetime as dt
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from airflow.configuration import conf
from airflow.models.asset import AssetEvent, AssetModel
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunType
from sqlalchemy import func, select

from klartext.batch import Batch
from klartext.console.view import Interval, Run, Schedule
from klartext.schedule import Schedule as Ticks
from klartext.sources import OTHER, SourceError, of_slug
from klartext_airflow.assets import BATCHES
from klartext_airflow.console_access import dag_of_source, source_of_dag

GRACE = dt.timedelta(hours=2)
"""Time after the end of an interval in which its run may still be waiting."""
_INTERVALS = 10_000
"""Intervals of a source that are looked at, the latest ones."""
_STATES = {
    DagRunState.FAILED: "failed", DagRunState.RUNNING: "running", DagRunState.QUEUED: "running",
}  # fmt: skip


def schedules(slugs: Sequence[str], since: dt.datetime, now: dt.datetime | None = None) -> Mapping[str, Schedule]:
    """The schedules of some sources from a time on, by slug; ``now`` is by default the time of the call."""
    by_dag = {dag_of_source(slug): slug for slug in slugs if slug != OTHER.slug}
    runs: dict[str, list[Run]] = collections.defaultdict(list)
    with create_session() as session:
        unfinished = session.execute(
            select(DagRun.dag_id, DagRun.run_id, DagRun.state, DagRun.data_interval_start, DagRun.data_interval_end)
            .where(DagRun.dag_id.in_(by_dag), DagRun.state.in_(_STATES), DagRun.data_interval_start >= since)
            .order_by(DagRun.data_interval_start)
        ).all()
        scheduled = session.execute(
            select(DagRun.dag_id, func.min(DagRun.data_interval_start), func.max(DagRun.data_interval_end))
            .where(DagRun.dag_id.in_(by_dag), DagRun.run_type == DagRunType.SCHEDULED)
            .group_by(DagRun.dag_id)
        ).all()
        dags = session.execute(
            select(DagModel.dag_id, DagModel.is_paused, DagModel.is_stale, DagModel.next_dagrun_data_interval_start)
            .where(DagModel.dag_id.in_(by_dag))
        ).all()  # fmt: skip
    for dag_id, run_id, state, start, end in unfinished:
        if start and end and start < end:
            kind: Any = _STATES[DagRunState(state)]
            runs[by_dag[dag_id]].append(Run((_utc(start), _utc(end)), kind, run_id))
    bounds = {dag_id: (_utc(first), _utc(last)) for dag_id, first, last in scheduled if first and last}
    now = now or dt.datetime.now(dt.UTC)
    found = {}
    for dag_id, is_paused, is_stale, following in dags:
        first, last = bounds.get(dag_id, (None, None))
        if first is None:  # no scheduled run so far: the first one should have been this one
            first = _utc(following) if following else None
        until = (last or first) if is_paused or is_stale else now - GRACE
        slug = by_dag[dag_id]
        expected = _intervals(slug, max(first, since), until) if first and until else []
        found[slug] = Schedule(expected, runs[slug])
    return found


def _utc(moment: dt.datetime) -> dt.datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)


def _intervals(slug: str, first: dt.datetime, until: dt.datetime) -> list[Interval]:
    """The intervals of a source's schedule that begin at a time or later and end until another; the latest ones."""
    try:
        source = of_slug(slug)
    except SourceError:  # Airflow reports it
        return []
    found: list[Interval] = []
    month = until.astimezone(source.zone).date().replace(day=1)
    while len(found) < _INTERVALS:
        found = [*_intervals_of_month(source.schedule, source.time_zone, month), *found]
        if month <= first.astimezone(source.zone).date():
            break
        month = (month - dt.timedelta(days=1)).replace(day=1)
    return [(start, end) for start, end in found if first <= start and end <= until][-_INTERVALS:]


@functools.lru_cache(maxsize=2_000)
def _intervals_of_month(expression: str, zone: str, month: dt.date) -> tuple[Interval, ...]:
    """The intervals that begin in a month by the clocks of a time zone."""
    following = (month + dt.timedelta(days=32)).replace(day=1)
    return tuple(Ticks(expression, ZoneInfo(zone)).intervals(month, following))


def run_address(slug: str, interval: Interval) -> str | None:
    """The address of the run of an interval in Airflow's UI; None if there is none, as for an imported file."""
    dag_id = dag_of_source(slug)
    with create_session() as session:
        run_id = session.scalars(
            select(DagRun.run_id)
.where(DagRun.dag_id == dag_id)
            .where(DagRun.data_interval_start == interval[0], DagRun.data_interval_end == interval[1])
            .order_by(DagRun.id.desc())
            .limit(1)
        ).first()  # fmt: skip
    server = conf.get("api", "base_url", fallback="").rstrip("/")
    return f"{server}/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}" if run_id else None


def batches_of_run(dag_id: str, run_id: str) -> list[tuple[str, str]]:
    """The batches that a run has validated, or is working on: source and name of each."""
    with create_session() as session:
        events = session.scalars(
            select(AssetEvent)
            .join(AssetModel, AssetModel.id == AssetEvent.asset_id)
.where(AssetEvent.source_dag_id == dag_id, AssetEvent.source_run_id == run_id)
            .where(AssetModel.uri == BATCHES.uri)
        ).all()  # fmt: skip
        extras: Iterable[dict[str, Any]] = [event.extra or {} for event in events]
        accounts = [item for extra in extras for item in extra.get("batches", {}).items()]
        found = {(str(account["source"]), str(name)) for name, account in accounts}
        run = session.scalars(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)).first()
        interval = (run.data_interval_start, run.data_interval_end) if run else (None, None)
    slug = source_of_dag(dag_id)
    start, end = interval
    if not found and slug and slug != OTHER.slug and start and end and start < end:
        found = {(slug, Batch.of_interval(of_slug(slug), _utc(start), _utc(end)).name)}
    return sorted(found)
