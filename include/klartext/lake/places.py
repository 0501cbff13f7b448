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
import itertools
import json
import time
import zlib
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from klartext import model
from klartext.lake import layout, tables
from klartext.lake.lake import Lake
from klartext.lake.storage import Mark

_SCHEMA = pa.schema([
    pa.field("article", pa.uint32()),
    pa.field("moment", pa.timestamp("us", tz="UTC")),
    pa.field("file", pa.int32()),
    pa.field("group", pa.int32()),
])  # fmt: skip
"""``article`` is a short hash: two articles that share one cost a read too many and nothing else."""

_FRESH = 60 * 10**9
"""Nanoseconds. A file younger than that is not copied: written again at once, it might look the same from outside."""
_MANY, _LONG = 32, 5_000
"""Files, and rows, that the copy does not know, from which it is written anew."""
_FILES, _FOLDERS, _VERSION = b"klartext.files", b"klartext.folders", b"klartext.places"


class Moved(Exception):
    """A file was replaced or removed between being listed and being read; whoever reads has to begin anew."""


@dataclasses.dataclass(frozen=True)
class Places:
    """The rows of a source's versions: ``rows`` point into ``files``.

    ``listed`` are the files that there were, ``folders`` those in which nothing had changed for a while, and when it
    last did.
    """

    files: list[tuple[str, Mark]]
    rows: pa.Table
    listed: dict[str, Mark] = dataclasses.field(default_factory=dict)
    folders: dict[str, int] = dataclasses.field(default_factory=dict)

    def of_month(self, start: dt.datetime, end: dt.datetime) -> Places:
        """The rows of articles that have a version whose own time lies between two moments, the end not among them."""
        low, high = (pa.scalar(bound, _SCHEMA.field("moment").type) for bound in (start, end))
        moment = self.rows["moment"]
        near = self.rows["article"].filter(pc.and_(pc.greater_equal(moment, low), pc.less(moment, high)))
        return self._only(near.unique())

    def of_articles(self, ids: Iterable[str]) -> Places:
        """The rows of some articles, and maybe of a few others."""
        return self._only(pa.array(sorted({_short(name) for name in ids}), pa.uint32()))

    def _only(self, articles: pa.Array | pa.ChunkedArray) -> Places:
        wanted = articles.combine_chunks() if isinstance(articles, pa.ChunkedArray) else articles
        rows = self.rows.filter(pc.is_in(self.rows["article"], value_set=wanted))
        return dataclasses.replace(self, rows=rows)

    def groups(self) -> dict[tuple[str, Mark], list[int]]:
        """The row groups to be read, by file. Two that are equal name the same bytes."""
        found: dict[tuple[str, Mark], set[int]] = {}
        pairs = self.rows.select(["file", "group"]).group_by(["file", "group"]).aggregate([]).to_pylist()
        for pair in pairs:
            found.setdefault(self.files[pair["file"]], set()).add(pair["group"])
        return {file: sorted(found[file]) for file in sorted(found)}


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


def listing(lake: Lake, source: str, known: Places) -> tuple[dict[str, Mark], dict[str, int]]:
    """The files of a source's versions as they are now, and the folders among theirs that have come to rest.

    Folders in which nothing has changed since ``known`` are not looked into again.
    """
    now = time.time_ns()
    place = layout.table("versions", source)
    folders = lake.storage.folders(place)
    if folders is None:
        return lake.storage.marks(place, ".parquet"), {}
    changed = {folder for folder, written in folders.items() if known.folders.get(folder) != written}
    listed = {
        name: mark
        for name, mark in known.listed.items()
        if (folder := name.rpartition("/")[0]) in folders and folder not in changed
    }
    for folder in changed:
        listed |= lake.storage.marks(folder, ".parquet")
    return listed, {folder: written for folder, written in folders.items() if 0 < written <= now - _FRESH}


def of(lake: Lake, source: str) -> Places:
    """The places of a source's versions as they are now."""
    while True:
        try:
            return _of(lake, source)
        except Moved:
            continue  # each time another run has published meanwhile, so this ends


