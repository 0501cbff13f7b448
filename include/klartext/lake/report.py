"""What the lake holds, in numbers."""

from __future__ import annotations

import collections
from typing import Any

import pyarrow as pa

from klartext import model
from klartext.lake import layout, tables
from klartext.lake.current import month_of, zone_of
from klartext.lake.lake import Lake


def _columns(lake: Lake, table: str, name: str, columns: list[str]) -> list[dict[str, Any]]:
    with lake.storage.open_input(name) as stream:
        rows: list[dict[str, Any]] = tables.read(table, stream, columns).to_pylist()
    return rows


def read_month(lake: Lake, source: str, month: str, columns: list[str] | None = None) -> pa.Table:
    """The articles of a month of a source, all of their columns or some; no rows where there is no file."""
    wanted = columns or model.schema(model.Current).names
    try:
        with lake.storage.open_input(layout.articles(source, month)) as stream:
            return tables.read("current", stream, wanted)
    except FileNotFoundError:
        return tables.of("current", []).select(wanted)


def summary(lake: Lake) -> list[dict[str, Any]]:
    """Rows of ``articles``, ``teasers`` and ``rejects`` by source and month, in that order.

    A teaser counts in the month of the article on whose page it stands, a reject in that of its own time; where
    neither is known, the month of the batch counts.
    """
    counts: dict[tuple[str, str], collections.Counter[str]] = collections.defaultdict(collections.Counter)
    homes: dict[str, str] = {}
    for name in lake.storage.files(layout.table("articles"), ".parquet"):
        place = layout.partitions(name)
        for row in _columns(lake, "current", name, ["article_id"]):
            homes[row["article_id"]] = place["month"]
            counts[place["source"], place["month"]]["articles"] += 1
    for name in lake.storage.files(layout.table("teasers"), ".parquet"):
        place = layout.partitions(name)
        for row in _columns(lake, "teasers", name, ["article_id"]):
            counts[place["source"], homes.get(row["article_id"], place["date"][:7])]["teasers"] += 1
    for name in lake.storage.files(layout.table("rejects"), ".parquet"):
        place = layout.partitions(name)
        zone = zone_of(place["source"])
        for row in _columns(lake, "rejects", name, ["published_at"]):
            month = month_of(row["published_at"], zone) if row["published_at"] else place["date"][:7]
            counts[place["source"], month]["rejects"] += 1
    return [
        {
            "source": source,
            "month": month,
            **{key: counts[source, month][key] for key in ("articles", "teasers", "rejects")},
        }
        for source, month in sorted(counts)
    ]
