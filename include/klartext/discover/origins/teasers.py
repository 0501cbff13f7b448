"""The origin of teasers: links to other articles on pages that other batches captured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from klartext import urls
from klartext.discover.interval import Interval
from klartext.discover.origins.base import Origin, OriginResult
from klartext.model import Candidate
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.lake import Lake


class Teasers(Origin):
    """Covers any interval after one that was published, where the source has ``teasers: true``.

    Cards on pages that other batches captured between the beginning of the interval before and the end of this one are
    candidates, unless a batch of the source has captured the page that they lead to.
    """

    name = "teasers"

    def covers(self, source: Source, interval: Interval) -> bool:
        """True if the source has this origin, and it covers the interval."""
        return source.discover.teasers

    def gather(self, lake: Lake, batch: Batch, source: Source, interval: Interval) -> OriginResult:
        """The candidates of the batch's interval."""
        from klartext.lake import published_pages

        hosts = urls.host_names(source.hosts)
        since = interval.start - (interval.end - interval.start)
        found: dict[str, Candidate] = {}
        for target, page in published_pages.teaser_targets(lake, batch, since, interval.end):
            if urls.is_of_host(target, hosts) and source.is_article(target):
                found.setdefault(
                    source.page_key(target),
                    Candidate(url=target, discovered_from=page, title=None, published_at=None, modified_at=None),
                )
        known = published_pages.captured_keys(lake, batch, source, found.keys())
        return OriginResult([candidate for key, candidate in found.items() if key not in known])
