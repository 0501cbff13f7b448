"""The origin of sitemaps by date, and of indexes of sitemaps: what was published on any day."""

from __future__ import annotations

import datetime as dt

from klartext.crawler import CrawlRequest, memento_headers
from klartext.discover.interval import Interval
from klartext.discover.origins.base import Origin
from klartext.fetch_log import origin_name
from klartext.sources import Source


class Dated(Origin):
    """Covers any interval. Sitemaps of an index are read if their ``lastmod`` and the date in the address fit."""

    name = "dated"

    def covers(self, source: Source, interval: Interval) -> bool:
        """True if the source has this origin, and it covers the interval."""
        return bool(source.discover.dated_sitemaps)

    def requests(self, source: Source, interval: Interval) -> list[CrawlRequest]:
        """The requests for an interval."""
        past = memento_headers(source, interval.end)
        requests: dict[str, CrawlRequest] = {}
        for template in source.discover.dated_sitemaps:
            for day in interval.days():
                url = template.format(day=day)
                context = {"kind": "sitemap"} | ({"day": day.isoformat()} if _is_daily(template) else {})
                requests.setdefault(
                    url, CrawlRequest(url=url, via=origin_name(source.slug), headers=past, context=context)
                )
        return list(requests.values())


def _is_daily(template: str) -> bool:
    """True if the address differs from day to day."""
    day = dt.date(2024, 5, 14)  # neither the end of a week, a month nor a year
    return template.format(day=day) != template.format(day=day + dt.timedelta(days=1))
