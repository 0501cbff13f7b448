"""Addresses of a Wayback Machine: its index (CDX) and the captures that it keeps, as they were served.

``KLARTEXT_WAYBACK`` is its base address, as ``https://web.archive.org``; without it nothing is asked there.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable
from urllib.parse import urlencode

_REPLAY = re.compile(r"^(?P<base>https?://[^/?#]+(?:/[^?#]*?)?)/web/(?P<stamp>\d{14})id_/(?P<url>https?://.+)$")
WINDOW = dt.timedelta(days=3)
"""How long after an interval a capture may have been made to count as its pages' state. Only then is it asked."""
PAGE = 20_000
"""Captures that one answer of the index names; the next ones are asked for with its key."""


def base() -> str | None:
    """The configured base address, without a closing slash."""
    return os.environ.get("KLARTEXT_WAYBACK", "").strip().rstrip("/") or None


def covers(end: dt.datetime, now: dt.datetime) -> bool:
    """True if an archive is configured and an interval that ended at ``end`` is old enough to be asked for there."""
    return base() is not None and end <= now - WINDOW


def stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y%m%d%H%M%S")


def replay(at: str, when: str, url: str) -> str:
    """The address of a capture as it was served: no banner, no rewritten links."""
    return f"{at}/web/{when}id_/{url}"


def original(address: str) -> str | None:
    """The page's own address if this is one of a capture as served, else None."""
    found = _REPLAY.match(address)
    return found["url"] if found else None


def moment(address: str) -> dt.datetime | None:
    """When the capture of an address was made, if it is one of a capture as served."""
    found = _REPLAY.match(address)
    try:
        return dt.datetime.strptime(found["stamp"], "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC) if found else None
    except ValueError:
        return None


def shown(memento: str | None, address: str) -> dt.datetime | None:
    """Since when a state of the past is as it is shown: by the Memento-Datetime header (RFC 7089), else by the address
    of a capture. None for what is shown as of now."""
    try:
        return dt.datetime.strptime(memento or "", "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=dt.UTC)
    except ValueError:
        return moment(address)


def is_ours(address: str) -> bool:
    """Whether an address is one of a capture at the configured Wayback Machine."""
    at = base()
    return at is not None and address.startswith(f"{at}/web/") and original(address) is not None


def index(at: str, url: str, start: dt.datetime, end: dt.datetime | None, *, match: str = "exact") -> str:
    """The query for captures of a page (``match="exact"``) or a host (``"host"``) that were answered with 200, from
    ``start`` until before ``end``, as lines of time stamp and address."""
    until = {"to": stamp(end - dt.timedelta(seconds=1))} if end else {}
    query = {"url": url, "matchType": match, "from": stamp(start), **until, "filter": "statuscode:200",
             "fl": "timestamp,original", "limit": PAGE, "showResumeKey": "true"}  # fmt: skip
    return f"{at}/cdx/search/cdx?{urlencode(query)}"


def nearest(stamps: Iterable[str], end: dt.datetime) -> str:
    """Of the times of a page's captures the first that is not before ``end``; if all are, the last."""
    found = sorted(stamps)
    return next((when for when in found if when >= stamp(end)), found[-1])
