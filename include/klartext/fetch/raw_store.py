"""WARC files of a batch: moved to their place in the lake, and the rows of the captures in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from klartext.batch import Batch
from klartext.fetch.capture_rows import row
from klartext.fetch_log import FetchLog
from klartext.model import Fetch
from klartext.warc import reader
from klartext.warc.repair import mend

if TYPE_CHECKING:
    from klartext.lake import Lake

_ORIGIN_UNKNOWN = "urn:klartext:unknown-origin"


def store_files(lake: Lake, batch: Batch, *, complete: bool) -> dict[str, str]:
    """Moves the WARC files that the batch has written to the raw files; a file without a response is deleted.

    Args:
        complete: True if the process that wrote the files came to its end. Otherwise a record that was being written is
            cut off first.

    Returns:
        The names of the raw files in the lake, by the names of the files that were written.
    """
    stored = {}
    for path in sorted(lake.scratch(batch).glob("*.warc.gz")):
        if complete or mend(path):
            stored[path.name] = lake.keep_raw(batch, path)
        else:
            path.unlink()
    return stored


def read_captures(lake: Lake, batch: Batch, names: Iterable[str]) -> list[Fetch]:
    """Rows of the pages in raw files, and of the records of which no page can be made."""
    found = []
    for name in names:
        with lake.open_raw(name) as file:
            rows = (row(item, _ORIGIN_UNKNOWN, batch.start) for item in reader.read(file, name))
            found += [page for page in rows if page.outcome == "captured" or page.status is None]
    return found


def recover(lake: Lake, batch: Batch, log: FetchLog) -> None:
    """Stores the files that a run which ended early has left, and adds the captures of raw files that no row names.

    Those are files of a run that was killed before it saved its log, and files that discover copied from an archive.
    """
    store_files(lake, batch, complete=False)
    named = log.raw_files
    log.add_captures(read_captures(lake, batch, [name for name in lake.raw_files(batch) if name not in named]))
