"""Rows of the lake for reports: accounts, rejects, counts by source and month."""

from __future__ import annotations

import collections
import datetime as dt
from collections.abc import Container
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


def accounts(
    lake: Lake, source: str | None = None, first: dt.date | None = None, until: dt.date | None = None
) -> list[dict[str, Any]]:
    """The accounts of all batches, or of a source or the days from ``first`` until before ``until``, with their
    ``source`` and ``date``; oldest first."""
    rows = []
    names = [field.name for field in model.schema(model.Account)]
    for name in _files(lake, "batches", source, first, until):
        rows += [row | layout.partitions(name) for row in _columns(lake, "batches", name, names)]
    return sorted(rows, key=lambda row: (row["start"], row["batch"]))


def rejects(
    lake: Lake, source: str | None = None, first: dt.date | None = None, until: dt.date | None = None
) -> list[dict[str, Any]]:
    """The rows of ``rejects`` of all batches, or of a source or some days, with ``source``, ``date`` and ``batch``. A
    refused batch publishes none, so its staged rejects are taken."""
    refused = {row["batch"]: row for row in accounts(lake, source, first, until) if row["verdict"] == "refused"}
    rows = _rows(lake, "rejects", source, first, until, without=refused)
    for name, row in refused.items():
        date = dt.date.fromisoformat(row["date"])
        batch = Batch(source=row["source"], name=name, date=date, start=row["start"], end=row["end"])
        staged = lake.staged(batch, "rejects")
        place = {"source": row["source"], "date": row["date"], "batch": name}
        rows += [each | place for each in (staged.to_pylist() if staged is not None else [])]
    return rows


def fetches(
    lake: Lake, source: str | None = None, first: dt.date | None = None, until: dt.date | None = None
) -> list[dict[str, Any]]:
    """The rows of ``fetches`` of all batches, or of a source or some days, with ``source``, ``date`` and ``batch``."""
    return _rows(lake, "fetches", source, first, until)


def source_slugs(lake: Lake) -> set[str]:
    """The slugs of all sources of which the lake has a batch."""
    names = lake.published_files("batches")
    return {layout.partitions(name)["source"] for name in names}


def has_captures(lake: Lake, source: str) -> bool:
    """True if the lake has a WARC file of a source."""
    return bool(lake.storage.files(layout.raw_source(source), ".gz"))


def batches_of_raw_files(lake: Lake, part: str) -> set[str]:
    """The names of the batches that own a WARC file with some text in its path."""
    return {layout.batch_of_file(name)[1] for name in lake.storage.files(layout.raw_root(), ".gz") if part in name}


def _files(lake: Lake, table: str, source: str | None, first: dt.date | None, until: dt.date | None) -> list[str]:
    """The files of a table, or those of a source or of some days."""
    return [
        name
        for name in lake.published_files(table, source)
        if (first is None or layout.partitions(name)["date"] >= first.isoformat())
        and (until is None or layout.partitions(name)["date"] < until.isoformat())
    ]


def _rows(
    lake: Lake,
    table: str,
    source: str | None,
    first: dt.date | None,
    until: dt.date | None,
    without: Container[str] = (),
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name in _files(lake, table, source, first, until):
        batch = layout.batch_of_file(name)[1]
        if batch in without or (data := lake.storage.read(name)) is None:
            continue
        with tables.reading(name):
            place = layout.partitions(name) | {"batch": batch}
            rows += [row | place for row in tables.from_parquet(table, data).to_pylist()]
    return rows


def summary(lake: Lake) -> list[dict[str, Any]]:
    """Rows of ``articles``, ``teasers`` and ``rejects`` by source and month, in that order.

    A teaser counts in the month of the article on whose page it is, a reject in the month of its own time. If that is
    not known, the month of the batch counts.
    """
    counts: dict[tuple[str, str], collections.Counter[str]] = collections.defaultdict(collections.Counter)
    homes: dict[str, str] = {}
    for name in lake.published_files("articles"):
        place = layout.partitions(name)
        for row in _columns(lake, "current", name, ["article_id"]):
            homes[row["article_id"]] = place["month"]
            counts[place["source"], place["month"]]["articles"] += 1
    for name in lake.published_files("teasers"):
        place = layout.partitions(name)
        for row in _columns(lake, "teasers", name, ["article_id"]):
            counts[place["source"], homes.get(row["article_id"], place["date"][:7])]["teasers"] += 1
    for name in lake.published_files("rejects"):
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