def _of(lake: Lake, source: str) -> Places:
    now = time.time_ns()
    copied = _copied(lake, source)
    listed, folders = listing(lake, source, copied)
    known = [listed.get(name) == mark for name, mark in copied.files]
    rows = copied.rows
    if not all(known):
        rows = rows.filter(pc.take(pa.array(known, pa.bool_()), rows["file"]))
    have = set(itertools.compress(copied.files, known))
    missing = [file for file in listed.items() if file not in have]
    settled = [file for file in missing if 0 < file[1].written <= now - _FRESH]
    places = _with(lake, Places(copied.files, rows, listed, folders), settled)
    if len(settled) + known.count(False) >= _MANY or places.rows.num_rows - rows.num_rows >= _LONG:
        _copy(lake, source, places)
    return _with(lake, places, [file for file in missing if file not in set(settled)])


def _with(lake: Lake, places: Places, files: list[tuple[str, Mark]]) -> Places:
    parts = [_sketch(lake, name, number) for number, (name, _) in enumerate(files, len(places.files))]
    return dataclasses.replace(
        places, files=[*places.files, *files], rows=pa.concat_tables([places.rows, *parts]) if parts else places.rows
    )


def _sketch(lake: Lake, name: str, number: int) -> pa.Table:
    """What the copy tells of one file."""
    columns = ["article_id", "published_at", "fetched_at"]
    parts = [_SCHEMA.empty_table()]
    try:
        with lake.storage.open_input(name) as stream:
            groups = pq.ParquetFile(stream).num_row_groups
    except FileNotFoundError as error:
        raise Moved(name) from error
    for group, part in enumerate(_groups(lake, name, columns, list(range(groups)))):
        shorts = pa.array((_short(i) for i in part["article_id"].to_pylist()), pa.uint32())
        moments = pc.coalesce(part["published_at"], part["fetched_at"])
        numbers = (pa.repeat(pa.scalar(n, pa.int32()), part.num_rows) for n in (number, group))
        parts.append(pa.table([shorts, moments, *numbers], schema=_SCHEMA))
    return pa.concat_tables(parts)


def _copied(lake: Lake, source: str) -> Places:
    """The copy as it was written last; an empty one if there is none that can be read."""
    data = lake.storage.read(layout.places(source))
    empty = Places([], _SCHEMA.empty_table())
    if data is None:
        return empty
    try:
        table = pa.ipc.open_file(pa.BufferReader(data)).read_all()
        told = table.schema.metadata or {}
        if told.get(_VERSION) != b"2" or not table.schema.equals(_SCHEMA, check_metadata=False):
            return empty
        files = [(name, Mark(*mark)) for name, *mark in json.loads(told[_FILES])]
        folders: dict[str, int] = json.loads(told[_FOLDERS])
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
        return empty  # torn or of another version: it is made anew
    places = table.replace_schema_metadata(None)
    high = pc.max(places["file"]).as_py()
    return Places(files, places, dict(files), folders) if high is None or high < len(files) else empty


def _copy(lake: Lake, source: str, places: Places) -> None:
    """Writes the copy, without the files that are no more."""
    used = {old: new for new, old in enumerate(places.rows["file"].unique().to_pylist())}
    numbers = pa.array([used.get(old) for old in range(len(places.files))], pa.int32())
    rows = places.rows.set_column(2, _SCHEMA.field("file"), pc.take(numbers, places.rows["file"]))
    files = [places.files[old] for old in used]
    unknown = {name.rpartition("/")[0] for name in places.listed.keys() - dict(files).keys()}
    told = {
        _VERSION: b"2",
        _FILES: json.dumps([[name, *mark] for name, mark in files]).encode(),
        _FOLDERS: json.dumps({name: at for name, at in places.folders.items() if name not in unknown}).encode(),
    }
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, _SCHEMA.with_metadata(told)) as writer:
        writer.write_table(rows.combine_chunks().replace_schema_metadata(told))
    lake.storage.put(layout.places(source), sink.getvalue())
