"""The origin Wayback Machine: pages that its index has captures of, made in the interval or soon after it."""

from __future__ import annotations

from urllib.parse import urlsplit

from klartext import wayback
from klartext.crawler import CrawlRequest
from klartext.discover.interval import Interval
from klartext.discover.origins.base import Origin
from klartext.fetch_log import origin_name
from klartext.sources import Source


class Wayback(Origin):
    """Covers past intervals, where ``KLARTEXT_WAYBACK`` is set and the source has ``wayback: true``.

    The index has the time of a capture, not of publication. A page belongs to the interval if the day in its address
    does; without a day in the address, if it was captured in the interval.
    """

    name = "wayback"
    setting = "KLARTEXT_WAYBACK=https://web.archive.org"

    def covers(self, source: Source, interval: Interval) -> bool:
        """True if the source has this origin, and it covers the interval."""
        return source.discover.wayback and wayback.covers(interval.end, interval.now)

    def lacks_setting(self, source: Source, interval: Interval) -> bool:
        """True if only the archive's address is missing."""
        is_old = interval.end <= interval.now - wayback.WINDOW
        return source.discover.wayback and is_old and wayback.base_url() is None

    def lease_name(self, source: Source) -> str:
        """The host of the archive."""
        return urlsplit(wayback.base_url() or "").netloc

    def requests(self, source: Source, interval: Interval) -> list[CrawlRequest]:
        """The requests for an interval."""
        at = wayback.base_url()
        assert at is not None
        hosts = dict.fromkeys(host.lower().removeprefix("www.") for host in source.hosts)  # the index knows no www.
        queries = [
            wayback.index_query(at, host, interval.start, interval.end + wayback.WINDOW, match="host") for host in hosts
        ]
        return [
            CrawlRequest(url=query, via=origin_name(source.slug), context={"kind": "cdx", "query": query})
            for query in queries
        ]
