"""The files of shared text: the shingles of each source and month, and the tables of each month."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

import pyarrow as pa

from klartext.lake import layout, tables
from klartext.lake.lake import Lake
from klartext.lake.storage import FileStat

TABLES = ("shared_text", "keep")
"""The tables of a month that are computed together."""


class SourceMonth(NamedTuple):
    """A month of a source, ``YYYY-MM``."""

    source: str
    month: str


def next_month(month: str) -> str:
    """The month after one given as ``YYYY-MM``."""
    return f"{dt.date.fromisoformat(f'{month}-01') + dt.timedelta(days=31):%Y-%m}"


def month_before(month: str) -> str:
    """The month before one given as ``YYYY-MM``."""
    return f"{dt.date.fromisoformat(f'{month}-01') - dt.timedelta(days=1):%Y-%m}"


def read_shingles(lake: Lake, key: SourceMonth) -> pa.Table | None:
    """The shingles of a source and month; None if there are none."""
    name = layout.shingles_file(*key)
    data = lake.storage.read(name)
    if data is None:
        return None
    with tables.reading(name):
        return lake.takedown_filter().filter_rows("shingles", tables.from_parquet("shingles", data))


def all_shingles(lake: Lake) -> dict[SourceMonth, FileStat]:
    """The files of shingles of all sources and months."""
    return by_month(lake.storage.stats(layout.SHINGLES, ".parquet"))


def by_month(stats: Mapping[str, FileStat]) -> dict[SourceMonth, FileStat]:
    """Files by the source and month in their names."""
    places = {name: layout.partitions(name) for name in stats}
    return {SourceMonth(place["source"], place["month"]): stats[name] for name, place in places.items()}


def shingles_stat(lake: Lake, key: SourceMonth) -> FileStat | None:
    """The stat of the shingles of a source and month, for :func:`replace_shingles`; None if there is no file."""
    return lake.storage.stat(layout.shingles_file(*key))


def replace_shingles(lake: Lake, key: SourceMonth, before: FileStat | None, rows: pa.Table) -> bool:
    """Replaces the shingles of a source and month as :meth:`Lake.replace_if_unchanged` does."""
    return _replace(lake, "shingles", layout.shingles_file(*key), before, rows, allow_empty=False)


def read_month_of(lake: Lake, table: str, month: str) -> pa.Table:
    """The rows of ``shared_text`` or ``keep`` of a month; no rows if there is no file."""
    name = layout.linked_file(table, month)
    data = lake.storage.read(name)
    if data is None:
        return tables.as_table(table, [])
    with tables.reading(name):
        return lake.takedown_filter().filter_rows(table, tables.from_parquet(table, data))


def month_stats(lake: Lake, month: str) -> dict[str, FileStat | None]:
    """The stats of the files of a month by table, for :func:`replace_month`."""
    return {table: lake.storage.stat(layout.linked_file(table, month)) for table in TABLES}


def replace_month(lake: Lake, month: str, before: Mapping[str, FileStat | None], rows: Mapping[str, pa.Table]) -> bool:
    """Replaces the tables of a month as :meth:`Lake.replace_if_unchanged` does; removes them if no article is in
    ``keep``. Returns True if all were replaced."""
    there = rows["keep"].num_rows > 0
    done = [
        _replace(lake, table, layout.linked_file(table, month), before[table], rows[table], allow_empty=there)
        for table in TABLES
    ]
    return all(done)


def lock_months(lake: Lake) -> contextlib.AbstractContextManager[None]:
    """Excludes others that replace the tables of a month, where that is possible: on a disk."""
    return lake.storage.lock(layout.LINKED_STATE)


def _replace(lake: Lake, table: str, name: str, before: FileStat | None, rows: pa.Table, *, allow_empty: bool) -> bool:
    """Leaves a file that has these rows as it is, so that what follows from it is not computed again."""
    kept = lake.takedown_filter().filter_rows(table, rows)
    ordered = tables.sort_rows(table, kept, layout.partitions(name).get("source", ""))
    wanted = tables.to_parquet(table, ordered).to_pybytes() if ordered.num_rows or allow_empty else None
    if lake.storage.stat(name) == before and lake.storage.read(name) == wanted:
        return True
    return lake.replace_if_unchanged(table, name, before, rows, allow_empty=allow_empty)
