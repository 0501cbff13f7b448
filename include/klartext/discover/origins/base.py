"""What an origin is: a place that says what a source published, and for which intervals it can speak."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from klartext.crawler.job import Ask
from klartext.discover.interval import Interval
from klartext.model import Candidate, Fetch, Skipped
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.lake import Lake


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """What an origin gave that is not asked over the crawler. ``problems`` are rows of what could not be read,
    ``asked`` is the number of places that were, ``skipped`` counts what was left out there."""

    candidates: list[Candidate] = dataclasses.field(default_factory=list)
    problems: list[Fetch] = dataclasses.field(default_factory=list)
    asked: int = 0
    skipped: list[Skipped] = dataclasses.field(default_factory=list)


class Origin:
    """A scheduled run and a backfill ask the same origins; which of them answer is decided by the interval alone.

    An origin either has addresses that the crawler asks (:meth:`asks`), whose bodies are read in the crawler's process
    by the ``kind`` in what they are about; or it is not asked over the crawler and says all by itself
    (:meth:`gather`), for which it needs the lake.
    """

    name: ClassVar[str]

    def speaks(self, source: Source, interval: Interval) -> bool:
        """Whether the source has this origin, and it can speak for the interval."""
        raise NotImplementedError

    def whom(self, source: Source) -> str:
        """Whose turn it is when the crawler asks: the publisher's by its slug, an archive's by its host."""
        return source.slug

    def asks(self, source: Source, interval: Interval) -> list[Ask]:
        return []

    def gather(self, lake: Lake, batch: Batch, source: Source, interval: Interval) -> Said:
        return Said()
