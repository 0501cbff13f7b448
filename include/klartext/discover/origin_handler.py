"""Reads origins inside of the crawler's process, and requests what they name: sitemaps of an index, further answers."""

from __future__ import annotations

import collections
import datetime as dt
import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from klartext import urls, wayback, wayback_index
from klartext.crawler import CrawlRequest, HandlerResult, ServedResponse
from klartext.dates import Moment
from klartext.discover import read_listing, sitemaps
from klartext.discover.interval import Belongs, Interval, page_period
from klartext.discover.listing import Entry, Nested

DEPTH = 3
"""Levels of indexes below indexes that are followed."""
NUMBER = 300
"""Sitemaps named by indexes that one discovery requests."""
UNDATED = 5_000
"""Entries of a listing without any date that are kept for an interval of the past."""
_IN_PATH = re.compile(r"(?<=/)https?://[^/?#]")
_ESCAPED_IN_PATH = re.compile(r"(?<=[/=])https?%3a%2f%2f", re.IGNORECASE)
_AMP_CACHE = re.compile(r"/(?:c|v|amp)/s/(?=[^/]{1,253}\.[^/])")
_UNDATED_REASONS = ("entry-undated", "entry-date-unread", "entry-date-implausible")
_NO_LISTING = {"feed": "feed-not-xml", "sitemap": "not-a-sitemap"}


class OriginHandler:
    """The handler of a discovery.

    The context of a request has ``kind`` (feed, sitemap or cdx), ``day`` if it is for one, ``depth``, and for the index
    of a Wayback Machine ``query`` and ``count``, the number of answers before this one.

    Args:
        start, end, now: The interval and the time of the discovery, ISO 8601.
        zone: The publisher's time zone.
        hosts: Hosts whose pages are candidates.
        size: Bytes that a gzipped listing may expand to.
    """

    def __init__(self, *, start: str, end: str, now: str, zone: str, hosts: list[str], size: int) -> None:
        self._zone = ZoneInfo(zone)
        moment = dt.datetime.fromisoformat
        self._interval = Interval(moment(start), moment(end), moment(now), self._zone)
        self._hosts = urls.host_names(hosts)
        self._size = size
        self._requested: set[str] = set()

    def handle(self, request: CrawlRequest, served: ServedResponse) -> HandlerResult:
        """Reads a feed, a sitemap or an answer of an index: a row for each entry that belongs to the interval."""
        self._requested.update((_listing_key(request.url), _listing_key(served.url)))
        if request.context["kind"] == "cdx":
            return self._captures(request, served)
        day = dt.date.fromisoformat(request.context["day"]) if request.context.get("day") else None
        listing = read_listing.read(served, self._zone, self._interval.now, self._size)
        skipped = collections.Counter(listing.skipped)
        # Of what a feed does not date, the latest run requests each page that no batch has: a run of a past interval
        # would only take it for another day. A sitemap may be all that names an old page.
        keeps_undated = request.context["kind"] == "sitemap"
        entries = ((entry, self._interval.belongs(entry, day)) for entry in listing.entries)
        rows = [
            row for entry, belongs in entries if (row := self._row_of_entry(entry, belongs, skipped, keeps_undated))
        ]
        next_requests, problem = self._next_requests(request, listing.nested, skipped)
        if listing.problem == read_listing.NO_LISTING:
            listing.problem = _NO_LISTING[request.context["kind"]]
        return HandlerResult(rows, next_requests, listing.problem or problem, dict(skipped))

    def _row_of_entry(
        self, entry: Entry, belongs: Belongs, skipped: collections.Counter[str], keeps_undated: bool
    ) -> dict[str, Any] | None:
        """The row of an entry that belongs to the interval, or may; counts why one is left out or has no date.

        An entry of another interval is not counted."""
        if belongs == "no":
            return None
        url = self._address(entry)
        if url is None:
            skipped["entry-other-host"] += 1
            return None
        if reason := self._why_undated(entry):
            skipped[reason] += 1
        if belongs == "undated":
            if not keeps_undated:
                return None
            if sum(skipped[reason] for reason in _UNDATED_REASONS) > UNDATED:
                skipped["entry-undated-beyond-limit"] += 1
                return None
        return self._row(entry, url)

    def _why_undated(self, entry: Entry) -> str | None:
        """The reason for which an entry has no date that counts; None if it has one."""
        if entry.published is None and entry.modified is None:
            return "entry-date-unread" if entry.has_unread_date else "entry-undated"
        is_dated = self._interval.credible(entry.published) or self._interval.credible(entry.modified)
        return None if is_dated else "entry-date-implausible"

    def _address(self, entry: Entry) -> str | None:
        """The address of an entry that is one of the publisher's hosts: its own, another that the entry has, or the one
        that the address of a tracking service or an AMP cache carries."""
        found = (entry.url, *entry.other_addresses)
        for url in found:
            if urls.is_of_host(url, self._hosts) or urls.is_of_host(_normal(url), self._hosts):
                return urls.with_normal_host(url).partition("#")[0]
        for url in found:
            for value in _carried_addresses(url):
                if urls.is_of_host(value, self._hosts):
                    return urls.with_normal_host(value).partition("#")[0]
        return None

    def _captures(self, request: CrawlRequest, served: ServedResponse) -> HandlerResult:
        try:
            answer = wayback_index.read(served)
        except wayback_index.NotAnIndex:
            return HandlerResult([], [], "not-an-index")
        at = request.url.partition("/cdx/")[0]
        rows = []
        for of_page in answer.captures.values():
            if found := wanted_capture(of_page, self._interval):
                entry = Entry(found[1])
                rows.append(self._row(entry, entry.url) | {"capture": wayback.capture_url(at, *found)})
        count = request.context.get("count", 0) + 1
        if not answer.next_key:
            return HandlerResult(rows, [], skipped=answer.skipped)
        if count >= wayback_index.PAGES:
            return HandlerResult(rows, [], "too-many-captures", answer.skipped)
        query = wayback_index.next_query(request.context["query"], answer.next_key)
        further = CrawlRequest(url=query, via=request.via, context={**request.context, "count": count})
        return HandlerResult(rows, [further], skipped=answer.skipped)

    def _row(self, entry: Entry, url: str) -> dict[str, Any]:
        return {
            "url": url,
            "title": entry.title,
            "published_at": self._time(entry.published),
            "modified_at": self._change(entry.modified),
        }

    def _time(self, moment: Moment | None) -> str | None:
        """ISO 8601 in UTC of a time; a day without a clock is no time of publication that a candidate could carry."""
        credible = self._interval.credible(moment)
        return credible.at.isoformat() if credible and credible.is_exact else None

    def _change(self, moment: Moment | None) -> str | None:
        """ISO 8601 in UTC of a time; of a day its last instant, since the change may have come as late as that."""
        credible = self._interval.credible(moment)
        if credible is None or credible.precision in ("month", "year"):
            return None
        return self._interval.instant(credible).isoformat()

    def _next_requests(
        self, request: CrawlRequest, nested: list[Nested], skipped: collections.Counter[str]
    ) -> tuple[list[CrawlRequest], str | None]:
        """Requests for the sitemaps of an index. One on a host that is not the publisher's is among them: the crawler
        refuses it, so that it has a row in the fetch log."""
        depth = request.context.get("depth", 0) + 1
        wanted: list[CrawlRequest] = []
        for sitemap in sitemaps.may_contain_interval(nested, self._interval):
            key = _listing_key(sitemap.url)
            if key in self._requested:
                continue
            if depth > DEPTH or len(self._requested) >= NUMBER:
                skipped["sitemap-too-deep" if depth > DEPTH else "sitemap-beyond-limit"] += 1
                continue
            self._requested.add(key)
            wanted.append(
                CrawlRequest(
                    url=sitemap.url,
                    via=request.url,
                    headers=request.headers,
                    context={**request.context, "depth": depth},
                )
            )
        problem = "index-too-deep" if skipped["sitemap-too-deep"] else None
        return wanted, problem or ("too-many-sitemaps" if skipped["sitemap-beyond-limit"] else None)


