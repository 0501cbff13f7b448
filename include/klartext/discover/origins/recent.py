"""Feeds and news sitemaps: what a publisher brought in the last days."""

from __future__ import annotations

import datetime as dt

from klartext.crawler.job import Ask
from klartext.crawler.source_job import memento
from klartext.discover.interval import Interval
from klartext.discover.origins.base import Origin
from klartext.fetch_log import origin_name
from klartext.sources import Source


class Recent(Origin):
    """Speaks for intervals that end within the source's ``recent_days``."""

    name = "recent"

    def speaks(self, source: Source, interval: Interval) -> bool:
        return interval.end > interval.now - dt.timedelta(days=source.discover.recent_days)

    def asks(self, source: Source, interval: Interval) -> list[Ask]:
        past = memento(source, interval.end)
        origin = origin_name(source.slug)
        feeds = [Ask(url=url, via=origin, about={"kind": "feed"}) for url in source.discover.feeds]
        sitemaps = source.discover.news_sitemaps
        return feeds + [Ask(url=url, via=origin, headers=past, about={"kind": "sitemap"}) for url in sitemaps]
