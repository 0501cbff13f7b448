"""An index of the versions of a source, so that rebuilding a month reads that month and not the whole lake.

For each row of ``versions`` the index has the file and row group, a hash of the article's id, and the time that decides
the month. A cached copy is stored outside of the tables, one file per source. The copy is never trusted: at every use
the folders that have changed since are listed, a file whose name, size or time of writing is not in the copy is read
itself, and a copy that is lost or broken is rebuilt. So it needs no lock: of two writers the last one wins, and either
copy is correct.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import time
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from klartext import model
from klartext.lake import layout, tables
from klartext.lake.lake import Lake
from klartext.lake.storage import FileStat

_ROWS = pa.schema([
    pa.field("article", pa.uint32()),
    pa.field("moment", pa.timestamp("us", tz="UTC")),
    pa.field("file", pa.int32()),
    pa.field("group", pa.int32()),
])  # fmt: skip
"""``article`` is a 32-bit hash: if two articles share one, a row group too many is read and nothing else."""
_FILES = pa.schema([
    pa.field("folder", pa.string()),
    pa.field("name", pa.string()),
    pa.field("size", pa.int64()),
    pa.field("modified_ns", pa.int64()),
    pa.field("etag", pa.string()),
])  # fmt: skip
_FOLDERS = pa.schema([pa.field("folder", pa.string()), pa.field("modified_ns", pa.int64())])
_VERSION = {b"klartext.version_index": b"4"}

_FRESH = 60 * 10**9
"""Nanoseconds. A file younger than that is not put into the copy: it could be replaced without a change of its stat."""
_STALE_FILES, _STALE_ROWS = 32, 5_000
"""Numbers of files and rows that are not in the copy from which the copy is written again."""


class FileChanged(Exception):
    """A file was replaced or removed between listing and reading; the caller has to load the index again."""


@dataclasses.dataclass(frozen=True)
class FileListing:
    """The files of a source's versions: its folders with the time of their last change, and the files of those folders
    that have changed since the copy was written. In an object store all files, and no folders."""

    folders: dict[str, int]
    files: dict[str, FileStat]


@dataclasses.dataclass(frozen=True)
class VersionIndex:
    """The rows of a source's versions: ``rows`` refer to ``files`` by number.

    ``settled_folders`` are the folders that the copy covers completely, each with the time of its last change.
    """

    files: pa.Table
    rows: pa.Table
    settled_folders: dict[str, int]
    listing: FileListing

    def of_month(self, start: dt.datetime, end: dt.datetime) -> VersionIndex:
        """All rows of the articles that have a version of a time from ``start`` until before ``end``."""
        low, high = (pa.scalar(bound, _ROWS.field("moment").type) for bound in (start, end))
        moment = self.rows["moment"]
        near = self.rows["article"].filter(pc.and_(pc.greater_equal(moment, low), pc.less(moment, high)))
        return self._of_hashes(near.unique())

    def of_articles(self, ids: Iterable[str]) -> VersionIndex:
        """All rows of some articles, and possibly of a few others with the same hash."""
        return self._of_hashes(pa.array(sorted({_hash(name) for name in ids}), pa.uint32()))

    def _of_hashes(self, articles: pa.Array | pa.ChunkedArray) -> VersionIndex:
        wanted = articles.combine_chunks() if isinstance(articles, pa.ChunkedArray) else articles
        rows = self.rows.filter(pc.is_in(self.rows["article"], value_set=wanted))
        return dataclasses.replace(self, rows=rows)

    def row_groups(self) -> dict[tuple[str, FileStat], list[int]]:
        """The row groups to be read, by file. If two results are equal, they refer to the same bytes."""
        found: dict[int, set[int]] = {}
        for pair in self.rows.select(["file", "group"]).group_by(["file", "group"]).aggregate([]).to_pylist():
            found.setdefault(pair["file"], set()).add(pair["group"])
        files = dict(zip(found, _stats(self.files.take(pa.array(found, pa.int32()))), strict=True))
        return {files[number]: sorted(found[number]) for number in sorted(found, key=files.__getitem__)}

    def digest(self) -> str:
        """A digest of :meth:`row_groups`; empty for none."""
        groups = self.row_groups()
        return hashlib.sha256(repr(list(groups.items())).encode()).hexdigest()[:32] if groups else ""


def _hash(article_id: str) -> int:
    return zlib.crc32(article_id.encode())


def read_versions(
    lake: Lake, groups: dict[tuple[str, FileStat], list[int]], ids: Iterable[str] | None, columns: list[str]
) -> pa.Table:
    """Some columns of the versions of some articles, or of all (``ids`` None), in the given row groups.

    Raises :class:`FileChanged`.
    """
    schema = model.schema(model.TABLES["versions"])
    wanted = None if ids is None else pa.array(sorted(set(ids)), pa.string())
    parts = [pa.schema([schema.field(name) for name in columns]).empty_table()]
    for (name, _), numbers in groups.items():
        for part in _groups(lake, name, [*columns, *({"article_id"} - set(columns))], numbers):
            rows = part if wanted is None else part.filter(pc.is_in(part["article_id"], value_set=wanted))
            if rows.num_rows:
                parts.append(rows.select(columns).cast(parts[0].schema))
    return pa.concat_tables(parts)


def _groups(lake: Lake, name: str, columns: list[str], numbers: list[int]) -> Iterable[pa.Table]:
    """Row group by row group, so that a large file is never in memory as a whole."""
    try:
        with lake.storage.open_input(name) as stream, tables.reading(name):
            file = tables.open_parquet(stream)
            for number in numbers:
                if number >= file.num_row_groups:
                    raise FileChanged(name)
                rows = file.read_row_group(number, columns=columns, use_threads=False)
                yield tables.to_current_schema("versions", rows, columns)
    except FileNotFoundError as error:
        raise FileChanged(name) from error


def list_files(lake: Lake, source: str, settled_folders: dict[str, int]) -> FileListing:
    """The files as they are now. Folders whose time of change is still the given one are not listed."""
    place = layout.table_folder("versions", source)
    folders = lake.storage.folders(place)
    if folders is None:
        return FileListing({}, lake.published_stats("versions", source))
    files: dict[str, FileStat] = {}
    for folder, changed in folders.items():
        if settled_folders.get(folder) != changed:
            files |= lake.storage.stats(folder, ".parquet")
    return FileListing(folders, {name: stat for name, stat in files.items() if not layout.is_empty_file(name)})


def load(lake: Lake, source: str) -> VersionIndex:
    """The index of a source's versions as they are now; writes the cached copy if it lacks much."""
    while True:
        try:
            return _load(lake, source)
        except FileChanged:
            continue  # each time another run has published meanwhile, so this ends