def _listing_key(url: str) -> str:
    """What the addresses of one sitemap have in common. Unlike pages, sitemaps may differ in any parameter or part of
    the path: ``?page=2`` is another one than ``?page=1``."""
    try:
        return urls.without_scheme(urls.with_normal_host(url).partition("#")[0])
    except ValueError:
        return url


def _normal(url: str) -> str:
    """The normal form of an address; the address itself where it has none."""
    try:
        return urls.normalize(url)
    except ValueError:
        return url


def wanted_capture(captures: dict[str, str], interval: Interval) -> tuple[str, str] | None:
    """Time stamp and address of the capture of a page that belongs to an interval; None for a page of another one.

    Args:
        captures: addresses by time stamp.
    """
    named = page_period(next(iter(captures.values())))
    if named and named[0] == named[1]:
        belongs = named[0] in interval.days()
    else:
        belongs = any(wayback.timestamp(interval.start) <= when < wayback.timestamp(interval.end) for when in captures)
        if named:
            margin, days = dt.timedelta(days=1), interval.days()
            belongs = belongs and named[0] - margin <= days[-1]
    if not belongs:
        return None
    when = wayback.nearest_timestamp(captures, interval.end)
    return when, captures[when]


def _carried_addresses(url: str) -> list[str]:
    """Addresses that another address carries: values of the first parameters, decoded; the rest of the path from a
    scheme on; in that of an AMP cache, from the host on. Empty for an address that cannot be taken apart."""
    try:
        parts = urlsplit(url[: urls.LONGEST])
        found = [value for _, value in parse_qsl(parts.query)[:20]]
    except ValueError:
        return []
    if inner := _IN_PATH.search(url, 8, urls.LONGEST):
        found.append(url[inner.start() :])
    elif inner := _ESCAPED_IN_PATH.search(parts.path):
        found.append(unquote(parts.path[inner.start() :]))
    elif inner := _AMP_CACHE.match(parts.path):
        found.append(f"https://{url.partition(inner[0])[2]}")
    return found
