"""The index of a Wayback Machine: pages of the source that were captured at the time, or near to it."""

from __future__ import annotations

from urllib.parse import urlsplit

from klartext import wayback
from klartext.crawler.job import Ask
from klartext.discover.interval import Interval
from klartext.discover.origins.base import Origin
from klartext.fetch_log import origin_name
from klartext.sources import Source


class Wayback(Origin):
    """Speaks for any past, where ``KLARTEXT_WAYBACK`` is set and the source says ``wayback: true``.

    The index knows when a page was captured, not when it was published. A page belongs to the interval if the day that
    stands in its address does; where none stands there, if it was captured in the interval.
    """

    name = "wayback"

    def speaks(self, source: Source, interval: Interval) -> bool:
        return source.discover.wayback and wayback.covers(interval.end, interval.now)

    def whom(self, source: Source) -> str:
        return urlsplit(wayback.base() or "").netloc

    def asks(self, source: Source, interval: Interval) -> list[Ask]:
        at = wayback.base()
        assert at is not None
        hosts = dict.fromkeys(host.lower().removeprefix("www.") for host in source.hosts)  # the index knows no www.
        queries = [
            wayback.index(at, host, interval.start, interval.end + wayback.WINDOW, match="host") for host in hosts
        ]
        return [
            Ask(url=query, via=origin_name(source.slug), about={"kind": "cdx", "query": query}) for query in queries
        ]
