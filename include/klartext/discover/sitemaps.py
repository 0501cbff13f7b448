"""Entries of sitemaps, news sitemaps and sitemaps of plain text, and the sitemaps that an index names."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict

from lxml import etree

from klartext.dates import Moment
from klartext.discover.interval import Interval, Span, period
from klartext.discover.listing import Entry, Listing, Nested, ReadDate, base_of, entry_of, resolve
from klartext.discover.xml_cleaning import decode, without_controls
from klartext.discover.xml_names import children, name_of, text_of

ROOTS = {"urlset", "sitemapindex"}
"""Names of the outermost element, in lower case."""
ROBOTS_SIZE = 512 * 1024
"""Bytes of a robots.txt that are read."""
RECORDS = {"url", "sitemap"}
"""Names of the elements that are an entry, or a sitemap of an index."""
_ADDRESS_LINE = re.compile(
    rb"(?:(?![ \t\"']{0,9}https?://)[^\r\n<]{0,200}+[\r\n]{1,4}+){0,5}+[ \t\"']{0,9}https?://", re.IGNORECASE
)
_COLUMNS = re.compile(r"\s|[\"']|[,;](?=\s{0,9}\d{4}-\d\d)")
"""What ends the address in a line of a sitemap of plain text that has more columns."""
_ROBOTS = re.compile(
    r"^[ \t\ufeff]{0,9}site-?map[ \t]{0,9}:[ \t]{0,9}((?:https?:|/)\S{1,8192})", re.IGNORECASE | re.MULTILINE
)
"""A sitemap that a robots.txt names."""
_FURTHER = re.compile(r"[\s,;|]{1,9}+(?=https?://)", re.IGNORECASE)
"""What stands between two addresses in one line."""
_FOREIGN = re.compile(r"image|video|mobile|xhtml", re.IGNORECASE)
"""Extensions whose addresses and dates are those of a picture or recording, in their namespace or prefix."""


def read_element(element: etree._Element, url: str, read_date: ReadDate) -> Entry | Nested | str:
    """The entry or nested sitemap that an element is, or the reason for which it is left out."""
    fields: dict[str, str] = {}
    for child in children(element):
        space, name = name_of(child)
        if _FOREIGN.search(space):
            continue
        if name == "news":
            for part in child.iterdescendants(etree.Element):
                if text := text_of(part):
                    fields.setdefault(f"news:{name_of(part)[1]}", text)
        elif name not in fields and (text := text_of(child)):
            fields[name] = text
    base = base_of(url, element.base)
    modified = fields.get("lastmod")
    published = fields.get("news:publication_date") or fields.get("publication_date")
    title = fields.get("news:title") or fields.get("title")
    parent = element.getparent()
    if name_of(element)[1] == "sitemap" or (parent is not None and "index" in str(parent.tag).lower()):
        return _nested(fields.get("loc"), base, read_date(modified))
    found = entry_of([fields.get("loc")], base, title, (published, modified), read_date)
    return Nested(found.url, found.modified) if isinstance(found, Entry) and is_sitemap(found.url) else found


def _nested(loc: str | None, base: str, modified: Moment | None) -> Nested | str:
    address = resolve(base, loc)
    if address is None:
        return "entry-bad-address" if loc else "entry-without-address"
    return Nested(address, modified)


def is_sitemap(url: str) -> bool:
    """True for the address of a sitemap, by its name: some publishers list these among their pages."""
    if ".xml" not in url.lower():
        return False
    path = re.split("[?#]", url, maxsplit=1)[0].partition("://")[2].partition("/")[2].lower()
    return path.endswith(".xml.gz") or (path.endswith(".xml") and "sitemap" in path)


def is_text(opening: bytes) -> bool:
    """True for the beginning of a sitemap of plain text; a few other lines may come before its first address."""
    return not opening.startswith(b"<") and _ADDRESS_LINE.match(opening) is not None


def read_text(body: bytes, url: str, content_type: str, limit: int) -> Listing:
    """A sitemap of plain text, one address a line, at most ``limit``. Further columns are left out."""
    listing = Listing()
    text = without_controls(decode(body, content_type))
    lines = text.splitlines()
    if text.count("://") > len(lines):
        lines = _FURTHER.sub("\n", text).splitlines()
    lines = [_COLUMNS.split(line.strip(" \t\"'\ufeff\xa0"), 1)[0] for line in lines]
    lines = [line for line in lines if line and not line.startswith("#")]
    for line in lines[:limit]:
        address = resolve(url, line) if line.lower().startswith(("http://", "https://")) else None
        if address is None:
            listing.add("entry-bad-address")
        else:
            listing.add(Nested(address, None) if is_sitemap(address) else Entry(address))
    if len(lines) > limit:
        listing.problem = "too-many-entries"
        listing.skipped["entry-beyond-limit"] = len(lines) - limit
    return listing


def read_robots(body: bytes, url: str) -> Listing:
    """The sitemaps that a robots.txt names; relative ones are resolved."""
    listing = Listing()
    for found in _ROBOTS.finditer(decode(body[:ROBOTS_SIZE])):
        listing.add(_nested(found[1], url, None))
    return listing


def may_contain_interval(nested: list[Nested], interval: Interval) -> list[Nested]:
    """The sitemaps that may contain something of the interval: not those of another time by the date in their address,
    nor those that have not changed since before it began.

    A ``lastmod`` before the time that the address names is wrong (often the day of a deployment) and does not count.
    Where ``lastmod`` would leave out every sitemap of an index, it does not distinguish them: those that changed last
    are requested.
    """
    named = [period(sitemap.url) for sitemap in nested]
    shapes = [_shape(sitemap.url) for sitemap in nested]
    alike: dict[str, list[Span | None]] = defaultdict(list)
    for shape, span in zip(shapes, named, strict=True):
        alike[shape].append(span)
    units = {shape: _longest(spans) for shape, spans in alike.items()}
    spans = [_widened(span, units[shape]) for shape, span in zip(shapes, named, strict=True)]
    of_time = [pair for pair in zip(nested, spans, strict=True) if _is_of(pair[1], interval)]
    wanted = [sitemap for sitemap, span in of_time if not _is_unchanged(sitemap, span, interval)]
    if wanted or not of_time:
        return wanted
    latest = max(sitemap.modified.until for sitemap, _ in of_time if sitemap.modified)
    return [sitemap for sitemap, _ in of_time if sitemap.modified and sitemap.modified.until == latest]


def _shape(url: str) -> str:
    return re.sub(r"\d+", "#", url)


def _longest(spans: list[Span | None]) -> int | None:
    """The most days between the first and the last one of some spans; None if one of the addresses names no days."""
    return None if None in spans else max((last - first).days for first, last in filter(None, spans))


def _widened(span: Span | None, longest: int | None) -> Span | None:
    """The days that an address names, given the longest span of all addresses that differ from it in numbers alone.

    If a number is not always a date they are counted, not dated: 2016 follows 2015 there too. Where some name a month
    and others a year, what looks like a month is a number too, as in ``2024-9``, ``2024-10``, up to ``2024-15``.
    """
    if span is None or longest is None:
        return None
    if longest > 31:
        return span[0].replace(month=1, day=1), span[1].replace(month=12, day=31)
    return period(f"{span[0]:%Y-%m}") if longest > 0 and span[0] == span[1] else span


def _is_of(span: Span | None, interval: Interval) -> bool:
    """True unless the days that an address names are others than those of the interval."""
    if span is None:
        return True
    days, margin = interval.days(), dt.timedelta(days=1)  # the address does not say in which time zone its day is
    return span[0] - margin <= days[-1] and days[0] <= span[1] + margin


def _is_unchanged(sitemap: Nested, span: Span | None, interval: Interval) -> bool:
    modified = interval.credible(sitemap.modified)
    if modified is None or modified.until > interval.start:
        return False
    return span is None or modified.until.date() >= span[0]
