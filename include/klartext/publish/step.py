"""From staging to the tables: a batch owns one file in each, and replaces it whole."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from klartext.batch import Batch
from klartext.curate.step import Seen, of_articles, sightings
from klartext.lake import layout
from klartext.lake.lake import Lake, LakeError
from klartext.lake.months import month_of, zone_of

TABLES = ("fetches", "rejects", "teasers", "batches", "versions")
"""In the order of publishing: whoever sees a version can see all that belongs to it."""


def edits(rows: pa.Table) -> pa.Table:
    """The versions without captures that show what the capture before showed already."""
    kept: list[int] = []
    for seen in sightings(rows).values():
        before: Seen | None = None
        for capture in sorted(seen):
            if before is None or capture.version_id != before.version_id:
                kept.append(capture.row)
            before = capture
    return rows.take(pa.array(sorted(kept), pa.int64()))


def _staged(lake: Lake, batch: Batch) -> dict[str, pa.Table]:
    found = {name: lake.staged(batch, name) for name in TABLES}
    if missing := [name for name, rows in found.items() if rows is None]:
        raise LakeError(f"{batch.name} has staged no {', '.join(missing)}: the steps before publish have to run first")
    return {name: rows for name, rows in found.items() if rows is not None}


def _months(rows: pa.Table, batch: Batch) -> set[str]:
    zone = zone_of(batch.source)
    return {month_of(seen.moment, zone) for captures in sightings(rows).values() for seen in captures}


def _remember(lake: Lake, batch: Batch, months: set[str]) -> set[str]:
    """Adds to the months that the batch has touched before, which a run that died may not have told anyone."""
    name = layout.touched(batch)
    before = set(json.loads(lake.storage.read(name) or b"[]"))
    if months - before:
        lake.storage.put(name, json.dumps(sorted(before | months)).encode())
    return before | months


def publish_batch(lake: Lake, batch: Batch) -> dict[str, Any]:
    """Puts the batch's staged rows in place of what it had published, table by table.

    Gives the rows of each table and ``partitions``: every ``source|month`` of the current view that has to be rebuilt
    because of this batch. Run again it leaves the same bytes and names at least the same partitions. Raises
    :class:`LakeError` if a table has not been staged.
    """
    rows = _staged(lake, batch)
    rows["versions"] = edits(rows["versions"])
    former = lake.published(batch, "versions")
    known = rows["versions"] if former is None else pa.concat_tables([rows["versions"], former])
    months = _remember(lake, batch, _months(known, batch))
    with lake.storage.alone(layout.index(batch.source)):
        for name in TABLES:
            lake.replace(name, layout.published(batch, name), rows[name])
    # Other batches' versions are read after this one's are there: of two runs that publish the same article at once,
    # the later one sees the other, so no month that the article was in is left out.
    everywhere = of_articles(lake, batch.source, known["article_id"].to_pylist())
    months |= _months(everywhere, batch)
    lake.storage.sweep()
    return {
        "partitions": [layout.key(batch.source, month) for month in sorted(months)],
        "articles": rows["versions"].num_rows,
        "teasers": rows["teasers"].num_rows,
        "rejects": rows["rejects"].num_rows,
        "fetches": rows["fetches"].num_rows,
    }
