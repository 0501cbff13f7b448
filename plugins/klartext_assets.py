"""What the DAGs tell each other about: publishing says what came in, curating listens and says what can be read."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowFailException

from klartext.model import SCHEMA_VERSION

VERSIONS = Asset("klartext://versions")
"""What batches have published. Its partitions, ``slug|YYYY-MM``, are those of :data:`ARTICLES` that it touches."""
ARTICLES = Asset("klartext://articles")
"""The table of articles. Its partitions are named ``slug|YYYY-MM``: the source and the month of first publication."""

BATCHES = Asset("klartext://batches")
"""The table of accounts: an event for every batch that came as far as the gate, refused ones included."""


def partition(dag_run: Any) -> tuple[str, str]:
    """Source and month that a run is for."""
    source, _, month = (dag_run.partition_key or "").partition("|")
    if not source or not month:
        raise AirflowFailException("name a partition as slug|YYYY-MM, for example dwn|2016-08")
    return source, month


def announce(event: Any, work: dict[str, Any], published: dict[str, Any]) -> None:
    """Puts a published batch into a task's event: the partitions that it touched, and in ``extra["batches"]``, by the
    batch's name, its source and partitions, the rows of each table, the version of the schema and the gate's verdict,
    ``passed`` or ``warned`` with the codes of the warnings."""
    event.add_partitions(published["partitions"])
    warnings = work["validate"]["warnings"]
    rows = {"versions": published["articles"]} | {name: published[name] for name in ("teasers", "rejects", "fetches")}
    event.extra.setdefault("batches", {})[work["batch"]["name"]] = {
        "source": work["batch"]["source"],
        "partitions": published["partitions"],
        "rows": rows,
        "schema_version": SCHEMA_VERSION,
        "verdict": "warned" if warnings else "passed",
        "warnings": warnings,
    }


def rebuilt(rows: int, versions: int, triggers: Any) -> dict[str, Any]:
    """What the event of a month made anew says: its ``rows``, the ``versions`` that its articles were seen with, the
    version of the schema, and the batches that it was made anew for as :func:`announce` told them, with the worst of
    their verdicts; both are empty for a rebuild by hand."""
    batches: dict[str, Any] = {}
    for events in (triggers or {}).values():
        for event in events:
            batches |= (event.extra or {}).get("batches", {})
    verdicts = {batch["verdict"] for batch in batches.values()}
    verdict = "warned" if "warned" in verdicts else "passed" if verdicts else None
    told = {"rows": rows, "versions": versions, "schema_version": SCHEMA_VERSION}
    return told | {"verdict": verdict, "batches": batches}
