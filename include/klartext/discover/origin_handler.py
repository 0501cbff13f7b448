"""Reads origins inside of the crawler's process and goes on to what they name: sitemaps, further answers."""

from __future__ import annotations

import collections
import datetime as dt
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from klartext import urls, wayback, wayback_index
from klartext.crawler.job import Ask, Served, Taken
from klartext.dates import Moment
from klartext.discover import read_listing, sitemaps
from klartext.discover.interval import Belongs, Interval, period
from klartext.discover.listing import Entry, Nested

DEPTH = 3
"""Levels of indexes below indexes that are followed."""
NUMBER = 300
"""Sitemaps named by indexes that one discovery asks for."""
UNDATED = 5_000
"""Entries of a listing without any date that are kept for an interval of the past."""
_NO_LISTING = {"feed": "feed-not-xml", "sitemap": "not-a-sitemap"}


class OriginHandler:
    """The handler of a discovery.

    ``about`` of an ask has ``kind`` (feed, sitemap or cdx), ``day`` if it was asked for one, ``depth``, and where it is
    the index of a Wayback Machine ``query`` and ``count``, the answers before this one.

    Args:
        start, end, now: The interval and the time of asking, ISO 8601.
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
        self._asked: set[str] = set()

    def take(self, ask: Ask, served: Served) -> Taken:
        self._asked.update((urls.page_key(ask.url), urls.page_key(served.url)))
        if ask.about["kind"] == "cdx":
            return self._captures(ask, served)
        day = dt.date.fromisoformat(ask.about["day"]) if ask.about.get("day") else None
        listing = read_listing.read(served, self._zone, self._interval.now, self._size)
        skipped = collections.Counter(listing.skipped)
        # What a feed states no time of belongs to the run that sees it first; a sitemap may be all that names a page.
        keeps_undated = ask.about["kind"] == "sitemap"
        entries = ((entry, self._interval.belongs(entry, day)) for entry in listing.entries)
        rows = [
            row for entry, belongs in entries if (row := self._row_of_entry(entry, belongs, skipped, keeps_undated))
        ]
        further, problem = self._further(ask, listing.nested, skipped)
        if listing.problem == read_listing.NO_LISTING:
            listing.problem = _NO_LISTING[ask.about["kind"]]
        return Taken(rows, further, listing.problem or problem, dict(skipped))

    def _row_of_entry(
        self, entry: Entry, belongs: Belongs, skipped: collections.Counter[str], keeps_undated: bool
    ) -> dict[str, Any] | None:
        """The row of an entry that belongs to the interval, or may; counts why one is left out or has no date.

        An entry of another interval is none of this batch's, and is not counted."""
        if belongs == "no":
            return None
        url = self._address(entry)
        if url is None:
            skipped["entry-other-host"] += 1
            return None
        if entry.published is None and entry.modified is None:
            skipped["entry-date-unread" if entry.has_unread_date else "entry-undated"] += 1
        if belongs == "undated":
            if not keeps_undated:
                return None
            if skipped["entry-undated"] + skipped["entry-date-unread"] > UNDATED:
                skipped["entry-undated-beyond-limit"] += 1
                return None
        return self._row(entry, url)

    def _address(self, entry: Entry) -> str | None:
        """The address of an entry that is one of the publisher's hosts: its own, another that the entry has, or the one
        that a tracking service carries in its query."""
        found = (entry.url, *entry.other_addresses)
        for url in found:
            if urls.is_of_host(url, self._hosts) or urls.is_of_host(_normal(url), self._hosts):
                return urls.with_normal_host(url).partition("#")[0]
        for url in found:
            for value in _query_values(url):
                if urls.is_of_host(value, self._hosts):
                    return urls.with_normal_host(value).partition("#")[0]
        return None

    def _captures(self, ask: Ask, served: Served) -> Taken:
        try:
            captures, key = wayback_index.read(served)
        except wayback_index.NotAnIndex:
            return Taken([], [], "not-an-index")
        at = ask.url.partition("/cdx/")[0]
        rows = []
        for of_page in captures.values():
            if found := wanted_capture(of_page, self._interval):
                entry = Entry(found[1])
                rows.append(self._row(entry, entry.url) | {"capture": wayback.replay(at, *found)})
        count = ask.about.get("count", 0) + 1
        if not key:
            return Taken(rows, [])
        if count >= wayback_index.PAGES:
            return Taken(rows, [], "too-many-captures")
        further = wayback_index.following(ask.about["query"], key)
        return Taken(rows, [Ask(url=further, via=ask.via, about={**ask.about, "count": count})])

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

    def _further(
        self, ask: Ask, nested: list[Nested], skipped: collections.Counter[str]
    ) -> tuple[list[Ask], str | None]:
        """The sitemaps of an index to ask for. One on a host that is not the publisher's is asked for too: the crawler
        refuses it, which makes a row of the fetch log."""
        depth = ask.about.get("depth", 0) + 1
        wanted: list[Ask] = []
        for sitemap in sitemaps.worth_asking(nested, self._interval):
            key = urls.page_key(sitemap.url)
            if key in self._asked:
                continue
            if depth > DEPTH or len(self._asked) >= NUMBER:
                skipped["sitemap-too-deep" if depth > DEPTH else "sitemap-beyond-limit"] += 1
                continue
            self._asked.add(key)
            wanted.append(Ask(url=sitemap.url, via=ask.url, headers=ask.headers, about={**ask.about, "depth": depth}))
        problem = "index-too-deep" if skipped["sitemap-too-deep"] else None
        return wanted, problem or ("too-many-sitemaps" if skipped["sitemap-beyond-limit"] else None)


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
    named = period(next(iter(captures.values())))
    if named and named[0] == named[1]:
        belongs = named[0] in interval.days()
    else:
        belongs = any(wayback.stamp(interval.start) <= when < wayback.stamp(interval.end) for when in captures)
        if named:
            margin, days = dt.timedelta(days=1), interval.days()
            belongs = belongs and named[0] - margin <= days[-1]
    if not belongs:
        return None
    when = wayback.nearest(captures, interval.end)
    return when, captures[when]


def _query_values(url: str) -> list[str]:
    """Values of the first parameters of an address, decoded; none for an address that cannot be taken apart."""
    try:
        return [value for _, value in parse_qsl(urlsplit(url[: urls.LONGEST]).query)[:20]]
    except ValueError:
        return []
