"""What a batch has captured, as rows: nobody is asked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from klartext import ledger, warc
from klartext.batch import Batch
from klartext.fetch.captures import row
from klartext.fetch.salvage import mend
from klartext.model import Fetch

if TYPE_CHECKING:
    from klartext.lake import Lake

_UNTOLD = "urn:klartext:untold"


class NothingCaptured(RuntimeError):
    """A replay of a batch that never ran; the message says what to do."""


def replay_batch(lake: Lake, batch: Batch) -> dict[str, Any]:
    """Stages ``fetches`` from the account of the batch and its raw files, and gives the counts of a fetch.

    Raises :class:`NothingCaptured` if the batch has neither.
    """
    kept(lake, batch, sorted(lake.scratch(batch).glob("*.warc.gz")))
    names = lake.raw_files(batch)
    rows = with_captures(lake, batch, ledger.rows(lake, batch), names)
    if not rows and not names:
        raise NothingCaptured(f"{batch.name} was never captured: run it without replay first")
    lake.stage(batch, "fetches", ledger.ordered(rows))
    return {"candidates": len(ledger.candidates(lake, batch)), "asked": 0, **ledger.counts(rows)}


def kept(lake: Lake, batch: Batch, paths: Iterable[Path]) -> list[str]:
    """Moves WARC files to the batch's raw files; one without a response is of no use."""
    names = []
    for path in paths:
        if mend(path):
            names.append(lake.keep_raw(batch, path))
        else:
            path.unlink()
    return names


def with_captures(lake: Lake, batch: Batch, rows: list[Fetch], names: Iterable[str]) -> list[Fetch]:
    """The rows, and after them those of captures in raw files that have none yet."""
    told = {(found.capture.file, found.capture.offset) for found in rows if found.capture}
    candidates = {ledger.key(candidate.url): candidate for candidate in ledger.candidates(lake, batch)}
    news = []
    for name in names:
        with lake.open_raw(name) as file:
            for item in warc.read(file, name):
                page = row(item, _UNTOLD, batch.start)
                if (item.capture.file, item.capture.offset) in told or (page.outcome != "captured" and page.status):
                    continue
                if candidate := candidates.get(ledger.key(page.url)):
                    page = ledger.told(page, candidate)
                news.append(page)
    return ledger.extended(rows, news)
