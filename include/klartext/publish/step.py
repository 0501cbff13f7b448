"""From staging to the tables: a batch owns one file in each table, and replaces it as a whole."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from klartext.batch import Batch
from klartext.lake import Lake, LakeError
from klartext.lake.months import partition_key, zone_of
from klartext.lake.version_history import months_of_rows, read_history, without_repeats

TABLES = ("fetches", "rejects", "teasers", "batches", "versions")
"""In the order of publishing: ``versions`` last, so that everything about an article is there before the article."""


def publish_batch(lake: Lake, batch: Batch) -> dict[str, Any]:
    """Replaces what the batch has published by its staged rows, table by table.

    Returns the number of rows of each table and ``partitions``: every ``source|month`` of the current view that has to
    be rebuilt because of this batch. Run again it writes the same bytes and returns at least the same partitions.

    Raises:
        LakeError: a table has not been staged.
    """
    rows = _staged_rows(lake, batch)
    rows["versions"] = without_repeats(rows["versions"])
    former = lake.published(batch, "versions")
    changed = rows["versions"] if former is None else pa.concat_tables([rows["versions"], former])
    zone = zone_of(batch.source)
    months = lake.add_touched_months(batch, months_of_rows(changed, zone))
    with lake.lock_source(batch.source):
        for table in TABLES:
            lake.publish(batch, table, rows[table])
    # Other batches' versions are read after this one's are published: if two runs publish the same article at once,
    # the later one sees the other's, so no month that the article was in is left out.
    history = read_history(lake, batch.source, changed["article_id"].to_pylist())
    months |= months_of_rows(history, zone)
    lake.storage.remove_unfinished()
    return {
        "partitions": [partition_key(batch.source, month) for month in sorted(months)],
        "articles": rows["versions"].num_rows,
        "teasers": rows["teasers"].num_rows,
        "rejects": rows["rejects"].num_rows,
        "fetches": rows["fetches"].num_rows,
    }


def _staged_rows(lake: Lake, batch: Batch) -> dict[str, pa.Table]:
    staged = {table: lake.staged(batch, table) for table in TABLES}
    if missing := [table for table, rows in staged.items() if rows is None]:
        raise LakeError(f"{batch.name} has staged no {', '.join(missing)}: run the steps before publish first")
    return {table: rows for table, rows in staged.items() if rows is not None}
