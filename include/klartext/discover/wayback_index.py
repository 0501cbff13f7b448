"""Answers of a Wayback Machine's index: which page was captured when, and which capture is wanted."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlencode

from klartext import urls, wayback
from klartext.crawler.job import Served
from klartext.discover.interval import Interval, period

PAGES = 50
"""Answers to one query that are asked for, one after the other."""


class NotAnIndex(ValueError):
    """An answer that is no list of captures."""


def read(served: Served) -> tuple[dict[str, dict[str, str]], str | None]:
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


def wanted(captures: dict[str, str], interval: Interval) -> tuple[str, str] | None:
    """Time stamp and address of the capture that the interval wants of a page, or None if the page is not its own."""
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


def following(query: str, key: str) -> str:
    """The query for what comes after the key."""
    return f"{query}&{urlencode({'resumeKey': key})}"
