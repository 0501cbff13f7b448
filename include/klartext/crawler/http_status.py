"""What an HTTP status means for an address, and how long a Retry-After header asks to wait."""

from __future__ import annotations

import datetime as dt
import email.utils
import re

_SECONDS = re.compile(r"\A\s{0,9}([0-9]{1,300}(?:\.[0-9]{1,9})?)\s{0,9}(?:,|\Z)")
"""The first number of a header that may be there more than once."""
TRANSIENT = {429, 500, 502, 503, 504}
"""Another try may not meet them."""


def outcome_of_status(status: int) -> tuple[str, str | None]:
    """Outcome and reason of a response, as in :class:`klartext.model.Fetch`.

    A 304, or a 200 with the same payload, is ``unchanged`` where the page has an earlier capture: that is decided by
    :class:`klartext.warc.writer.WarcFile`, which compares them, and overrides this.
    """
    if 200 <= status < 300:
        return "captured", None
    if status in (404, 410):
        return "gone", f"http-{status}"
    return "failed", f"http-{status}"


def retry_after(value: str | None, now: dt.datetime) -> float | None:
    """Seconds that a Retry-After header asks to wait, from its seconds or its date; None for none or nonsense."""
    if not value:
        return None
    if found := _SECONDS.match(value):
        return float(found[1])
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - now).total_seconds())
