"""RSS and Atom, however broken, as entries."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import time
from io import BytesIO
from urllib.parse import urljoin

from klartext.crawler.job import Served
from klartext.discover.interval import Entry

_PROLOG = 64 * 1024
ENTRIES = 10_000
"""Entries of a feed that are read; no publisher brings as much in a few days."""
LONGEST = 16 * 1024 * 1024
"""Bytes of a feed that are read."""


class Unreadable(Exception):
    """Nothing, or not all, could be read; ``reason`` is stable, ``entries`` is what could be."""

    def __init__(self, reason: str, entries: list[Entry] | None = None) -> None:
        super().__init__(reason)
        self.reason, self.entries = reason, entries or []


def declares_entities(body: bytes) -> bool:
    """Whether a document makes up entities before its first element; nobody who means well does."""
    head = re.sub(rb"<!--.*?-->", b"", body[:_PROLOG].replace(b"\0", b""), flags=re.DOTALL)
    root = re.search(rb"<[A-Za-z]", head)
    return b"<!ENTITY" in (head[: root.start()] if root else head)


def _cut(body: bytes) -> bytes:
    """The body without what is more than anybody would read: to read a million entries takes minutes and gigabytes."""
    for number, entry in enumerate(re.finditer(rb"<(?:[\w-]+:)?(?:item|entry)[\s>]", body)):
        if number == ENTRIES:
            return body[: min(entry.start(), LONGEST)]
    return body[:LONGEST]


def _moment(parsed: time.struct_time | None) -> dt.datetime | None:
    try:
        return dt.datetime.fromtimestamp(calendar.timegm(parsed), dt.UTC) if parsed else None
    except (ValueError, OverflowError, OSError):
        return None


def read(served: Served) -> list[Entry]:
    """The entries of a feed, links resolved. Raises :class:`Unreadable`, of one that is too long with its begin."""
    import feedparser

    if declares_entities(served.body):
        raise Unreadable("entity-bomb")
    body = _cut(served.body)
    headers = {"content-location": served.url, "content-type": served.content_type or "application/xml"}
    feed = feedparser.parse(BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    if not feed.get("version") and not feed.entries:
        raise Unreadable("feed-not-xml")
    entries = []
    for item in feed.entries:
        link = item.get("link") or (item.get("id") if str(item.get("id", "")).startswith("http") else None)
        if link:
            title = " ".join(str(item.get("title", "")).split())
            entries.append(
                Entry(
                    url=urljoin(served.url, link.strip()),
                    title=title or None,
                    published=_moment(item.get("published_parsed")),
                    modified=_moment(item.get("updated_parsed") if "updated" in item else None),
                )
            )
    if len(body) < len(served.body):
        raise Unreadable("too-many-entries", entries)
    return entries
