"""Sitemaps by date, and indexes of sitemaps: what a publisher brought on any day."""

from __future__ import annotations

import datetime as dt

from klartext.crawler.job import Ask
from klartext.crawler.source_job import memento
from klartext.discover.interval import Interval
from klartext.discover.origins.base import Origin
from klartext.fetch_log import origin_name
from klartext.sources import Source


class Dated(Origin):
    """Speaks for any interval. Below an index, ``lastmod`` and the dates in addresses say which sitemaps do."""

    name = "dated"

    def speaks(self, source: Source, interval: Interval) -> bool:
        return bool(source.discover.dated_sitemaps)

    def asks(self, source: Source, interval: Interval) -> list[Ask]:
        past = memento(source, interval.end)
        asks: dict[str, Ask] = {}
        for template in source.discover.dated_sitemaps:
            for day in interval.days():
                url = template.format(day=day)
                about = {"kind": "sitemap"} | ({"day": day.isoformat()} if _is_daily(template) else {})
                asks.setdefault(url, Ask(url=url, via=origin_name(source.slug), headers=past, about=about))
        return list(asks.values())


def _is_daily(template: str) -> bool:
    """Whether the address is another one every day."""
    day = dt.date(2024, 5, 14)  # neither the end of a week, a month nor a year
    return template.format(day=day) != template.format(day=day + dt.timedelta(days=1))
