"""Reads origins inside of the crawler's process and goes on to what they name: sitemaps, further answers."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from klartext import wayback
from klartext.crawler.job import Ask, Served, Taken
from klartext.discover import feeds, sitemaps, wayback_index
from klartext.discover.feeds import Unreadable
from klartext.discover.interval import Entry, Interval, Moment

DEPTH = 3
"""Indexes below indexes that are followed."""
NUMBER = 300
"""Sitemaps named by indexes that one discovery asks for."""


def of_host(url: str, hosts: set[str]) -> bool:
    """Whether an http address is of one of the hosts, named with or without their port."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and (
            parts.netloc.lower() in hosts or (parts.port is None and (parts.hostname or "") in hosts)
        )
    except ValueError:
        return False


class Walk:
    """The handler of a discovery. ``about`` of an ask has ``kind`` (feed, sitemap or cdx), ``day`` if it was asked for
    one, ``depth``, and of a Wayback Machine's index ``query``, ``page`` if captures of this page alone are asked for,
    and ``count``, the answers before this one. Times are ISO 8601."""

    def __init__(self, *, start: str, end: str, now: str, zone: str, hosts: list[str], size: int) -> None:
        self._zone = ZoneInfo(zone)
        moment = dt.datetime.fromisoformat
        self._interval = Interval(moment(start), moment(end), moment(now), self._zone)
        self._hosts = set(hosts)
        self._size = size
        self._seen: set[str] = set()

    def take(self, ask: Ask, served: Served) -> Taken:
        self._seen.update((ask.url, served.url))
        day = dt.date.fromisoformat(ask.about["day"]) if ask.about.get("day") else None
        try:
            if ask.about["kind"] == "feed":
                return Taken(self._rows(feeds.read(served), day), [])
            if ask.about["kind"] == "cdx":
                return self._captures(ask, served)
            sitemap = sitemaps.read(served, self._zone, self._size)
        except Unreadable as error:
            return Taken(self._rows(error.entries, day), [], error.reason)
        further, problem = self._further(ask, sitemap.nested)
        return Taken(self._rows(sitemap.entries, day), further, problem)

    def _rows(self, entries: list[Entry], day: dt.date | None) -> list[dict[str, Any]]:
        return [
            self._row(entry)
            for entry in entries
            if of_host(entry.url, self._hosts) and self._interval.holds(entry, day)
        ]

    def _captures(self, ask: Ask, served: Served) -> Taken:
        captures, key = wayback_index.read(served)
        at = ask.url.partition("/cdx/")[0]
        rows = []
        for of_page in captures.values():
            if ask.about.get("page"):
                when = wayback.nearest(of_page, self._interval.end)
                found: tuple[str, str] | None = (when, of_page[when])
            else:
                found = wayback_index.wanted(of_page, self._interval)
            if found:
                entry = Entry(found[1])
                rows.append(self._row(entry) | {"capture": wayback.replay(at, *found)})
        count = ask.about.get("count", 0) + 1
        if not key or ask.about.get("page"):
            return Taken(rows, [])
        if count >= wayback_index.PAGES:
            return Taken(rows, [], "too-many-captures")
        further = wayback_index.following(ask.about["query"], key)
        return Taken(rows, [Ask(url=further, via=ask.via, about={**ask.about, "count": count})])

    def _row(self, entry: Entry) -> dict[str, Any]:
        return {
            "url": entry.url.partition("#")[0],
            "title": entry.title,
            "published_at": self._time(entry.published),
            "modified_at": self._change(entry.modified),
        }

    def _time(self, moment: Moment | None) -> str | None:
        """ISO 8601 in UTC of a time; a day without a clock is no time of publication that a candidate could carry."""
        credible = self._interval.credible(moment)
        return credible.isoformat() if isinstance(credible, dt.datetime) else None

    def _change(self, moment: Moment | None) -> str | None:
        """ISO 8601 in UTC of a time; of a day its last instant, since the change may have come as late as that."""
        credible = self._interval.credible(moment)
        return self._interval.instant(credible).isoformat() if credible else None

    def _further(self, ask: Ask, nested: list[sitemaps.Nested]) -> tuple[list[Ask], str | None]:
        if not nested:
            return [], None
        depth = ask.about.get("depth", 0) + 1
        if depth > DEPTH:
            return [], "index-too-deep"
        wanted: list[Ask] = []
        problem = None
        for sitemap in sitemaps.worth_asking(nested, self._interval):
            if sitemap.url in self._seen or not of_host(sitemap.url, self._hosts):
                continue
            if len(self._seen) >= NUMBER:
                problem = "too-many-sitemaps"
                break
            self._seen.add(sitemap.url)
            wanted.append(Ask(url=sitemap.url, via=ask.url, headers=ask.headers, about={**ask.about, "depth": depth}))
        return wanted, problem