def _load(lake: Lake, source: str) -> VersionIndex:
    settled_before = time.time_ns() - _FRESH
    copy = _read_copy(lake, source)
    listing = list_files(lake, source, copy.settled_folders)
    settled = {folder: at for folder, at in copy.settled_folders.items() if listing.folders.get(folder) == at}
    present = pc.is_in(copy.files["folder"], value_set=pa.array(settled, pa.string())).to_numpy().copy()
    unsure = np.flatnonzero(~present)
    stats = _stats(copy.files.take(unsure))
    present[unsure] = [listing.files.get(name) == stat for name, stat in stats]
    gone = len(present) - int(present.sum())
    known = _only(copy, present) if gone else copy
    missing = sorted(set(listing.files.items()) - set(stats))
    old = [file for file in missing if 0 < file[1].modified_ns <= settled_before]
    index = _with(lake, VersionIndex(known.files, known.rows, settled, listing), old)
    if len(old) + gone >= _STALE_FILES or index.rows.num_rows - known.rows.num_rows >= _STALE_ROWS:
        young = {name.rpartition("/")[0] for name, stat in missing if not 0 < stat.modified_ns <= settled_before}
        folders = {at: t for at, t in listing.folders.items() if 0 < t <= settled_before and at not in young}
        _write_copy(lake, source, dataclasses.replace(index, settled_folders=folders))
    return _with(lake, index, sorted(set(missing) - set(old)))


