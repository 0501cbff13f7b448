"""What an HTTP status means for an address, and how long a Retry-After header asks to wait."""

from __future__ import annotations

import datetime as dt
import email.utils

PASSING = {429, 500, 502, 503, 504}
"""Another try may not meet them."""


def outcome(status: int) -> tuple[str, str | None]:
    """Outcome and reason, as in :class:`klartext.model.Fetch`."""
    if 200 <= status < 300:
        return "captured", None
    if status in (404, 410):
        return "gone", f"http-{status}"
    return "failed", f"http-{status}"


def retry_after(value: str | None, now: dt.datetime) -> float | None:
    """Seconds that a Retry-After header asks to wait, from its seconds or its date; None for none or nonsense."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value.strip())
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - now).total_seconds())
