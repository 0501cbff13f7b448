"""Entries of sitemaps, news sitemaps and sitemaps of plain text, and the sitemaps that an index names."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict

from lxml import etree

from klartext.discover.interval import Interval, period
from klartext.discover.listing import Entry, Listing, Nested, ReadDate, base_of, entry_of, resolve
from klartext.discover.xml_cleaning import decode
from klartext.discover.xml_names import children, name_of, text_of

ROOTS = {"urlset", "sitemapindex"}
"""Names of the outermost element, in lower case."""
RECORDS = {"url", "sitemap"}
"""Names of the elements that are an entry, or a sitemap of an index."""
_ADDRESS_LINE = re.compile(rb"(?:[^\r\n<]{0,200}[\r\n]{1,4}+){0,5}[ \t\"']{0,9}https?://", re.IGNORECASE)
_COLUMNS = re.compile(r"\s|[\"']|[,;](?=\s{0,9}\d{4}-\d\d)")
"""What ends the address in a line of a sitemap of plain text that has more columns."""
_FOREIGN = re.compile(r"image|video|mobile|xhtml", re.IGNORECASE)
"""Extensions whose addresses and dates are those of a picture or recording, in their namespace or prefix."""


def read_element(element: etree._Element, url: str, read_date: ReadDate) -> Entry | Nested | str:
    """The entry or nested sitemap that an element is, or the reason for which it is left out."""
    fields: dict[str, str | None] = {}
    for child in children(element):
        space, name = name_of(child)
        if _FOREIGN.search(space):
            continue
        if name == "news":
            for part in children(child):
                fields.setdefault(f"news:{name_of(part)[1]}", text_of(part))
        else:
            fields.setdefault(name, text_of(child))
    base = base_of(url, element.base)
    if name_of(element)[1] == "sitemap":
        address = resolve(base, fields.get("loc"))
        return Nested(address, read_date(fields.get("lastmod"))) if address else "entry-without-address"
    published = fields.get("news:publication_date") or fields.get("publication_date")
    title = fields.get("news:title") or fields.get("title")
    return entry_of([fields.get("loc")], base, title, (published, fields.get("lastmod")), read_date)


def is_text(opening: bytes) -> bool:
    """True for the beginning of a sitemap of plain text; a few other lines may come before its first address."""
    return not opening.startswith(b"<") and _ADDRESS_LINE.match(opening) is not None


def read_text(body: bytes, url: str, content_type: str, limit: int) -> Listing:
    """A sitemap of plain text, one address a line, at most ``limit``. Further columns are left out."""
    listing = Listing()
    lines = [_COLUMNS.split(line.strip(" \t\"'\ufeff\xa0"), 1)[0] for line in decode(body, content_type).splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    for line in lines[:limit]:
        address = resolve(url, line) if line.lower().startswith(("http://", "https://")) else None
        listing.add(Entry(address) if address else "entry-bad-address")
    if len(lines) > limit:
        listing.problem = "too-many-entries"
        listing.skipped["entry-beyond-limit"] = len(lines) - limit
    return listing


def may_contain_interval(nested: list[Nested], interval: Interval) -> list[Nested]:
    """The sitemaps that may contain something of the interval: not those of another time by the date in their address,
    nor those that have not changed since before it began.

    A ``lastmod`` before the time that the address names is wrong (often the day of a deployment) and does not count.
    Where ``lastmod`` would leave out every sitemap of an index, it does not distinguish them: those that changed last
    are requested.
    """
    alike: dict[str, list[str]] = defaultdict(list)
    for sitemap in nested:
        alike[_shape(sitemap.url)].append(sitemap.url)
    # Addresses that differ in a number which is not always a date are counted, not dated: 2016 follows 2015 there too.
    dated = {shape for shape, urls in alike.items() if all(period(url) for url in urls)}
    spans = [period(sitemap.url) if _shape(sitemap.url) in dated else None for sitemap in nested]
    of_time = [pair for pair in zip(nested, spans, strict=True) if _is_of(pair[1], interval)]
    wanted = [sitemap for sitemap, span in of_time if not _is_unchanged(sitemap, span, interval)]
    if wanted or not of_time:
        return wanted
    latest = max(sitemap.modified.until for sitemap, _ in of_time if sitemap.modified)
    return [sitemap for sitemap, _ in of_time if sitemap.modified and sitemap.modified.until == latest]


def _shape(url: str) -> str:
    return re.sub(r"\d+", "#", url)


def _is_of(span: tuple[dt.date, dt.date] | None, interval: Interval) -> bool:
    """True unless the days that an address names are others than those of the interval."""
    if span is None:
        return True
    days, margin = interval.days(), dt.timedelta(days=1)  # the address does not say in which time zone its day is
    return span[0] - margin <= days[-1] and days[0] <= span[1] + margin


def _is_unchanged(sitemap: Nested, span: tuple[dt.date, dt.date] | None, interval: Interval) -> bool:
    modified = interval.credible(sitemap.modified)
    if modified is None or modified.until > interval.start:
        return False
    return span is None or modified.until.date() >= span[0]