def _only(index: VersionIndex, present: Any) -> VersionIndex:
    """The index without the files that do not exist any more."""
    kept = pa.array(present)
    numbers = pc.subtract(pc.cumulative_sum(kept.cast(pa.int32())), pa.scalar(1, pa.int32()))
    rows = index.rows.filter(pc.take(kept, index.rows["file"]))
    rows = rows.set_column(2, _ROWS.field("file"), pc.take(numbers, rows["file"]))
    return dataclasses.replace(index, files=index.files.filter(kept), rows=rows)


def _stats(files: pa.Table) -> list[tuple[str, FileStat]]:
    names, *stats = (files[name].to_pylist() for name in ("name", "size", "modified_ns", "etag"))
    return [(name, FileStat(*stat)) for name, *stat in zip(names, *stats, strict=True)]


def _with(lake: Lake, index: VersionIndex, files: list[tuple[str, FileStat]]) -> VersionIndex:
    """The index and the rows of more files, which are read."""
    if not files:
        return index
    first = index.files.num_rows
    more = pa.Table.from_pylist([{"folder": name.rpartition("/")[0], "name": name, **stat._asdict()}
                                 for name, stat in files], _FILES)  # fmt: skip
    parts = [_index_file(lake, name, number) for number, (name, _) in enumerate(files, first)]
    return dataclasses.replace(
        index, files=pa.concat_tables([index.files, more]), rows=pa.concat_tables([index.rows, *parts])
    )


def _index_file(lake: Lake, name: str, number: int) -> pa.Table:
    """The index rows of one file, which gets this number."""
    columns = ["article_id", "published_at", "fetched_at"]
    parts = [_ROWS.empty_table()]
    try:
        with lake.storage.open_input(name) as stream, tables.reading(name):
            groups = tables.open_parquet(stream).num_row_groups
    except FileNotFoundError as error:
        raise FileChanged(name) from error
    for group, part in enumerate(_groups(lake, name, columns, list(range(groups)))):
        hashes = pa.array((_hash(i) for i in part["article_id"].to_pylist()), pa.uint32())
        moments = pc.coalesce(part["published_at"], part["fetched_at"])
        numbers = (pa.repeat(pa.scalar(n, pa.int32()), part.num_rows) for n in (number, group))
        parts.append(pa.table([hashes, moments, *numbers], schema=_ROWS))
    return pa.concat_tables(parts)


_DIGEST = hashlib.sha256().digest_size
"""Bytes at the end of the copy: the digest of those before them."""


def _read_copy(lake: Lake, source: str) -> VersionIndex:
    """The cached copy; an empty index if there is none or it cannot be read."""
    empty = VersionIndex(_FILES.empty_table(), _ROWS.empty_table(), {}, FileListing({}, {}))
    data = lake.storage.read(layout.version_index(source))
    if data is None or hashlib.sha256(data[:-_DIGEST]).digest() != data[-_DIGEST:]:
        return empty
    buffer = pa.BufferReader(data)
    try:
        rows, files, folders = (pa.ipc.open_stream(buffer).read_all() for _ in range(3))
    except (pa.ArrowException, OSError):
        return empty  # broken: it is rebuilt
    schemas = [(rows, _ROWS), (files, _FILES), (folders, _FOLDERS)]
    if rows.schema.metadata != _VERSION or not all(table.schema.equals(schema) for table, schema in schemas):
        return empty
    settled = dict(zip(folders["folder"].to_pylist(), folders["modified_ns"].to_pylist(), strict=True))
    index = VersionIndex(files, rows.replace_schema_metadata(None), settled, empty.listing)
    high = pc.max(rows["file"]).as_py()
    return index if high is None or high < files.num_rows else empty


def _write_copy(lake: Lake, source: str, index: VersionIndex) -> None:
    columns = (list(index.settled_folders), list(index.settled_folders.values()))
    arrays = [pa.array(column, field.type) for column, field in zip(columns, _FOLDERS, strict=True)]
    folders = pa.table(arrays, schema=_FOLDERS)
    sink = pa.BufferOutputStream()
    for table in (index.rows.replace_schema_metadata(_VERSION), index.files, folders):
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())
    data = sink.getvalue().to_pybytes()
    lake.storage.put(layout.version_index(source), data + hashlib.sha256(data).digest())
