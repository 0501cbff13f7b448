"""What is not asked: foreign hosts, private networks, other schemes, pages that are there already, anything after the
deadline.

Stands before everything else that handles a request, so each hop of a redirect and each robots.txt comes by here.
"""

from __future__ import annotations

import ipaddress
import time
from typing import Any, cast
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.error import DNSLookupError

from klartext import urls
from klartext.crawler.heartbeat import Heartbeat
from klartext.crawler.job import Job
from klartext.crawler.outcome import Verdict

SLOT = "publisher"
"""The one downloader slot, whatever the host: a publisher is asked one thing at a time."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet's, seen from anywhere."""
    ip = ipaddress.ip_address(address)
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    return ip.is_global and not ip.is_multicast


class Guard:
    """Downloader middleware. :meth:`close` ends the asking for this crawl."""

    def __init__(self, job: Job, heartbeat: Heartbeat | None = None) -> None:
        self._heartbeat = heartbeat or Heartbeat(None)
        self._hosts = urls.host_names(job.hosts)
        self._domains = set(job.domains)
        self._allowed = urls.host_names(job.allow)
        self._end = time.monotonic() + job.limits.deadline
        self._closed: str | None = None
        self._pages = set(job.have) if job.record else None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Guard:
        spider: Any = crawler.spider
        spider.guard = cls(spider.job, spider.heartbeat)
        return cast(Guard, spider.guard)

    def close(self, reason: str) -> None:
        """Nothing more is asked; what is left ends as ``deadline`` with this reason."""
        self._closed = reason

    def have(self, url: str) -> None:
        """A page is there now."""
        if self._pages is not None:
            self._pages.add(urls.page_key(url))

    async def process_request(self, request: Request) -> None:
        request.meta["download_slot"] = SLOT
        if ask := request.meta.get("ask"):
            self._heartbeat.at(ask)
        if self._closed or time.monotonic() > self._end:
            raise Verdict("deadline", self._closed or "deadline")
        parts = urlsplit(request.url)
        host, netloc = (parts.hostname or "").lower(), parts.netloc.lower()
        if parts.scheme not in ("http", "https"):
            raise Verdict("refused", "scheme")
        if "@" in netloc or not host:
            raise Verdict("refused", "address")
        is_robots = request.meta.get("dont_obey_robotstxt", False)
        if not is_robots and not self._is_publishers(request.url):
            raise Verdict("refused", "foreign-host")
        if self._pages and "ask" in request.meta and urls.page_key(request.url) in self._pages:
            raise Verdict("unchanged", "same-page")
        default = 443 if parts.scheme == "https" else 80
        if f"{host}:{parts.port or default}" not in self._allowed and netloc not in self._allowed:
            await self._require_public(host)

    def _is_publishers(self, url: str) -> bool:
        """True for an address of the hosts and domains that may be asked."""
        if urls.is_of_host(url, self._hosts):
            return True
        return bool(self._domains) and urls.registered_domain(url) in self._domains

    async def _require_public(self, host: str) -> None:
        from twisted.internet import reactor

        try:
            # The answer is kept, and the connection is made to it: a name cannot turn private in between.
            address = await maybe_deferred_to_future(cast(Any, reactor).resolve(host))
        except DNSLookupError:
            raise Verdict("failed", "dns") from None
        if not is_public(address):
            raise Verdict("refused", "private-address")


class CurrentAsk:
    """Downloader middleware next to the downloader: notes whose answer the event loop is at."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        self._heartbeat = heartbeat

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CurrentAsk:
        spider: Any = crawler.spider
        return cls(spider.heartbeat)

    def process_response(self, request: Request, response: Response) -> Response:
        if ask := request.meta.get("ask"):
            self._heartbeat.at(ask)
        return response
