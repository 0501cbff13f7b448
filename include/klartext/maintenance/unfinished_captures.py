"""Removing the captures of an article that no row names: those that an ended run has left in files of its own."""

from __future__ import annotations

import time
from pathlib import Path

from klartext.lake import layout
from klartext.lake.lake import Lake
from klartext.lake.takedown_filter import TakedownFilter
from klartext.warc import redact
from klartext.warc.records import UnreadableRange, read_records
from klartext.warc.repair import end_of_whole_members, repair_file

_SETTLED = 600
"""Seconds without a change from which on a record that is incomplete is one of a process that has ended: a record is
written in one operation."""


def erase_unfinished(lake: Lake, known: TakedownFilter) -> int:
    """Replaces the records of what was taken down in the WARC files that are not in the lake yet, on this machine;
    returns their number.

    A record keeps its length, so a run that is still writing the file can go on. An incomplete record at the end is cut
    off, as the next run of the batch would do. Raises ValueError for a record that is no gzip member of its own.
    """
    return sum(_erase(path, known) for path in lake.scratch_files() if path.stat().st_size)


def _erase(path: Path, known: TakedownFilter) -> int:
    if path.stat().st_mtime < time.time() - _SETTLED:
        repair_file(path)
    found = []
    with path.open("r+b") as file:
        end, _ = end_of_whole_members(file)
        file.seek(0)
        for record in read_records(file) if end else ():
            if record.offset >= end:
                break
            if isinstance(record, UnreadableRange) or not known.matches_url(record.url):
                continue
            if not record.is_gzip_member:
                raise ValueError(f"the record at byte {record.offset} of {path} is no gzip member of its own")
            found.append((record.offset, record.end - record.offset))
        for offset, length in found:
            file.seek(offset)
            file.write(redact.replacement(length, f"{path.name}#{offset}"))
    return len(found)


def unlogged_files(lake: Lake, source: str) -> list[str]:
    """The WARC files of a source whose batch has published no row: a run ended before, so no row names its captures."""
    published = {name.rpartition("/")[2] for name in lake.storage.files(layout.table_folder("fetches", source), "")}
    names = lake.storage.files(layout.raw_source(source), ".warc.gz")
    return [name for name in names if f"{layout.batch_of_file(name)[1]}.parquet" not in published]
