"""Detects a source that always has articles and now has none: its origins have moved, or cannot be read any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from klartext.batch import Batch
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.lake import Lake

WEEKS = 4
"""Weeks back in each of which the same weekday must have had articles, for a batch without one to be an error."""


class NothingFound(RuntimeError):
    """No candidate was found, where there are always some."""


def require_candidates(lake: Lake, batch: Batch, source: Source, candidates: int) -> None:
    """Raises :class:`NothingFound` for a batch without candidates, if the source's file has ``expects_articles: true``
    or, where it has no such key, if the same interval had some in each of the last weeks."""
    expected = source.discover.expects_articles
    if candidates or expected is False:
        return
    if expected:
        raise NothingFound(f"{batch.name} found no article, and {source.slug} expects some: look at its origins")
    past = [before for weeks in range(1, WEEKS + 1) if (before := batch.before(source, weeks))]
    if all(_had_some(lake, before) for before in past):
        raise NothingFound(
            f"{batch.name} found no article, and in each of the {WEEKS} weeks before it there were some at this time: "
            f"look at the origins of {source.slug}, or put `expects_articles: false` into its file"
        )


def _had_some(lake: Lake, batch: Batch) -> bool:
    """True if a batch published a page."""
    rows = lake.published(batch, "fetches")
    there = pa.array(["captured", "unchanged"])
    return rows is not None and bool(pc.any(pc.is_in(rows["outcome"], value_set=there)).as_py())
