"""What a source's batches have published, as discovery asks for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from klartext import urls
from klartext.batch import Batch
from klartext.lake import layout, tables
from klartext.lake.lake import Lake

_ROWS = 20_000


def teasers(lake: Lake, batch: Batch, since: dt.datetime, until: dt.datetime) -> Iterator[tuple[str, str]]:
    """Where the teasers lead to that other batches of the source found from ``since`` until before ``until``, with the
    page on which each stood; in the order of files and rows."""
    first = (since - dt.timedelta(days=2)).date().isoformat()  # a batch lies under the day on which its interval begins
    own = layout.published(batch, "teasers")
    for name in lake.storage.files(layout.table("teasers", batch.source), ".parquet"):
        if name == own or layout.partitions(name)["date"] < first:
            continue
        for part in _read(lake, "teasers", name, ["target_url", "url", "is_self", "fetched_at"]):
            for row in part:
                if row["target_url"] and not row["is_self"] and since <= row["fetched_at"] < until:
                    yield row["target_url"], row["url"]


def captured(lake: Lake, batch: Batch, keys: Collection[str]) -> set[str]:
    """Which of some pages, by :func:`klartext.urls.page_key`, a batch of the source has captured."""
    wanted, found = set(keys), set[str]()
    files = lake.storage.files(layout.table("fetches", batch.source), ".parquet") if wanted else []
    for name in files:
        for part in _read(lake, "fetches", name, ["url", "outcome"]):
            found |= wanted & {urls.page_key(row["url"]) for row in part if row["outcome"] == "captured"}
    return found


def _read(lake: Lake, table: str, name: str, columns: list[str]) -> Iterator[list[dict[str, Any]]]:
    try:
        file = lake.storage.open_input(name)
    except FileNotFoundError:
        return  # replaced in this moment by a batch that has no such rows any more
    with file, pq.ParquetFile(file) as rows:
        for part in rows.iter_batches(_ROWS, columns=columns):
            yield tables.filled(table, pa.Table.from_batches([part]), columns).to_pylist()
