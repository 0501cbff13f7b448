"""A batch made anew from what it has captured, as rows: nobody is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from klartext import fetch_log
from klartext.batch import Batch
from klartext.fetch.raw_store import captured, keep, with_captures

if TYPE_CHECKING:
    from klartext.lake import Lake


class NothingCaptured(RuntimeError):
    """A replay of a batch that never ran; the message says what to do."""


def replay_batch(lake: Lake, batch: Batch) -> dict[str, Any]:
    """Stages ``fetches`` from the account of the batch and its raw files, and gives the counts of a fetch.

    Raises :class:`NothingCaptured` if the batch has neither.
    """
    keep(lake, batch)
    names = lake.raw_files(batch)
    wanted = {fetch_log.key(candidate.url): candidate for candidate in fetch_log.candidates(lake, batch)}
    rows = with_captures(fetch_log.rows(lake, batch), captured(lake, batch, names), wanted)
    if not rows and not names:
        raise NothingCaptured(f"{batch.name} was never captured: run it without replay first")
    lake.stage(batch, "fetches", fetch_log.ordered(rows))
    return {"candidates": len(wanted), "asked": 0, "left": 0, **fetch_log.counts(rows)}
