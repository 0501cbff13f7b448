"""The time of a record, in every precision that the standard allows."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from klartext import dates

EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)
"""Stands for the time of a record that has none that can be read."""
_YEARS = range(1990, 2101)
_UTC = ZoneInfo("UTC")


def record_time(value: str | None) -> dt.datetime:
    """A WARC-Date (WARC 1.1, section 5.4), or the 14 digits of an ARC file, as a time in UTC.

    Of a year, a month or a day it is noon of the last day: that is the same day in almost every time zone, and what was
    published in that period is not taken for later than its capture. A leap second counts as the second before.
    :data:`EPOCH` for what is no date, and for a year before 1990 or after 2100.
    """
    found = _parsed((value or "").strip().replace(":60Z", ":59Z").replace(":60.", ":59."))
    return found if found.year in _YEARS else EPOCH


def _parsed(text: str) -> dt.datetime:
    if len(text) in (20, 27) and text.endswith("Z") and text[10] == "T":  # the form of nearly all records
        try:
            return dt.datetime.fromisoformat(text)
        except ValueError:
            return EPOCH
    found = dates.parse(text, zone=_UTC, reduced=True)
    if found is None:
        return EPOCH
    if found.is_exact or ":" in text or (text.isdigit() and len(text) > 8):
        return found.at
    return found.until - dt.timedelta(hours=12)
