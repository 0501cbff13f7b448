"""Captures to articles: the third step.

A page is parsed once (:mod:`document`) and read as lines (:mod:`blocks`); trafilatura says which are the article's
(:mod:`content`), named rules take out what is not (:mod:`noise`), and headline, lead, times, people and the rest are
read beside it (:mod:`page` is the way through). It happens in child processes that can be ended (:mod:`pool`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.lake import Lake
    from klartext.sources import Source


def extract_batch(lake: Lake, batch: Batch, source: Source, *, generic: bool = False) -> dict[str, Any]:
    """As :func:`klartext.extract.chunks.extract_batch`, which is imported when it is called."""
    from klartext.extract import chunks

    return chunks.extract_batch(lake, batch, source, generic=generic)
