"""Fetch without requests: the log of a batch, made from what it captured before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from klartext.batch import Batch
from klartext.fetch.raw_store import recover
from klartext.fetch_log import FetchLog

if TYPE_CHECKING:
    from klartext.lake import Lake


class NothingCaptured(RuntimeError):
    """There is nothing to replay; the message says what to do."""


def replay_batch(lake: Lake, batch: Batch) -> dict[str, Any]:
    """Stages ``fetches`` from the batch's log and its raw files; returns the same counts as a fetch.

    Raises :class:`NothingCaptured` if the batch has neither.
    """
    log = FetchLog.open(lake, batch)
    wanted = len(log.staged)
    recover(lake, batch, log)
    if not log.rows and not lake.raw_files(batch):
        raise NothingCaptured(f"{batch.name} has no captures: run it without replay first")
    log.save()
    return {"candidates": wanted, "asked": 0, "left": 0, **log.counts()}
