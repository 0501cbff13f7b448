"""The base class of origins, the places that list what a source published."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from klartext.crawler import CrawlRequest
from klartext.discover.interval import Interval
from klartext.model import Candidate, Fetch, Skipped
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.lake import Lake


@dataclasses.dataclass(frozen=True, slots=True)
class OriginResult:
    """What an origin found that does not use the crawler.

    Attributes:
        problems: rows for what could not be read.
        requests: number of requests that were made.
        skipped: number of entries left out, by origin and reason.
    """

    candidates: list[Candidate] = dataclasses.field(default_factory=list)
    problems: list[Fetch] = dataclasses.field(default_factory=list)
    requests: int = 0
    skipped: list[Skipped] = dataclasses.field(default_factory=list)


class Origin:
    """Lists what a source published.

    A scheduled run and a backfill use the same origins; the interval alone decides which.

    An origin either has requests for the crawler (:meth:`requests`), whose bodies are read in the crawler's process
    by the ``kind`` in the context of the request; or it does not use the crawler and needs the lake (:meth:`gather`).
    """

    name: ClassVar[str]
    setting: ClassVar[str | None] = None
    """The environment variable without which the origin covers nothing, with an example of its value."""

    def lacks_setting(self, source: Source, interval: Interval) -> bool:
        """True if the origin would cover the interval and only its :attr:`setting` is missing."""
        return False

    def covers(self, source: Source, interval: Interval) -> bool:
        """True if the source has this origin, and it can list what was published in the interval.

        Raises NotImplementedError: each origin has its own.
        """
        raise NotImplementedError

    def lease_name(self, source: Source) -> str:
        """Name of the lock that the crawler needs: the slug of the source, or the host of an archive."""
        return source.slug

    def requests(self, source: Source, interval: Interval) -> list[CrawlRequest]:
        """The requests for an interval; none for an origin that does not use the crawler."""
        return []

    def gather(self, lake: Lake, batch: Batch, source: Source, interval: Interval) -> OriginResult:
        """What the origin found without the crawler, for a batch and its interval."""
        return OriginResult()
