"""Captures that a batch has: WARC files moved to their place, and rows made of what lies in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from klartext import fetch_log
from klartext.batch import Batch
from klartext.fetch.capture_rows import row
from klartext.model import Candidate, Fetch
from klartext.warc import reader
from klartext.warc.repair import mend

if TYPE_CHECKING:
    from klartext.lake import Lake

_UNTOLD = "urn:klartext:untold"


def keep(lake: Lake, batch: Batch, *, whole: bool = False) -> dict[str, str]:
    """Moves what lies finished, or was left unfinished, to the raw files; a file without a response is of no use.

    Gives the names of the raw files by those that they had. ``whole`` says that whoever wrote them came to its end.
    """
    kept = {}
    for path in sorted(lake.scratch(batch).glob("*.warc.gz")):
        if whole or mend(path):
            kept[path.name] = lake.keep_raw(batch, path)
        else:
            path.unlink()
    return kept


def captured(lake: Lake, batch: Batch, names: Iterable[str]) -> list[Fetch]:
    """Rows of the pages in raw files, and of pages of which none can be made."""
    found = []
    for name in names:
        with lake.open_raw(name) as file:
            rows = (row(item, _UNTOLD, batch.start) for item in reader.read(file, name))
            found += [page for page in rows if page.outcome == "captured" or page.status is None]
    return found


def with_captures(rows: list[Fetch], captured: Iterable[Fetch], wanted: Mapping[str, Candidate]) -> list[Fetch]:
    """The rows with those of captures that have none yet, and what was said of them where they were found."""
    told = {(found.capture.file, found.capture.offset) for found in rows if found.capture}
    news = []
    for page in captured:
        if page.capture and (page.capture.file, page.capture.offset) not in told:
            candidate = wanted.get(fetch_log.key(page.url))
            news.append(fetch_log.told(page, candidate) if candidate else page)
    return fetch_log.extended(rows, news)
