"""A file without rows in each published table, so that readers of a young lake find all tables with their columns.

The files stay when there are others: so nothing depends on the order in which batches are published.
"""

from __future__ import annotations

import json

from klartext import model
from klartext.lake import layout, tables
from klartext.lake.storage import Storage


def create(storage: Storage, *, repair: bool = False) -> None:
    """Creates the files that are missing, or are of an earlier schema.

    Any number of processes may do so at once: they write the same bytes. A marker says that all are there, so that
    other calls read one file only; with ``repair`` each file is compared.
    """
    if not repair and _is_current(storage.read(layout.TABLES_MARKER)):
        return
    for table in model.PUBLISHED:
        name, data = layout.empty_file(table), content(table)
        if storage.read(name) != data:
            storage.put(name, data)
    storage.put(layout.TABLES_MARKER, json.dumps(_present()).encode())


def missing(storage: Storage) -> list[str]:
    """The names of the files that do not exist."""
    return [name for name in map(layout.empty_file, model.PUBLISHED) if not storage.exists(name)]


def content(table: str) -> bytes:
    """The bytes of a published table's file without rows."""
    stored = "current" if table == "articles" else table
    return bytes(tables.to_parquet(stored, tables.as_table(stored, [])).to_pybytes())


def _present() -> dict[str, int]:
    return {"major": model.MAJOR_VERSION, "schema": model.SCHEMA_VERSION}


def _is_current(marker: bytes | None) -> bool:
    """True if all files are of the present schema or, written by a later version of the software, of a later one."""
    try:
        found = json.loads(marker or b"{}")
        return bool(found["major"] == model.MAJOR_VERSION and found["schema"] >= model.SCHEMA_VERSION)
    except (ValueError, KeyError, TypeError):
        return False
