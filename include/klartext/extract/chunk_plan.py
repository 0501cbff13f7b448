"""Cuts the captures of a batch into chunks, parts of its WARC files that are extracted one by one."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from klartext import sources
from klartext.batch import Batch
from klartext.extract import pool
from klartext.lake import Lake
from klartext.lake.batches import batch_of_raw_file
from klartext.warc.compression import NotWarc
from klartext.warc.records import Record, read_records

LEAST, MOST = pool.PAGES_PER_PROCESS, 1000
"""Pages of a chunk. Starting its task and its process takes a second of CPU time, whatever its size."""
CHUNKS = 10
"""Chunks that a run is cut into before they become larger than :data:`LEAST`."""
GAP = 1 << 20
"""Bytes of other batches' pages between two captures that are read rather than left out: another request of an object
store takes as long."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FileRange:
    """A part of a WARC file, in bytes.

    Attributes:
        file: its name in the lake.
        begin: where reading begins: at the response before ``start``, because records that belong to a page may be
            between them.
        start: the first record.
        stop: the record behind the last; None for the end of the file.
        logged_only: only records that the batch's log names are read. The file has those of another batch too.
    """

    file: str
    begin: int
    start: int
    stop: int | None
    logged_only: bool


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A part of a batch's captures: its number from 0, the number of all chunks, and that of its captures."""

    number: int
    count: int
    captures: int
    ranges: tuple[FileRange, ...]

    def to_dict(self) -> dict[str, Any]:
        """The chunk as JSON, as tasks pass it on."""
        return dataclasses.asdict(self) | {"ranges": [dataclasses.asdict(part) for part in self.ranges]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Chunk:
        """The chunk of a dict of :meth:`to_dict`."""
        return cls(**{**data, "ranges": tuple(FileRange(**part) for part in data["ranges"])})


@dataclasses.dataclass(slots=True)
class _Segment:
    """A part of a file with captures of a batch, in bytes as in :class:`FileRange`, and the captures' offsets."""

    file: str
    begin: int
    offsets: list[int]
    stop: int | None
    logged_only: bool


def plan_chunks(lake: Lake, batch: Batch, size: int = LEAST) -> list[Chunk]:
    """Cuts the captures of a batch into chunks of ``size`` pages, in their order; at least one, which may be empty.

    The chunks together are every byte of the batch's WARC files, so that also records that no row of ``fetches`` names
    are read; and of other batches' files the captures that the batch's log names, with what is near them.
    """
    chunks: list[tuple[int, list[FileRange]]] = [(0, [])]
    for segment in _segments(lake, batch):
        offsets = segment.offsets
        if chunks[-1][0] >= size:
            chunks.append((0, []))
        cuts = _usable_cuts(lake, segment.file, offsets, range(size - chunks[-1][0], len(offsets), size))
        for first, after in itertools.pairwise([0, *cuts, None]):
            assert first is not None
            if first:
                chunks.append((0, []))
            part = FileRange(
                file=segment.file,
                begin=offsets[first - 1] if first else segment.begin,
                start=offsets[first] if first else segment.begin,
                stop=segment.stop if after is None else offsets[after],
                logged_only=segment.logged_only,
            )
            count = (len(offsets) if after is None else after) - first
            chunks[-1] = (chunks[-1][0] + count, [*chunks[-1][1], part])
    return [
        Chunk(number=n, count=len(chunks), captures=count, ranges=tuple(parts))
        for n, (count, parts) in enumerate(chunks)
    ]


def _segments(lake: Lake, batch: Batch) -> list[_Segment]:
    own = lake.raw_files(batch)
    logged, has_log = logged_captures(lake, batch), lake.staged(batch, "fetches") is not None
    is_shared = has_log and _is_shared(batch)
    whole = [_Segment(name, 0, sorted(logged.get(name, ())), None, is_shared) for name in own]
    others = [_segments_of_another_batch(lake, name, logged[name]) for name in sorted(logged.keys() - set(own))]
    return [*whole, *itertools.chain.from_iterable(others)]


def _segments_of_another_batch(lake: Lake, name: str, wanted: set[int]) -> list[_Segment]:
    """The parts of another batch's file in which captures of this batch are: each from the capture before, because
    records that belong to a page may be between them, to the capture behind. Which these are is in the log of the other
    batch; without it the file is one part."""
    offsets = sorted(wanted | _logged_by_owner(lake, name))
    found: list[_Segment] = []
    with lake.open_raw(name) as stream:
        for n, offset in enumerate(offsets):
            if offset not in wanted:
                continue
            begin, stop = offsets[n - 1] if n else 0, offsets[n + 1] if n + 1 < len(offsets) else None
            is_near = bool(found) and begin - found[-1].offsets[-1] <= GAP
            can_begin = n > 0 and not is_near and _begins_record(stream, offsets, n)
            if found and not can_begin:
                found[-1].offsets.append(offset)
                found[-1].stop = stop
            else:
                found.append(_Segment(name, begin if can_begin else 0, [offset], stop, logged_only=True))
    return found


def _logged_by_owner(lake: Lake, name: str) -> set[int]:
    """The offsets of captures in a file that are in the log of the batch that the file belongs to."""
    owner = batch_of_raw_file(lake, name)
    if owner is None:
        return set()
    logs = (lake.staged(owner, "fetches"), lake.published(owner, "fetches"))
    return set().union(*(_captures(log).get(name, ()) for log in logs if log is not None))


def chunk_size(captures: int, most: int) -> int:
    """The number of pages of a chunk in a run with so many captures, which must be at most ``most`` chunks."""
    return max(min(MOST, math.ceil(captures / CHUNKS)), LEAST, math.ceil(captures / max(1, most)))


def count_captures(lake: Lake, batch: Batch) -> int:
    """The number of captures in the log of a batch."""
    return sum(map(len, logged_captures(lake, batch).values()))


def _is_shared(batch: Batch) -> bool:
    """True if pages in the batch's own files may have been moved to another batch, when their host got a file."""
    return batch.imported and not sources.has_file(sources.of_slug(batch.source))


def logged_captures(lake: Lake, batch: Batch) -> dict[str, set[int]]:
    """The offsets of the batch's captures in the log, by file."""
    rows = lake.staged(batch, "fetches")
    return {} if rows is None else _captures(rows)


def _captures(rows: pa.Table) -> dict[str, set[int]]:
    # the capture of a known page that did not change is another batch's
    captured = pc.and_(pc.is_valid(rows["capture"]), pc.not_equal(rows["outcome"], "unchanged"))
    captures = rows["capture"].filter(captured)
    files, offsets = pc.struct_field(captures, "file"), pc.struct_field(captures, "offset")
    return {name: set(offsets.filter(pc.equal(files, name)).to_pylist()) for name in files.unique().to_pylist()}


def _usable_cuts(lake: Lake, name: str, offsets: list[int], cuts: Sequence[int]) -> list[int]:
    """The cuts, numbers of captures, at which reading can begin; for another one the next capture at which it can, if
    there is one before the next cut."""
    found: list[int] = []
    if not cuts:
        return found
    with lake.open_raw(name) as stream:
        for n, cut in enumerate(cuts):
            end = cuts[n + 1] if n + 1 < len(cuts) else len(offsets)
            usable = (at for at in range(cut, end) if at > 0 and _begins_record(stream, offsets, at))
            if (at := next(usable, None)) is not None:
                found.append(at)
    return found


def _begins_record(stream: Any, offsets: list[int], at: int) -> bool:
    """True if the file can be read from this capture on, and from the one before it."""
    for offset in (offsets[at - 1], offsets[at]):
        stream.seek(offset)
        try:
            first = next(read_records(stream), None)
        except NotWarc:
            return False
        if not isinstance(first, Record) or first.offset != offset:
            return False
    return True
