"""The assets that connect the DAGs, and the contents of their events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowFailException

from klartext_airflow.results import BatchFields

VERSIONS = Asset("klartext://versions")
"""The table ``versions``. An event for each published batch; its partitions, ``slug|YYYY-MM``, are the months of
:data:`ARTICLES` that have to be rebuilt."""
ARTICLES = Asset("klartext://articles")
"""The table ``articles``. An event for each rebuilt partition, ``slug|YYYY-MM``: source and month of publication."""
BATCHES = Asset("klartext://batches")
"""The table ``batches``. An event for each validated batch, refused ones included."""


def partition_of(dag_run: Any) -> tuple[str, str]:
    """Source and month of a run's partition key. Raises AirflowFailException for a run without such a key."""
    source, _, month = (dag_run.partition_key or "").partition("|")
    if not source or not month:
        raise AirflowFailException("name a partition as slug|YYYY-MM, for example dwn|2016-08")
    return source, month


def add_published_batch(event: Any, batch: BatchFields, published: Mapping[str, Any], warnings: list[str]) -> None:
    """Adds a published batch to the event of a task with the outlet :data:`VERSIONS`.

    The event gets the partitions to rebuild, and ``extra["batches"]``, by name of the batch, its source, partitions,
    rows by table, schema version and verdict: ``passed``, or ``warned`` with the codes of ``warnings``.
    """
    from klartext.model import SCHEMA_VERSION

    rows = {"versions": published["articles"]} | {name: published[name] for name in ("teasers", "rejects", "fetches")}
    event.add_partitions(published["partitions"])
    event.extra.setdefault("batches", {})[batch["name"]] = {
        "source": batch["source"],
        "partitions": published["partitions"],
        "rows": rows,
        "schema_version": SCHEMA_VERSION,
        "verdict": "warned" if warnings else "passed",
        "warnings": warnings,
    }


def rebuilt_month(rows: int, versions: int, triggers: Mapping[Asset, list[Any]] | None) -> dict[str, Any]:
    """The extra of an event of :data:`ARTICLES`.

    ``rows`` are the articles of the month, ``versions`` the versions observed of them; ``triggers`` are the events of
    :data:`VERSIONS` that caused the run. Their batches are listed with the worst of their verdicts; a run started by
    hand has none.
    """
    from klartext.model import SCHEMA_VERSION

    batches: dict[str, Any] = {}
    for events in (triggers or {}).values():
        for event in events:
            batches |= (event.extra or {}).get("batches", {})
    verdicts = {batch["verdict"] for batch in batches.values()}
    return {
        "rows": rows,
        "versions": versions,
        "schema_version": SCHEMA_VERSION,
        "verdict": "warned" if "warned" in verdicts else "passed" if verdicts else None,
        "batches": batches,
    }
