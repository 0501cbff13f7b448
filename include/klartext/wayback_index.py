"""Answers of the index of a Wayback Machine (CDX): which page was captured when."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlencode

from klartext import urls, wayback
from klartext.crawler.job import CrawlRequest, HandlerResult, ServedResponse

PAGES = 50
"""Answers to one query that are read, one after the other."""


class NotAnIndex(ValueError):
    """An answer that is no list of captures."""


def read(served: ServedResponse) -> tuple[dict[str, dict[str, str]], str | None]:
    """Captures by page, as addresses by time stamp, and the key to the next answer if there is one.

    Raises :class:`NotAnIndex` for an answer of another kind.
    """
    lines = served.body.decode("utf-8", "replace").split("\n")
    captures: dict[str, dict[str, str]] = {}
    for number, line in enumerate(lines):
        if not line.strip():
            if number == 0 and any(rest.strip() for rest in lines[1:]):
                continue
            key = next((rest.strip() for rest in lines[number:] if rest.strip()), None)
            return captures, key
        when, _, url = line.strip().partition(" ")
        if not re.fullmatch(r"\d{14}", when) or not url:
            raise NotAnIndex(f"no time stamp and address: {line[:100]!r}")
        if url.lower().startswith(("http://", "https://")):
            captures.setdefault(urls.page_key(url), {}).setdefault(when, url)
    return captures, None


def next_query(query: str, key: str) -> str:
    """The query for what comes after the key."""
    return f"{query}&{urlencode({'resumeKey': key})}"


class PageCaptures:
    """The crawl handler of queries for the captures of one page, ``page`` in the context of the request.

    Takes the capture nearest after the end of an interval, else the last one in it: a row with its address in the
    archive. A page without a capture gives no row.

    Args:
        end: the end of the interval, ISO 8601.
    """

    def __init__(self, *, end: str) -> None:
        self._end = dt.datetime.fromisoformat(end)

    def handle(self, request: CrawlRequest, served: ServedResponse) -> HandlerResult:
        """Reads the answer of the index: one row, or none."""
        try:
            captures, _ = read(served)
        except NotAnIndex:
            return HandlerResult([], [], "not-an-index")
        of_page = captures.get(urls.page_key(request.context["page"]))
        if not of_page:
            return HandlerResult([], [])
        when = wayback.nearest_timestamp(of_page, self._end)
        base = request.url.partition("/cdx/")[0]
        return HandlerResult([{"capture": wayback.capture_url(base, when, of_page[when])}], [])
