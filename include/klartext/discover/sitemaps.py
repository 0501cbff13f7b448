"""Sitemaps, news sitemaps and indexes of sitemaps, gzipped or not."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import defaultdict
from io import BytesIO
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError
from zoneinfo import ZoneInfo

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from klartext.crawler.job import Served
from klartext.discover import feeds
from klartext.discover.feeds import Unreadable
from klartext.discover.interval import Entry, Interval, Moment, parse, period
from klartext.http_body import Damaged, TooLarge, inflate

_FEEDS = {"rss", "feed", "RDF"}
ENTRIES = 200_000
"""Entries of a sitemap that are read; its standard allows a quarter of that."""


@dataclasses.dataclass(frozen=True, slots=True)
class Nested:
    """A sitemap that an index names, resolved, and when that changed last."""

    url: str
    modified: Moment | None


@dataclasses.dataclass(slots=True)
class Sitemap:
    """The entries of a sitemap, or what an index names."""

    entries: list[Entry] = dataclasses.field(default_factory=list)
    nested: list[Nested] = dataclasses.field(default_factory=list)


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: Element) -> dict[str, str]:
    return {_name(child): " ".join((child.text or "").split()) for child in element}


def read(served: Served, zone: ZoneInfo, limit: int) -> Sitemap:
    """A sitemap; ``limit`` is the longest that may come out of a gzipped one, in bytes.

    Raises :class:`Unreadable`, with the entries before the place where it breaks off.
    """
    body = served.body
    if body[:2] == b"\x1f\x8b":
        try:
            body = inflate(body, limit)
        except TooLarge:
            raise Unreadable("too-large") from None
        except Damaged:
            raise Unreadable("payload-damaged") from None
    sitemap = Sitemap()
    root: Element | None = None
    try:
        for event, element in iterparse(BytesIO(body), events=("start", "end"), forbid_dtd=False):
            if root is None:
                root = element
                if _name(root) in _FEEDS:
                    return Sitemap(entries=feeds.read(dataclasses.replace(served, body=body)))
                if _name(root) not in ("urlset", "sitemapindex"):
                    raise Unreadable("not-a-sitemap")
            elif event == "end" and _name(element) in ("url", "sitemap"):
                if len(sitemap.entries) >= ENTRIES:
                    raise Unreadable("too-many-entries", sitemap.entries)
                _add(sitemap, element, served.url, zone)
                root.clear()
    except DefusedXmlException:
        raise Unreadable("entity-bomb") from None
    except (ParseError, ValueError, LookupError):  # the last two for an encoding that is none
        raise Unreadable("sitemap-not-xml", sitemap.entries) from None
    return sitemap


def _add(sitemap: Sitemap, element: Element, base: str, zone: ZoneInfo) -> None:
    fields = _children(element)
    if not fields.get("loc"):
        return
    address, modified = urljoin(base, fields["loc"]), parse(fields.get("lastmod"), zone)
    if _name(element) == "sitemap":
        sitemap.nested.append(Nested(address, modified))
        return
    news = next((_children(child) for child in element if _name(child) == "news"), {})
    published = parse(news.get("publication_date"), zone)
    sitemap.entries.append(Entry(address, news.get("title") or None, published, modified))


def worth_asking(nested: list[Nested], interval: Interval) -> list[Nested]:
    """Without the sitemaps that surely say nothing of the interval: not changed since before it began, or of another
    time by the date in their address."""
    alike: dict[str, list[str]] = defaultdict(list)
    for sitemap in nested:
        alike[_shape(sitemap.url)].append(sitemap.url)
    # Addresses that differ in a number which is not always a date are counted, not dated: 2016 follows 2015 there too.
    dated = {shape for shape, urls in alike.items() if all(period(url) for url in urls)}
    return [s for s in nested if _may_speak(s, interval, dated=_shape(s.url) in dated)]


def _shape(url: str) -> str:
    return re.sub(r"\d+", "#", url)


def _may_speak(sitemap: Nested, interval: Interval, *, dated: bool) -> bool:
    modified = interval.credible(sitemap.modified)
    if modified is not None and interval.instant(modified) < interval.start:
        return False
    span = period(sitemap.url) if dated else None
    if span is None:
        return True
    days, margin = interval.days(), dt.timedelta(days=1)  # whose day it is, is not said
    return span[0] - margin <= days[-1] and days[0] <= span[1] + margin
