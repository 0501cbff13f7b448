"""What the DAGs tell each other about: publishing says what changed, curating listens."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Asset

from klartext.model import SCHEMA_VERSION

ARTICLES = Asset("klartext://articles")
"""The table of articles. Its partitions are named ``slug|YYYY-MM``: the source and the month of first publication."""

BATCHES = Asset("klartext://batches")
"""The table of accounts: an event for every batch that came as far as the gate, refused ones included."""


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
