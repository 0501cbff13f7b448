"""The assets that connect the DAGs, the contents of their events, and the partitions that a run works on.

Airflow stores the ``extra`` of an event once for each partition that the event names, so it holds counts and a few
names only; the lake has the details of a batch under its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from airflow.sdk import Asset, FixedKeyMapper, IdentityMapper, PartitionedAssetTimetable, ProductMapper
from airflow.sdk.exceptions import AirflowFailException

from klartext_airflow.results import BatchFields

VERSIONS = Asset("klartext://versions")
"""The table ``versions``. Events of published batches; their partitions, ``slug|YYYY-MM``, are the months of
:data:`ARTICLES` that have to be rebuilt."""
ARTICLES = Asset("klartext://articles")
"""The table ``articles``. An event for each rebuilt partition, ``slug|YYYY-MM``: source and month of publication."""
SHARED_TEXT = Asset("klartext://shared_text")
"""The tables ``shared_text`` and ``keep``. An event for each computed partition, ``YYYY-MM``, of all sources."""
BATCHES = Asset("klartext://batches")
"""The table ``batches``. An event for each validated batch, refused ones included."""

ALL_MONTHS = "*"
"""In place of the month, in the partition of a run that works on several months of a source."""
NAMED = 10
"""Batches that the extra of an event names."""


def one_run_per_source(asset: Asset) -> PartitionedAssetTimetable:
    """The schedule of a DAG of which one run takes all months of a source that events have named since the last run:
    the run's partition is ``slug|*``. An event that arrives while a run is active starts another run."""
    return PartitionedAssetTimetable(
        assets=asset, default_partition_mapper=ProductMapper(IdentityMapper(), FixedKeyMapper(ALL_MONTHS))
    )


def partition_of(key: str | None) -> tuple[str, str]:
    """Source and month of a partition key. Raises AirflowFailException for what is no such key."""
    source, _, month = (key or "").partition("|")
    if not source or not month:
        raise AirflowFailException("name a partition as slug|YYYY-MM, for example dwn|2016-08, or all as slug|*")
    return source, month


def months_of_run(dag_run: Any, triggers: Mapping[Asset, list[Any]] | None) -> tuple[str, list[str] | None]:
    """Source and months that a run works on: the month of its partition, or of ``slug|*`` the months that the events
    which caused the run have named; None for all months, if a person has started it.

    Raises AirflowFailException for a run without a partition.
    """
    source, month = partition_of(dag_run.partition_key)
    if month != ALL_MONTHS:
        return source, [month]
    keys = {event.partition_key for events in (triggers or {}).values() for event in events}
    named = [partition_of(key) for key in sorted(filter(None, keys))]
    return source, [found for slug, found in named if slug == source] or None


def add_published_batch(event: Any, batch: BatchFields, published: Mapping[str, Any], warnings: Iterable[str]) -> None:
    """Adds a published batch to the event of a task with the outlet :data:`VERSIONS`.

    The event gets the partitions to rebuild. Its extra has ``batches`` (their number), ``names`` of the first
    :data:`NAMED`, the sums of ``rows`` by table, ``schema_version``, and the worst ``verdict``: ``passed``, or
    ``warned`` with the codes of ``warnings``.
    """
    rows = {"versions": published["articles"]} | {name: published[name] for name in ("teasers", "rejects", "fetches")}
    event.add_partitions(published["partitions"])
    _add_batches(event.extra, [batch["name"]], 1, list(warnings))
    sums = event.extra.setdefault("rows", {})
    event.extra["rows"] = {name: sums.get(name, 0) + count for name, count in rows.items()}


def add_rebuilt_months(
    event: Any, source: str, rows: Mapping[str, int], versions: Mapping[str, int], triggers: Any
) -> None:
    """Adds rebuilt months to the event of a task with the outlet :data:`ARTICLES`.

    Args:
        event: of the task.
        source: of the months.
        rows: number of articles by month.
        versions: number of the versions observed of them, by month.
        triggers: the events of :data:`VERSIONS` that caused the run; None if a person has started it.

    The extra has the sums of ``rows`` and ``versions`` over the ``months`` of the event, and what the triggers have of
    their batches.
    """
    event.add_partitions([f"{source}|{month}" for month in sorted(rows)])
    extra: dict[str, Any] = {}
    seen: list[Mapping[str, Any]] = []
    for each in (each for events in (triggers or {}).values() for each in events):
        found = each.extra or {}
        if "batches" in found and found not in seen:  # one event for each of its partitions
            seen.append(found)
            _add_batches(extra, found["names"], found["batches"], found["warnings"])
    _add_batches(extra, [], 0, [])
    counts = {"months": len(rows), "rows": sum(rows.values()), "versions": sum(versions.values())}
    event.extra.update(extra | counts | ({"verdict": None} if not seen else {}))


def _add_batches(extra: dict[str, Any], names: list[str], count: int, warnings: list[str]) -> None:
    from klartext.model import SCHEMA_VERSION

    extra["batches"] = extra.get("batches", 0) + count
    extra["names"] = [*extra.get("names", []), *names][:NAMED]
    extra["warnings"] = sorted({*extra.get("warnings", []), *warnings})
    extra["verdict"] = "warned" if extra["warnings"] else "passed"
    extra["schema_version"] = SCHEMA_VERSION
