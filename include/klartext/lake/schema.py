"""Changes of the columns, so that all files of a table have one schema and readers go on working.

A column more: reading fills it (:func:`klartext.lake.tables.filled`), and the first rebuild of a month after it writes
all files of that source anew, a batch's rows with nothing in the column, the views as ``versions`` makes them. A change
that breaks readers: the tables lie in folders of their own (:func:`klartext.lake.layout.tables`), ``klartext lake
rebuild`` brings over what was published before, and the former folders stay as they were.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from klartext import model
from klartext.lake import layout, tables
from klartext.lake.lake import Lake

BATCH_TABLES = [name for name in model.PUBLISHED if name != "articles"]
MEANT: dict[int, Callable[[str, pa.Table], pa.Table]] = {}
"""By major version: rows of a table, as the major version before had them, with what it has in their place. The first
one had none before it."""


def version(lake: Lake, name: str) -> str:
    """The version of the schema that a file names; ``none`` if it names none. Raises OSError, ArrowException."""
    with lake.storage.open_input(name) as stream:
        return tables.version(pq.read_metadata(stream).metadata)


def is_settled(lake: Lake, source: str) -> bool:
    """Whether all files of a source are known to be of the schema of now."""
    return lake.storage.read(layout.schema(source)) == _settled()


def settle(lake: Lake, source: str, rebuild: Callable[[str], object]) -> None:
    """Brings all files of a source to the schema of now, where that is not known to be so; ``rebuild`` makes a month.

    May be run at any time, beside runs, and twice at once.
    """
    if is_settled(lake, source):
        return
    with lake.storage.alone(f"{layout.index(source)}/.schema"):
        if is_settled(lake, source):  # another one was faster
            return
        for table in BATCH_TABLES:
            for name in lake.storage.files(layout.table(table, source), ".parquet"):
                if _is_older(lake, name):
                    _rewrite(lake, source, table, name)
        for name in lake.storage.files(layout.table("articles", source), ".parquet"):
            if _is_older(lake, name):
                rebuild(layout.partitions(name)["month"])
        lake.storage.put(layout.schema(source), _settled())


def bring_over(lake: Lake, source: str | None = None) -> Iterator[str]:
    """Copies what was published under former major versions, as the version of now has it; gives the names.

    What a batch has published anew since is left alone.
    """
    for major in range(1, model.MAJOR_VERSION):
        for table in BATCH_TABLES:
            there = layout.table(table, major=major)
            for former in lake.storage.files(layout.table(table, source, major), ".parquet"):
                name = layout.table(table) + former.removeprefix(there)
                if lake.storage.exists(name):
                    continue
                with lake.storage.open_input(former) as stream:
                    rows = pq.ParquetFile(stream).read()
                for later in range(major + 1, model.MAJOR_VERSION + 1):
                    rows = MEANT[later](table, rows)
                rows = tables.filled(table, rows)
                with lake.storage.alone(layout.index(layout.partitions(name)["source"])):
                    if lake.swap(table, name, None, rows):
                        yield name


def _settled() -> bytes:
    return json.dumps({"major": model.MAJOR_VERSION, "schema": model.SCHEMA_VERSION}).encode()


def _is_older(lake: Lake, name: str) -> bool:
    """Whether a file is of a former schema; one that cannot be read is for :mod:`klartext.maintenance.check` to
    tell."""
    try:
        found = version(lake, name)
    except (pa.ArrowException, OSError):
        return False
    return not found.isdecimal() or int(found) < model.SCHEMA_VERSION


def _rewrite(lake: Lake, source: str, table: str, name: str) -> None:
    while True:
        before = lake.storage.mark(name)
        data = lake.storage.read(name)
        if before is None or data is None:
            return
        rows = tables.decode(table, data)
        with lake.storage.alone(layout.index(source)):
            if lake.swap(table, name, before, rows):
                return
