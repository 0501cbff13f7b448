"""Rows of the lake for reports: accounts, rejects, counts by source and month."""

from __future__ import annotations

import collections
import datetime as dt
from typing import Any

import pyarrow as pa

from klartext import model
from klartext.batch import Batch
from klartext.lake import layout, tables
from klartext.lake.lake import Lake
from klartext.lake.months import month_of, zone_of


def _columns(lake: Lake, table: str, name: str, columns: list[str]) -> list[dict[str, Any]]:
    with lake.storage.open_input(name) as stream:
        rows: list[dict[str, Any]] = tables.read_columns(table, stream, columns).to_pylist()
    return rows


def read_month(lake: Lake, source: str, month: str, columns: list[str] | None = None) -> pa.Table:
    """The articles of a month of a source with all or some of their columns; no rows if there is no file."""
    wanted = columns or model.schema(model.Current).names
    try:
        with lake.storage.open_input(layout.month_file(source, month)) as stream:
            return tables.read_columns("current", stream, wanted)
    except FileNotFoundError:
        return tables.as_table("current", []).select(wanted)


def accounts(lake: Lake, source: str | None = None, day: dt.date | None = None) -> list[dict[str, Any]]:
    """The accounts of all batches, or of a source or a day, with their ``source`` and ``date``; oldest first."""
    rows = []
    for name in lake.storage.files(layout.table_folder("batches", source), ".parquet"):
        place = layout.partitions(name)
        if day is None or place["date"] == day.isoformat():
            names = [field.name for field in model.schema(model.Account)]
            rows += [row | place for row in _columns(lake, "batches", name, names)]
    return sorted(rows, key=lambda row: (row["start"], row["batch"]))


def rejects(lake: Lake, source: str | None = None, day: dt.date | None = None) -> list[dict[str, Any]]:
    """The rows of ``rejects`` of all batches, or of a source or a day. A refused batch publishes none, so its staged
    rejects are taken."""
    rows: list[dict[str, Any]] = []
    refused = {row["batch"]: row for row in accounts(lake, source, day) if row["verdict"] == "refused"}
    for name in lake.storage.files(layout.table_folder("rejects", source), ".parquet"):
        of_day = day is None or layout.partitions(name)["date"] == day.isoformat()
        if of_day and name.rpartition("/")[2].removesuffix(".parquet") not in refused:
            with tables.reading(name):
                rows += tables.from_parquet("rejects", lake.storage.read(name) or b"").to_pylist()
    for name, row in refused.items():
        date = dt.date.fromisoformat(row["date"])
        batch = Batch(source=row["source"], name=name, date=date, start=row["start"], end=row["end"])
        staged = lake.staged(batch, "rejects")
        rows += staged.to_pylist() if staged is not None else []
    return rows


def summary(lake: Lake) -> list[dict[str, Any]]:
    """Rows of ``articles``, ``teasers`` and ``rejects`` by source and month, in that order.

    A teaser counts in the month of the article on whose page it is, a reject in the month of its own time. If that is
    not known, the month of the batch counts.
    """
    counts: dict[tuple[str, str], collections.Counter[str]] = collections.defaultdict(collections.Counter)
    homes: dict[str, str] = {}
    for name in lake.storage.files(layout.table_folder("articles"), ".parquet"):
        place = layout.partitions(name)
        for row in _columns(lake, "current", name, ["article_id"]):
            homes[row["article_id"]] = place["month"]
            counts[place["source"], place["month"]]["articles"] += 1
    for name in lake.storage.files(layout.table_folder("teasers"), ".parquet"):
        place = layout.partitions(name)
        for row in _columns(lake, "teasers", name, ["article_id"]):
            counts[place["source"], homes.get(row["article_id"], place["date"][:7])]["teasers"] += 1
    for name in lake.storage.files(layout.table_folder("rejects"), ".parquet"):
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
