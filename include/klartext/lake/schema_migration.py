"""Rewriting files of an earlier schema, so that all files of a table have one schema and readers go on working.

With a new column, reading fills it (:func:`klartext.lake.tables.to_current_schema`), and the next rebuild of any month
rewrites all files of that source: the files of batches with nothing in the column, the views from ``versions``. After a
change that breaks readers the tables have a folder of their own (:func:`klartext.lake.layout.tables_folder`); the
former folder stays as it is, and replaying the batches fills the new one.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq

from klartext import model
from klartext.lake import layout, tables
from klartext.lake.lake import Lake

BATCH_TABLES = [name for name in model.PUBLISHED if name not in ("articles", "shared_text", "keep")]
"""Tables in which each batch owns a file."""


def migrate_source(lake: Lake, source: str, rebuild_month: Callable[[str], object]) -> None:
    """Rewrites the files of a source that are of an earlier schema, unless all are known to be of the present one.

    ``rebuild_month`` rebuilds the current view of a month. May be run at any time, beside other runs, and twice at
    once.
    """
    if _is_migrated(lake, source):
        return
    with lake.storage.lock(f"{layout.index_folder(source)}/.schema"):
        if _is_migrated(lake, source):  # done by another process meanwhile
            return
        for table in BATCH_TABLES:
            for name in lake.published_files(table, source):
                if _is_older(lake, name):
                    _rewrite(lake, source, table, name)
        for name in lake.published_files("articles", source):
            if _is_older(lake, name):
                rebuild_month(layout.partitions(name)["month"])
        lake.storage.put(layout.schema_marker(source), _marker())


def _is_migrated(lake: Lake, source: str) -> bool:
    return lake.storage.read(layout.schema_marker(source)) == _marker()


def _marker() -> bytes:
    return json.dumps({"major": model.MAJOR_VERSION, "schema": model.SCHEMA_VERSION}).encode()


def _is_older(lake: Lake, name: str) -> bool:
    """True if a file is of an earlier schema. A broken file is not: :mod:`klartext.maintenance.check` reports it."""
    try:
        with lake.storage.open_input(name) as stream:
            found = tables.schema_version(pq.read_metadata(stream).metadata)
    except (pa.ArrowException, OSError):
        return False
    return not found.isdecimal() or int(found) < model.SCHEMA_VERSION


def _rewrite(lake: Lake, source: str, table: str, name: str) -> None:
    while True:
        before = lake.storage.stat(name)
        data = lake.storage.read(name)
        if before is None or data is None:
            return
        rows = tables.from_parquet(table, data)
        with lake.lock_source(source):
            if lake.replace_if_unchanged(table, name, before, rows):
                return
