"""Dates as machines write them: ISO 8601 in its forms, 8 to 14 digits, seconds since 1970."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from klartext.dates.moment import MOST_OFFSET, Moment, Parts, at_clock

_DATE_TIME = re.compile(
    r"(?P<year>\d{4})(?P<mark>[-/.]?)(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"(?:(?:\s?[Tt_]|\s{1,3}|\s?[,-]\s|-(?=\d\d:))(?P<hour>\d{1,2})(?::?(?P<minute>\d{2})(?::?(?P<second>\d{2})"
    r"(?:[.,:](?P<fraction>\d{1,12}))?)?)?"
    r"\s?(?P<offset>[Zz]|(?:UTC|GMT|utc|gmt)?[+\u2212-]\d{1,2}(?::?\d{2}(?::?\d{2})?)?|UTC|GMT|utc|gmt)?"
    r"(?:\[(?P<zone>[A-Za-z]{1,20}(?:/[A-Za-z0-9_+-]{1,30}){0,2})\])?)?",
    re.ASCII,
)
_DAY_IN_ZONE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[Zz]|\+\d\d:\d\d)", re.ASCII)
"""A day of XML Schema, which may have a zone: the day at the place of the publisher. Behind a minus stands a time."""
_ONE_DIGIT = re.compile(r"(?<=\d:)\d(?![\d/])", re.ASCII)
"""Minutes or seconds that a program wrote as numbers, as in ``10:5:0``."""
_LOST_PLUS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})? \d\d:?\d\d", re.ASCII)
"""A time that went through the decoding of a query, which makes a plus a space."""
_USUAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z|[+-]\d\d:[0-5]\d)", re.ASCII)
"""What most pages write, and the standard library reads in a fraction of the time."""
_WEEK = re.compile(r"(\d{4})-?W(\d{2})-?([1-7])(T.{2,40})?", re.ASCII | re.IGNORECASE)
_ORDINAL = re.compile(r"(\d{4})-(\d{3})([Tt].{2,40})?", re.ASCII)
_COLONS = re.compile(r"(\d{4}):(\d\d):(\d\d)(?= \d\d:)", re.ASCII)
"""The day of a time as cameras write it."""
_DIGITS = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(?:\d{3})?", re.ASCII)
_HOUR = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])", re.ASCII)
"""Year, month, day and hour, or seconds since 1970 of the years after 2030: not decided."""
_EPOCH = re.compile(r"(?:@|/Date\()?(\d{9,10})(?:(\d{3})(\d{3})?)?(?:\.(\d{1,9}))?(?:(?:[+-]\d{4})?\)/)?", re.ASCII)
"""Seconds since 1970, or milliseconds or microseconds; also as ASP.NET and the shell write them."""
_REDUCED = re.compile(r"(\d{4})(?:[-/.](\d{1,2}))?", re.ASCII)
_EPOCHS = (315_532_800, 4_102_444_800)
"""1980 to 2100: other numbers are no seconds since 1970."""


def read(text: str, zone: ZoneInfo, *, reduced: bool) -> Moment | None:
    """The moment of a whole text without spaces around, None if it is of another form.

    Raises ValueError or OverflowError for one of the form that no calendar has.
    """
    if _USUAL.fullmatch(text) and (moment := _usual(text, zone)):
        return moment
    if not (text[:1].isdigit() or text.startswith(("@", "/Date("))):
        return None
    if _LOST_PLUS.fullmatch(text):
        text = text.replace(" ", "+")
    if found := _DAY_IN_ZONE.fullmatch(text):
        text = found[1]
    elif found := _COLONS.match(text):
        text = text.replace(found[0], "-".join(found.groups()), 1)
    if ":" in text:
        text = _ONE_DIGIT.sub(r"0\g<0>", text)
    if text.isdigit() and (found := _DIGITS.fullmatch(text)) and len(text) in (8, 12, 14, 17):
        year, month, day, hour, minute, second = (int(part) if part else None for part in found.groups())
        if year and 1 <= (month or 0) <= 12 and 1 <= (day or 0) <= 31:
            return Parts(year, month, day, hour, minute, second).moment(zone)
    if (found := _DATE_TIME.fullmatch(text)) and (found["mark"] or len(found["month"] + found["day"]) == 4):
        return _date_time(found, zone)
    if (found := _EPOCH.fullmatch(text)) and not _HOUR.fullmatch(text) and _EPOCHS[0] <= int(found[1]) < _EPOCHS[1]:
        at = dt.datetime.fromtimestamp(int(found[1]), dt.UTC)
        local = at.astimezone(zone)
        return Parts(local.year, local.month, local.day, local.hour, local.minute, local.second,
                     offset=int((local.utcoffset() or dt.timedelta()).total_seconds() // 60)).moment(zone)  # fmt: skip
    if found := _WEEK.fullmatch(text):
        first = dt.date.fromisocalendar(*map(int, found.groups()[:3]))
        return _with_clock(first, found[4], zone)
    if (found := _ORDINAL.fullmatch(text)) and 1 <= int(found[2]) <= 366:
        first = dt.date(int(found[1]), 1, 1) + dt.timedelta(days=int(found[2]) - 1)
        if first.year != int(found[1]):
            raise ValueError("the 366th day of a year that has 365")
        return _with_clock(first, found[3], zone)
    if reduced and (found := _REDUCED.fullmatch(text)):
        return Parts(int(found[1]), int(found[2]) if found[2] else None).moment(zone)
    return None


def _with_clock(day: dt.date, clock: str | None, zone: ZoneInfo) -> Moment | None:
    """The moment of a day with the time behind it; None if that is no time."""
    if clock is None:
        return Parts(day.year, day.month, day.day).moment(zone)
    found = _DATE_TIME.fullmatch(f"{day.isoformat()}{clock}")
    return _date_time(found, zone) if found else None


def _usual(text: str, zone: ZoneInfo) -> Moment | None:
    """The moment of a text of the form that most pages write; None for one that the standard library refuses."""
    try:
        aware = dt.datetime.fromisoformat(text)
    except ValueError:  # a leap second, the end of a day, or no date
        return None
    offset = int((aware.utcoffset() or dt.timedelta()).total_seconds() // 60)
    return at_clock(aware, zone, "second", offset) if abs(offset) <= MOST_OFFSET else None


def _date_time(found: re.Match[str], zone: ZoneInfo) -> Moment:
    year, _, month, day, *clock, fraction, offset, place = found.groups()
    hour, minute, second = (int(part) if part else None for part in clock)
    parts = Parts(int(year), int(month), int(day), hour, minute, second)
    if fraction:
        parts.microsecond = int(fraction[:6].ljust(6, "0"))
    if offset:
        parts.offset = offset_minutes(offset)
    elif place:
        parts.offset = ZoneInfo(place)
    return parts.moment(zone)


def offset_minutes(text: str) -> int:
    """Minutes of an offset as ``Z``, ``+02``, ``+0200``, ``GMT+02:00``, ``-5``."""
    digits = "".join(filter(str.isdigit, text))
    if not digits:
        return 0
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) in (3, 4) else (digits[:2], digits[2:4] or "0")
    if int(minutes) > 59:
        raise ValueError("an offset with more than 59 minutes")
    return (int(hours) * 60 + int(minutes)) * (-1 if "-" in text or "\u2212" in text else 1)
