"""Refuses requests: to foreign hosts, private networks, other schemes, of pages that the batch has, after the deadline.

It is the first middleware, so each hop of a redirect and each robots.txt passes through it.
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
from klartext.crawler.outcome import RequestEnded

SLOT = "publisher"
"""The one downloader slot, whatever the host: one request at a time to a publisher."""


_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_WITH_IPV4 = {
    ipaddress.IPv6Network("::ffff:0:0/96"): 0,  # mapped, RFC 4291
    ipaddress.IPv6Network("64:ff9b::/96"): 0,  # translated by NAT64, RFC 6052
    ipaddress.IPv6Network("2002::/16"): 80,  # 6to4, RFC 3056
}
"""Networks whose addresses lead to the IPv4 address that they contain, with the number of bits behind that."""
_NOT_HOSTS = (ipaddress.IPv4Network("192.88.99.0/24"), ipaddress.IPv4Network("192.0.0.0/24"))
"""Relays of 6to4, which no network is to use any more (RFC 7526), and addresses of protocols (RFC 6890); Python's
versions differ in whether these are global."""


def is_public(address: str) -> bool:
    """True if an IP address is one of the public internet. Raises ValueError for what is no IP address.

    An IPv6 address is one of global unicast (RFC 4291), or contains an IPv4 address, which has to be public.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        for network, behind in _WITH_IPV4.items():
            if ip in network:
                return is_public(str(ipaddress.IPv4Address(int(ip) >> behind & 0xFFFFFFFF)))
        if ip not in _GLOBAL_UNICAST:
            return False
    elif any(ip in network for network in _NOT_HOSTS):
        return False
    return ip.is_global and not ip.is_multicast


class RequestFilter:
    """Downloader middleware that refuses requests. :meth:`stop` refuses all further ones of this crawl."""

    def __init__(self, job: Job, heartbeat: Heartbeat | None = None) -> None:
        self._heartbeat = heartbeat or Heartbeat(None)
        self._hosts = urls.host_names(job.hosts)
        self._domains = set(job.domains)
        self._allowed = urls.host_names(job.allow)
        self._end = time.monotonic() + job.limits.deadline
        self._stop_reason: str | None = None
        self._page_key = job.page_key
        self._pages = set(job.captured) if job.output else None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RequestFilter:
        """The filter of a crawl, which is also the spider's ``request_filter``."""
        spider: Any = crawler.spider
        spider.request_filter = cls(spider.job, spider.heartbeat)
        return cast(RequestFilter, spider.request_filter)

    def stop(self, reason: str) -> None:
        """Refuses all further requests, as ``deadline`` with this reason."""
        self._stop_reason = reason

    def add_captured(self, url: str) -> None:
        """Adds a page to those that the batch has: another request for it is ``unchanged``."""
        if self._pages is not None:
            self._pages.add(self._page_key(url))

    async def process_request(self, request: Request) -> None:
        """Raises :class:`klartext.crawler.outcome.RequestEnded` for a request that is refused."""
        request.meta["download_slot"] = SLOT
        if crawl_request := request.meta.get("crawl_request"):
            self._heartbeat.at(crawl_request)
        if self._stop_reason or time.monotonic() > self._end:
            raise RequestEnded("deadline", self._stop_reason or "deadline")
        parts = urlsplit(request.url)
        host, netloc = (parts.hostname or "").lower(), parts.netloc.lower()
        if parts.scheme not in ("http", "https"):
            raise RequestEnded("refused", "scheme")
        if "@" in netloc or not host:
            raise RequestEnded("refused", "address")
        is_robots = request.meta.get("dont_obey_robotstxt", False)
        if not is_robots and not self._is_publishers(request.url):
            raise RequestEnded("refused", "foreign-host")
        if self._pages and "crawl_request" in request.meta and self._page_key(request.url) in self._pages:
            raise RequestEnded("unchanged", "same-page")
        default = 443 if parts.scheme == "https" else 80
        if f"{host}:{parts.port or default}" not in self._allowed and netloc not in self._allowed:
            await self._require_public(host)

    def _is_publishers(self, url: str) -> bool:
        """True for an address of the hosts and domains that may be requested."""
        if urls.is_of_host(url, self._hosts):
            return True
        return bool(self._domains) and urls.registered_domain(url) in self._domains

    async def _require_public(self, host: str) -> None:
        from twisted.internet import reactor

        try:
            # The result is cached and used for the connection: a name cannot become private in between.
            address = await maybe_deferred_to_future(cast(Any, reactor).resolve(host))
        except DNSLookupError:
            raise RequestEnded("failed", "dns") from None
        if not is_public(address):
            raise RequestEnded("refused", "private-address")


class CurrentRequest:
    """Downloader middleware next to the downloader: notes whose response the event loop handles."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        self._heartbeat = heartbeat

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CurrentRequest:
        """The middleware of a crawl."""
        spider: Any = crawler.spider
        return cls(spider.heartbeat)

    def process_response(self, request: Request, response: Response) -> Response:
        """Notes the request of the response, and returns the response."""
        if crawl_request := request.meta.get("crawl_request"):
            self._heartbeat.at(crawl_request)
        return response
