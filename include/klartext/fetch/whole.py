"""The step: archives for what they alone have, the publisher for the rest; in a replay nobody at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from klartext import ledger
from klartext.batch import Batch
from klartext.crawler import Limits
from klartext.fetch import archived, steps
from klartext.fetch.ours import replay_batch
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.lake import Lake


def fetch_batch(
    lake: Lake,
    batch: Batch,
    source: Source,
    *,
    limits: Limits = Limits(),  # noqa: B008
    replay: bool = False,
) -> dict[str, Any]:
    """Fetches the batch's candidates into its raw files and stages ``fetches``; see
    :func:`klartext.fetch.steps.fetch_batch` for counts and errors.

    A replay asks nobody and tells of what the batch captured before. It raises
    :class:`klartext.fetch.ours.NothingCaptured` where there is nothing.
    """
    if replay:
        return replay_batch(lake, batch)
    archived.fetch_named(lake, batch, source, limits)
    counts = steps.fetch_batch(lake, batch, source, limits=limits)
    archived.fetch_gone(lake, batch, source, limits)
    return counts | ledger.counts(ledger.rows(lake, batch))
