"""Answers of the index of a Wayback Machine (CDX): which page was captured when."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import re
from urllib.parse import urlencode

from klartext import urls, wayback
from klartext.crawler import CrawlRequest, HandlerResult, ServedResponse

PAGES = 50
"""Answers to one query that are read, one after the other."""


_LINE = re.compile(r"(\d{14})[ \t]+(\S.*)", re.ASCII)


class NotAnIndex(ValueError):
    """An answer that is no list of captures."""


@dataclasses.dataclass(frozen=True, slots=True)
class IndexAnswer:
    """What an answer lists.

    Attributes:
        captures: addresses by time stamp, by :func:`klartext.urls.page_key` of their page.
        next_key: the key to the next answer, if there is one.
        skipped: number of lines left out, by reason.
    """

    captures: dict[str, dict[str, str]]
    next_key: str | None
    skipped: dict[str, int]


def read(served: ServedResponse) -> IndexAnswer:
    """Reads an answer: a line with time stamp and address for each capture, then after an empty line the key.

    Lines of another form are skipped and counted, as long as one line can be read.

    Raises :class:`NotAnIndex` for an answer of which no line can be read.
    """
    lines = [line.strip() for line in served.body.decode("utf-8-sig", "replace").split("\n")]
    while lines and not lines[0]:
        del lines[0]
    end = lines.index("") if "" in lines else len(lines)
    rest = [line for line in lines[end:] if line]
    if any(_LINE.fullmatch(line) for line in rest):  # empty lines between the captures, and no key
        end, rest = len(lines), []
    captures: dict[str, dict[str, str]] = {}
    skipped: collections.Counter[str] = collections.Counter()
    listed = [line for line in lines[:end] if line]
    for line in listed:
        found = _LINE.fullmatch(line)
        if not found or not _is_time(found[1]):
            skipped["index-line-broken"] += 1
        elif not found[2].lower().startswith(("http://", "https://")):
            skipped["entry-bad-address"] += 1
        else:
            captures.setdefault(urls.page_key(found[2]), {}).setdefault(found[1], found[2])
    if listed and skipped["index-line-broken"] == len(listed):
        raise NotAnIndex(f"no line has a time stamp and an address, the first is {listed[0][:100]!r}")
    return IndexAnswer(captures, rest[0] if rest else None, dict(skipped))


def _is_time(digits: str) -> bool:
    """True for a time stamp of 14 digits that is a time."""
    try:
        dt.datetime.strptime(digits, "%Y%m%d%H%M%S")
    except ValueError:
        return False
    return True


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
            answer = read(served)
        except NotAnIndex:
            return HandlerResult([], [], "not-an-index")
        of_page = answer.captures.get(urls.page_key(request.context["page"]))
        if not of_page:
            return HandlerResult([], [], skipped=answer.skipped)
        when = wayback.nearest_timestamp(of_page, self._end)
        base = request.url.partition("/cdx/")[0]
        return HandlerResult([{"capture": wayback.capture_url(base, when, of_page[when])}], [], skipped=answer.skipped)
