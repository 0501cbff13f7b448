"""Addresses of a Wayback Machine: its index (CDX) and the captures that it keeps, as they were served.

``KLARTEXT_WAYBACK`` is its base address, as ``https://web.archive.org``; without it no request is made there.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable
from urllib.parse import urlencode

_REPLAY = re.compile(r"^(?P<base>https?://[^/?#]+(?:/[^?#]*?)?)/web/(?P<stamp>\d{14})id_/(?P<url>https?://.+)$")
WINDOW = dt.timedelta(days=3)
"""How long after an interval a capture may have been made to count as the state of its pages. Only intervals that ended
longer ago are looked up."""
PAGE = 20_000
"""Captures in one answer of the index; the next ones are requested with its key."""


def base_url() -> str | None:
    """The configured base address, without a closing slash."""
    return os.environ.get("KLARTEXT_WAYBACK", "").strip().rstrip("/") or None


def covers(end: dt.datetime, now: dt.datetime) -> bool:
    """True if an archive is configured and an interval that ended at ``end`` is old enough to be looked up there."""
    return base_url() is not None and end <= now - WINDOW


def timestamp(moment: dt.datetime) -> str:
    """A time in the form that the archive's addresses have: 14 digits, UTC."""
    return moment.astimezone(dt.UTC).strftime("%Y%m%d%H%M%S")


def capture_url(at: str, when: str, url: str) -> str:
    """The address of a capture as it was served: no banner, no rewritten links."""
    return f"{at}/web/{when}id_/{url}"


def page_url(address: str) -> str | None:
    """The page's own address if this is one of a capture as served, else None."""
    found = _REPLAY.match(address)
    return found["url"] if found else None


def capture_time(address: str) -> dt.datetime | None:
    """When the capture was made whose address this is, UTC; None for another address."""
    found = _REPLAY.match(address)
    try:
        return dt.datetime.strptime(found["stamp"], "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC) if found else None
    except ValueError:
        return None


def memento_time(memento: str | None, address: str) -> dt.datetime | None:
    """The time of the past state that a server returned, UTC: by its Memento-Datetime header (RFC 7089), else by the
    address of a capture. None for the present state."""
    try:
        return dt.datetime.strptime(memento or "", "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=dt.UTC)
    except ValueError:
        return capture_time(address)


def is_capture_url(address: str) -> bool:
    """True for the address of a capture at the configured Wayback Machine."""
    at = base_url()
    return at is not None and address.startswith(f"{at}/web/") and page_url(address) is not None


def index_query(at: str, url: str, start: dt.datetime, end: dt.datetime | None, *, match: str = "exact") -> str:
    """The query for captures of a page (``match="exact"``) or a host (``"host"``) with status 200, from
    ``start`` until before ``end``, as lines of time stamp and address."""
    until = {"to": timestamp(end - dt.timedelta(seconds=1))} if end else {}
    query = {"url": url, "matchType": match, "from": timestamp(start), **until, "filter": "statuscode:200",
             "fl": "timestamp,original", "limit": PAGE, "showResumeKey": "true"}  # fmt: skip
    return f"{at}/cdx/search/cdx?{urlencode(query)}"


def nearest_timestamp(stamps: Iterable[str], end: dt.datetime) -> str:
    """The first of some timestamps that is not before ``end``, else the last. Raises IndexError for none."""
    found = sorted(stamps)
    return next((when for when in found if when >= timestamp(end)), found[-1])
