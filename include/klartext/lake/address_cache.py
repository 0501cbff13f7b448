"""The addresses, ids and captures in published files, cached in the process for many searches."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from klartext.lake import tables
from klartext.lake.lake import Lake
from klartext.lake.storage import FileStat
from klartext.lake.takedown_filter import ADDRESS_COLUMNS


class AddressCache:
    """The addresses, ids and captures in files, which many searches in one process read. Some hundred files that were
    not used for the longest time are forgotten when it is full."""

    def __init__(self, limit: int) -> None:
        self._limit, self._size = limit, 0
        self._tables: OrderedDict[tuple[str, str, FileStat], pa.Table] = OrderedDict()
        self._lock = threading.Lock()

    def rows(self, lake: Lake, kind: str, name: str, stat: FileStat, sites: Collection[str | None]) -> pa.Table:
        """The rows of a file; of a large one at least those of some sites."""
        key = (lake.storage.root, name, stat)
        with self._lock:
            if (known := self._tables.get(key)) is not None:
                self._tables.move_to_end(key)
                return known
        rows, is_whole = _read_addresses(lake, kind, name, sites)
        if is_whole:
            with self._lock:
                self._size += rows.nbytes if key not in self._tables else 0
                self._tables[key] = rows
                while self._size > self._limit:
                    self._size -= self._tables.popitem(last=False)[1].nbytes
        return rows


ADDRESSES = AddressCache(128 * 1024 * 1024)
"""The cache of this process."""


def _read_addresses(lake: Lake, kind: str, name: str, sites: Collection[str | None]) -> tuple[pa.Table, bool]:
    """The addresses, ids and captures in a file, and whether these are all its rows: rows of hosts without a file are
    sorted by their site, and row groups without the sites are not read. No rows if there is no such file any more."""
    columns = [*ADDRESS_COLUMNS[kind], "article_id", "capture.file", "capture.offset"]
    schema = pa.schema([*((column, pa.string()) for column in [*columns[:-2], "file"]), ("offset", pa.int64()),
                        ("row", pa.int64())])  # fmt: skip
    parts, first, is_whole = [schema.empty_table()], 0, True
    try:
        with lake.storage.open_input(name) as stream, tables.reading(name):
            file = pq.ParquetFile(stream)
            names = file.schema_arrow.names
            wanted = [column for column in columns if column.partition(".")[0] in names]
            for group in range(file.num_row_groups):
                count = file.metadata.row_group(group).num_rows
                if file.num_row_groups > 1 and not _may_have(file, group, sites):
                    is_whole = False
                else:
                    rows = file.read_row_group(group, wanted, use_threads=False)
                    values = [rows[c] if c in names else pa.nulls(count, pa.string()) for c in columns[:-2]]
                    captures = [pc.struct_field(rows["capture"], field) for field in ("file", "offset")]
                    numbers = pa.array(range(first, first + count), pa.int64())
                    parts.append(pa.table([*values, *captures, numbers], schema=schema))
                first += count
    except FileNotFoundError:
        return parts[0], False
    return pa.concat_tables(parts).combine_chunks(), is_whole


def _may_have(file: pq.ParquetFile, group: int, sites: Collection[str | None]) -> bool:
    """False if the statistics of a row group exclude all of some sites."""
    paths = [file.schema.column(number).path for number in range(len(file.schema))]
    if not sites or None in sites or "site" not in paths:
        return True
    statistics = file.metadata.row_group(group).column(paths.index("site")).statistics
    if statistics is None or not statistics.has_min_max:
        return True
    return any(statistics.min <= str(site) <= statistics.max for site in sites)
