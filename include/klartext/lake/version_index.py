"""Where the versions of an article lie, so that rebuilding a month reads that month and not the lake.

A file a source, outside of the tables, tells for each row of ``versions`` in which file and row group it is, whose it
is and of what time. It is a copy and never a truth: at every use the files are listed, in the folders where something
was put or removed since; what the copy does not know by name, size and time of writing is read from the files
themselves, and a copy that is lost or torn is made anew. So it needs no lock: of two writers the last one wins, and
either copy serves.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from klartext import model
from klartext.lake import layout, tables
from klartext.lake.lake import Lake
from klartext.lake.storage import Mark

_ROWS = pa.schema([
    pa.field("article", pa.uint32()),
    pa.field("moment", pa.timestamp("us", tz="UTC")),
    pa.field("file", pa.int32()),
    pa.field("group", pa.int32()),
])  # fmt: skip
"""``article`` is a short hash: two articles that share one cost a read too many and nothing else."""
_FILES = pa.schema([
    pa.field("folder", pa.string()),
    pa.field("name", pa.string()),
    pa.field("size", pa.int64()),
    pa.field("written", pa.int64()),
    pa.field("tag", pa.string()),
])  # fmt: skip
_FOLDERS = pa.schema([pa.field("folder", pa.string()), pa.field("written", pa.int64())])
_VERSION = {b"klartext.places": b"3"}

_FRESH = 60 * 10**9
"""Nanoseconds. A file younger than that is not copied: written again at once, it might look the same from outside."""
_MANY, _LONG = 32, 5_000
"""Files, and rows, that the copy does not know, from which it is written anew."""


class Moved(Exception):
    """A file was replaced or removed between being listed and being read; whoever reads has to begin anew."""


@dataclasses.dataclass(frozen=True)
class Listing:
    """The files of a source's versions from outside: its folders with the time at which something changed in them, and
    the files of those in which something did since the copy was made. In an object store all files, and no folders."""

    folders: dict[str, int]
    loose: dict[str, Mark]


@dataclasses.dataclass(frozen=True)
class Places:
    """The rows of a source's versions: ``rows`` point into ``files``.

    ``resting`` are the folders of which the copy knows all, and when something changed in them last.
    """

    files: pa.Table
    rows: pa.Table
    resting: dict[str, int]
    listed: Listing

    def of_month(self, start: dt.datetime, end: dt.datetime) -> Places:
        """The rows of articles that have a version whose own time lies between two moments, the end not among them."""
        low, high = (pa.scalar(bound, _ROWS.field("moment").type) for bound in (start, end))
        moment = self.rows["moment"]
        near = self.rows["article"].filter(pc.and_(pc.greater_equal(moment, low), pc.less(moment, high)))
        return self._of(near.unique())

    def of_articles(self, ids: Iterable[str]) -> Places:
        """The rows of some articles, and maybe of a few others."""
        return self._of(pa.array(sorted({_short(name) for name in ids}), pa.uint32()))

    def _of(self, articles: pa.Array | pa.ChunkedArray) -> Places:
        wanted = articles.combine_chunks() if isinstance(articles, pa.ChunkedArray) else articles
        rows = self.rows.filter(pc.is_in(self.rows["article"], value_set=wanted))
        return dataclasses.replace(self, rows=rows)

    def groups(self) -> dict[tuple[str, Mark], list[int]]:
        """The row groups to be read, by file. Two that are equal name the same bytes."""
        found: dict[int, set[int]] = {}
        for pair in self.rows.select(["file", "group"]).group_by(["file", "group"]).aggregate([]).to_pylist():
            found.setdefault(pair["file"], set()).add(pair["group"])
        files = dict(zip(found, _marks(self.files.take(pa.array(found, pa.int32()))), strict=True))
        return {files[number]: sorted(found[number]) for number in sorted(found, key=files.__getitem__)}


def _short(article_id: str) -> int:
    return zlib.crc32(article_id.encode())


def read(
    lake: Lake, groups: dict[tuple[str, Mark], list[int]], ids: Iterable[str] | None, columns: list[str]
) -> pa.Table:
    """Some columns of the versions of some articles, or of all, in the row groups named. Raises :class:`Moved`."""
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
    """Row group by row group, so that a large file is never in memory whole."""
    try:
        with lake.storage.open_input(name) as stream:
            file = pq.ParquetFile(stream)
            for number in numbers:
                if number >= file.num_row_groups:
                    raise Moved(name)
                rows = file.read_row_group(number, columns=columns, use_threads=False)
                yield tables.filled("versions", rows, columns)
    except FileNotFoundError as error:
        raise Moved(name) from error


def listing(lake: Lake, source: str, resting: dict[str, int]) -> Listing:
    """The files as they are now. Folders in which nothing has changed since they came to rest are not looked into."""
    place = layout.table("versions", source)
    folders = lake.storage.folders(place)
    if folders is None:
        return Listing({}, lake.storage.marks(place, ".parquet"))
    loose: dict[str, Mark] = {}
    for folder, written in folders.items():
        if resting.get(folder) != written:
            loose |= lake.storage.marks(folder, ".parquet")
    return Listing(folders, loose)


def of(lake: Lake, source: str) -> Places:
    """The places of a source's versions as they are now."""
    while True:
        try:
            return _of(lake, source)
        except Moved:
            continue  # each time another run has published meanwhile, so this ends


