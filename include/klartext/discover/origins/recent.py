"""The origin of feeds and news sitemaps: what was published in the last days."""

from __future__ import annotations

import datetime as dt

from klartext.crawler import CrawlRequest, memento_headers
from klartext.discover.interval import Interval
from klartext.discover.origins.base import Origin
from klartext.fetch_log import origin_name
from klartext.sources import Source


class Recent(Origin):
    """Covers intervals that end within the source's ``recent_days``."""

    name = "recent"

    def covers(self, source: Source, interval: Interval) -> bool:
        """True if the source has this origin, and it covers the interval."""
        return interval.end > interval.now - dt.timedelta(days=source.discover.recent_days)

    def requests(self, source: Source, interval: Interval) -> list[CrawlRequest]:
        """The requests for an interval."""
        past = memento_headers(source, interval.end)
        origin = origin_name(source.slug)
        feeds = [CrawlRequest(url=url, via=origin, context={"kind": "feed"}) for url in source.discover.feeds]
        sitemaps = source.discover.news_sitemaps
        return feeds + [
            CrawlRequest(url=url, via=origin, headers=past, context={"kind": "sitemap"}) for url in sitemaps
        ]
