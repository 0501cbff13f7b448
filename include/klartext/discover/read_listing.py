"""Reads feeds and sitemaps of any format: RSS, Atom, JSON Feed, sitemaps, news sitemaps, indexes, plain text, gzipped.

The format is found out by the content. Neither the address nor the content type decides: both are often wrong.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from io import BytesIO
from zoneinfo import ZoneInfo

from lxml import etree

from klartext import dates
from klartext.compressed_members import GZIP_MAGIC
from klartext.crawler import ServedResponse
from klartext.dates import Moment
from klartext.discover import feeds, sitemaps
from klartext.discover.listing import Listing, ReadDate
from klartext.discover.xml_cleaning import EntitiesDeclared, clean, decode
from klartext.discover.xml_names import name_of
from klartext.http_body import Damaged, TooLarge, inflate

LONGEST = 64 * 1024 * 1024
"""Bytes of a sitemap that are read; its standard allows 50 MB."""
LONGEST_FEED = 16 * 1024 * 1024
"""Bytes of a feed that are read."""
ENTRIES = 200_000
"""Entries of a sitemap that are read; its standard allows a quarter of that."""
FEED_ENTRIES = 10_000
"""Entries of a feed that are read; no publisher has as many in a few days."""
ELEMENTS = 200_000
"""Elements between the ends of two entries, one that holds a hundred pictures included; they are held in memory."""
NO_LISTING = "no-feed-or-sitemap"
"""The problem of a body that is neither."""
_PROLOG = 64 * 1024
"""Bytes in which a feed or sitemap begins that something else comes before."""
_WRAPPINGS = 3
"""How often a body may be gzipped."""
_COMMENT_LINES = re.compile(rb"\A(?:#[^\r\n]*[\r\n]\s*+)+")
"""Lines with which a sitemap of plain text may begin."""
_ROOT = re.compile(rb"<(?:[\w.-]{1,40}:)?([A-Za-z][\w.-]{0,40})")
_ROOTS = feeds.ROOTS | sitemaps.ROOTS
_KNOWN_ROOT = re.compile(rb"<(?:[\w.-]{1,40}:)?(" + "|".join(sorted(_ROOTS)).encode() + rb")(?=[\s>])", re.IGNORECASE)


def read(served: ServedResponse, zone: ZoneInfo, now: dt.datetime, limit: int = LONGEST) -> Listing:
    """The listing that was served. Never raises for what is in the body.

    Args:
        served: The response; relative links are resolved against its address.
        zone: The publisher's time zone, for times that state none.
        now: When it was fetched, UTC.
        limit: Bytes that may come out of a gzipped one.
    """

    def read_date(text: str | None) -> Moment | None:
        return dates.parse(text, zone=zone, now=now, reduced=True) if text else None

    body = served.body
    try:
        for _ in range(_WRAPPINGS):
            if body[:16].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(GZIP_MAGIC[:2]):
                body = inflate(body, limit)
    except TooLarge:
        return Listing(problem="too-large")
    except Damaged:
        return Listing(problem="payload-damaged")
    if b"\0" in body[:4]:  # UTF-16 or UTF-32: as UTF-8 like everything else
        body = decode(body[:LONGEST]).encode("utf-8", "replace")
    opening = _COMMENT_LINES.sub(b"", body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n"))
    is_xml = _KNOWN_ROOT.search(body, 0, _PROLOG) is not None
    if opening.startswith((b"{", b"[")):
        listing = feeds.read_json(body[:LONGEST_FEED], served.url, served.content_type, read_date, FEED_ENTRIES)
        if listing.problem != NO_LISTING or not is_xml:
            return listing
    if sitemaps.is_text(opening) and not is_xml:  # messages of a program may hold an address too
        return sitemaps.read_text(body[:LONGEST], served.url, served.content_type, ENTRIES)
    if not is_xml and opening[:1] != b"<" and (listing := sitemaps.read_robots(body, served.url)).nested:
        return listing
    try:
        return _read_xml(clean(body[:LONGEST], served.content_type), served.url, read_date, cut=len(body) > LONGEST)
    except EntitiesDeclared:
        return Listing(problem="entity-bomb")


def _read_xml(body: bytes, url: str, read_date: ReadDate, *, cut: bool) -> Listing:
    listing = Listing()
    found = _ROOT.search(body, 0, 4096)
    is_page = found is not None and found[1].decode().lower() not in _ROOTS
    if found and is_page:  # of a server or a viewer, before the feed or around it
        found = _KNOWN_ROOT.search(body, found.end(), _PROLOG)
        body = body[found.start() :] if found else body
    if not found:
        return Listing(problem=NO_LISTING)
    root = found[1].decode()
    is_feed = root.lower() in feeds.ROOTS
    cut = cut or not _is_closed(body, root)
    if is_feed and len(body) > LONGEST_FEED:
        body, cut = body[:LONGEST_FEED], True
    reader, names, most = (
        (feeds.read_element, feeds.RECORDS, FEED_ENTRIES) if is_feed
        else (sitemaps.read_element, sitemaps.RECORDS, ENTRIES)
    )  # fmt: skip
    if is_page and not _count(body, names):  # an element of this name in a page, as in the metadata of a picture
        return Listing(problem=NO_LISTING)
    if body.count(f"</{root}".encode()) > 1:  # several documents in one: a program that wrote it twice
        body = b"<documents>" + body + b"</documents>"
    read = 0
    # An element that the parser itself closes at the cut is not complete.
    whole = _count(body, names, begin=b"</") if cut else most
    try:
        for element in _records(body, names):
            if read == whole < most:
                break
            if read == most:
                listing.problem = "too-many-entries"
                listing.skipped["entry-beyond-limit"] = max(1, _count(body, names) - most)
                return listing
            read += 1
            listing.add(reader(element, url, read_date))
    except _TooManyElementsError:
        listing.problem = "too-many-elements"
        if (unread := _count(body, names) - read) > 0:
            listing.skipped["entry-beyond-limit"] = unread
        return listing
    if cut:
        listing.problem = "feed-cut" if is_feed else "sitemap-cut"
    elif (lost := _count(body, names) - read) > 0:
        listing.skipped["entry-broken"] = lost
    return listing


class _TooManyElementsError(Exception):
    """More than ELEMENTS elements came since the last entry ended."""


def _records(body: bytes, names: set[str]) -> Iterator[etree._Element]:
    """The elements of these names, each removed from the tree when the next one is read.

    Raises :class:`_TooManyElementsError`.
    """
    events = etree.iterparse(
        BytesIO(body), events=("end",), recover=True, resolve_entities=False, no_network=True, load_dtd=False,
        remove_comments=True, remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    others = 0
    try:
        for _, element in events:
            others += 1
            if others > ELEMENTS:
                raise _TooManyElementsError
            if isinstance(element.tag, str) and name_of(element)[1] in names:
                others = 0
                yield element
                element.clear()
                parent = element.getparent()
                # One inside of another was not closed: what is before it belongs to the other one, which is still open.
                while parent is not None and name_of(parent)[1] not in names and element.getprevious() is not None:
                    del parent[0]
    except etree.XMLSyntaxError:  # what cannot be recovered from; the caller counts what is missing
        return


def _count(body: bytes, names: set[str], begin: bytes = b"<") -> int:
    """How many elements of these names begin in a document, or end in it if ``begin`` is that of an end tag."""
    pattern = begin + rb"(?:[\w.-]{1,40}:)?(?:" + "|".join(sorted(names)).encode() + rb")[\s>]"
    return sum(1 for _ in re.finditer(pattern, body, re.IGNORECASE))


def _is_closed(body: bytes, root: str) -> bool:
    """True if the outermost element ends, so that the document is complete."""
    name = re.escape(root).encode()
    ended = re.search(rb"</(?:[\w.-]{1,40}:)?" + name + rb"\s{0,9}>", body[-(1 << 16) :], re.IGNORECASE)
    return ended is not None or re.match(rb"<[^<>]{0,2000}/>\s*\Z", body) is not None