def _of(lake: Lake, source: str) -> Places:
    old = time.time_ns() - _FRESH
    copied = _copied(lake, source)
    listed = listing(lake, source, copied.resting)
    resting = {folder: at for folder, at in copied.resting.items() if listed.folders.get(folder) == at}
    rests = pc.is_in(copied.files["folder"], value_set=pa.array(resting, pa.string())).to_numpy().copy()
    unsure = np.flatnonzero(~rests)
    marks = _marks(copied.files.take(unsure))
    rests[unsure] = [listed.loose.get(name) == mark for name, mark in marks]
    gone = len(rests) - int(rests.sum())
    known = _only(copied, rests) if gone else copied
    missing = sorted(set(listed.loose.items()) - set(marks))
    settled = [file for file in missing if 0 < file[1].written <= old]
    places = _with(lake, Places(known.files, known.rows, resting, listed), settled)
    if len(settled) + gone >= _MANY or places.rows.num_rows - known.rows.num_rows >= _LONG:
        young = {name.rpartition("/")[0] for name, mark in missing if not 0 < mark.written <= old}
        rested = {folder: at for folder, at in listed.folders.items() if 0 < at <= old and folder not in young}
        _copy(lake, source, dataclasses.replace(places, resting=rested))
    return _with(lake, places, sorted(set(missing) - set(settled)))


def _only(places: Places, there: Any) -> Places:
    """The places without the files that are no more."""
    kept = pa.array(there)
    numbers = pc.subtract(pc.cumulative_sum(kept.cast(pa.int32())), pa.scalar(1, pa.int32()))
    rows = places.rows.filter(pc.take(kept, places.rows["file"]))
    rows = rows.set_column(2, _ROWS.field("file"), pc.take(numbers, rows["file"]))
    return dataclasses.replace(places, files=places.files.filter(kept), rows=rows)


def _marks(files: pa.Table) -> list[tuple[str, Mark]]:
    names, *marks = (files[name].to_pylist() for name in ("name", "size", "written", "tag"))
    return [(name, Mark(*mark)) for name, *mark in zip(names, *marks, strict=True)]


def _with(lake: Lake, places: Places, files: list[tuple[str, Mark]]) -> Places:
    if not files:
        return places
    first = places.files.num_rows
    more = pa.Table.from_pylist([{"folder": name.rpartition("/")[0], "name": name, **mark._asdict()}
                                 for name, mark in files], _FILES)  # fmt: skip
    parts = [_sketch(lake, name, number) for number, (name, _) in enumerate(files, first)]
    return dataclasses.replace(
        places, files=pa.concat_tables([places.files, more]), rows=pa.concat_tables([places.rows, *parts])
    )


def _sketch(lake: Lake, name: str, number: int) -> pa.Table:
    """What the copy tells of one file."""
    columns = ["article_id", "published_at", "fetched_at"]
    parts = [_ROWS.empty_table()]
    try:
        with lake.storage.open_input(name) as stream:
            groups = pq.ParquetFile(stream).num_row_groups
    except FileNotFoundError as error:
        raise Moved(name) from error
    for group, part in enumerate(_groups(lake, name, columns, list(range(groups)))):
        shorts = pa.array((_short(i) for i in part["article_id"].to_pylist()), pa.uint32())
        moments = pc.coalesce(part["published_at"], part["fetched_at"])
        numbers = (pa.repeat(pa.scalar(n, pa.int32()), part.num_rows) for n in (number, group))
        parts.append(pa.table([shorts, moments, *numbers], schema=_ROWS))
    return pa.concat_tables(parts)


def _copied(lake: Lake, source: str) -> Places:
    """The copy as it was written last; an empty one if there is none that can be read."""
    empty = Places(_FILES.empty_table(), _ROWS.empty_table(), {}, Listing({}, {}))
    data = lake.storage.read(layout.places(source))
    if data is None:
        return empty
    buffer = pa.BufferReader(data)
    try:
        rows, files, folders = (pa.ipc.open_stream(buffer).read_all() for _ in range(3))
    except (pa.ArrowException, OSError):
        return empty  # torn: it is made anew
    schemas = [(rows, _ROWS), (files, _FILES), (folders, _FOLDERS)]
    if rows.schema.metadata != _VERSION or not all(table.schema.equals(schema) for table, schema in schemas):
        return empty
    resting = dict(zip(folders["folder"].to_pylist(), folders["written"].to_pylist(), strict=True))
    places = Places(files, rows.replace_schema_metadata(None), resting, empty.listed)
    high = pc.max(rows["file"]).as_py()
    return places if high is None or high < files.num_rows else empty


def _copy(lake: Lake, source: str, places: Places) -> None:
    folders = pa.table([pa.array(column, field.type) for column, field in
                        zip((list(places.resting), list(places.resting.values())), _FOLDERS, strict=True)],
                       schema=_FOLDERS)  # fmt: skip
    sink = pa.BufferOutputStream()
    for table in (places.rows.replace_schema_metadata(_VERSION), places.files, folders):
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())
    lake.storage.put(layout.places(source), sink.getvalue())
