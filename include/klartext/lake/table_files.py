"""The files of a published table, one by one, for readers that keep what they have read and read only what is new."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pyarrow as pa

from klartext import model
from klartext.batch import Batch
from klartext.lake import layout, tables
from klartext.lake.lake import Lake
from klartext.lake.storage import FileStat

_RAW = re.compile(r"raw/source=([a-z0-9][a-z0-9.-]*)/date=(\d{4}-\d\d-\d\d)/[^/\x00-\x1f]{1,300}\.warc\.gz")


@dataclasses.dataclass(frozen=True, slots=True)
class TableFile:
    """A file of a table.

    ``source`` is empty for a table that is not partitioned by source. ``partition`` is the day (``2024-05-14``) or the
    month (``2024-05``) in its path, ``label`` its name without ending: that of the batch, in a table of batches.
    """

    table: str
    name: str
    source: str
    partition: str
    label: str
    stat: FileStat

    @property
    def day(self) -> dt.date:
        """The day of a file that is partitioned by it. Raises ValueError for one of a month."""
        return dt.date.fromisoformat(self.partition)


def list_table(lake: Lake, table: str, source: str | None = None) -> list[TableFile]:
    """The files of a published table, or of one source in it, sorted by name. ``table`` is a key of
    :data:`klartext.model.PUBLISHED`."""
    found = []
    for name, stat in lake.published_stats(table, source).items():
        parts = layout.partitions(name)
        partition = parts.get("date") or parts.get("month") or ""
        label = name.rpartition("/")[2].removesuffix(".parquet")
        found.append(TableFile(table, name, parts.get("source", ""), partition, label, stat))
    return found


def stored_as(table: str) -> str:
    """The key of a published table's rows in :data:`klartext.model.TABLES`."""
    return "current" if table == "articles" else table


def read_file(lake: Lake, file: TableFile, columns: list[str] | None = None) -> pa.Table:
    """All or some columns of a file, without what was taken down; no rows if the file was removed meanwhile."""
    stored = stored_as(file.table)
    wanted = columns or model.schema(model.PUBLISHED[file.table]).names
    try:
        with lake.storage.open_input(file.name) as stream, tables.reading(file.name):
            rows = tables.read_columns(stored, stream, wanted)
    except FileNotFoundError:
        return tables.as_table(stored, []).select(wanted)
    return lake.takedown_filter().filter_rows(stored, rows)


def source_of_raw_file(name: str) -> str | None:
    """The source below whose captures a WARC file of the lake lies, by its name; None for what is no such name."""
    found = _RAW.fullmatch(name)
    return found[1] if found else None


def day_of_raw_file(name: str) -> dt.date:
    """The day of the batch that a WARC file of the lake belongs to. Raises ValueError for what is no such name."""
    found = _RAW.fullmatch(name)
    if found is None:
        raise ValueError(f"{name} is no WARC file of a lake")
    return dt.date.fromisoformat(found[2])


def read_staged(lake: Lake, batch: Batch, table: str, columns: list[str]) -> pa.Table | None:
    """Some columns of what a batch has staged of a table, without what was taken down; None if it has staged none."""
    name = layout.staged_file(batch, table)
    try:
        with lake.storage.open_input(name) as stream, tables.reading(name):
            rows = tables.read_columns(table, stream, columns)
    except FileNotFoundError:
        return None
    return lake.takedown_filter().filter_rows(table, rows)
