"""Times said from the time of capture: "3 hours ago", "vor 3 Stunden", "yesterday, 18:30"."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from klartext.dates import words
from klartext.dates.moment import Moment, Parts
from klartext.dates.tokens import Token
from klartext.dates.written import Reader

_MOST = {"second": 3600, "minute": 600, "hour": 72, "day": 31}
"""Larger numbers are no publisher's way to say when."""


def read(reader: Reader, start: int, now: dt.datetime, *, whole: bool) -> tuple[Moment, int] | None:
    """The moment said at a token, and the place behind it. ``whole`` allows "today" without a time."""
    return _ago(reader.tokens, start, now, reader.context.zone) or _near_day(reader, start, now, whole=whole)


def _phrase(tokens: list[Token], i: int, phrases: frozenset[tuple[str, ...]]) -> int:
    """The length of the longest phrase at a token, 0 for none."""
    for length in (3, 2, 1):
        if tuple(t.text for t in tokens[i : i + length]) in phrases:
            return length
    return 0


def _ago(tokens: list[Token], i: int, now: dt.datetime, zone: ZoneInfo) -> tuple[Moment, int] | None:
    before = _phrase(tokens, i, words.ago_before())
    j = i + (before or _phrase(tokens, i, words.ago_around()))
    if j < len(tokens) and tokens[j].text in words.about():
        j += 1 + (j + 1 < len(tokens) and tokens[j + 1].text == ".")  # "ca."
    back = dt.timedelta()
    smallest = ""
    for _ in range(2):  # "1 hour 20 minutes ago"
        if j >= len(tokens):
            break
        number = tokens[j].number if tokens[j].number is not None else 1 if tokens[j].text in words.ones() else None
        if number is None and not smallest and tokens[j].text in words.units():
            if not (behind := _phrase(tokens, j + 1, words.ago_after())):
                break
            alone = words.units()[tokens[j].text]  # "час назад"
            return _past(dt.timedelta(**{f"{alone}s": 1}), alone, now, zone), j + 1 + behind
        if number is None or j + 1 >= len(tokens):
            break
        whole = words.ago_whole().get(tokens[j + 1].text)
        unit = whole or words.units().get(tokens[j + 1].text)
        if unit is None or not 0 <= number <= _MOST[unit]:
            break
        back += dt.timedelta(**{f"{unit}s": number})
        smallest = unit
        j += 2
        if whole:
            return _past(back, unit, now, zone), j
        if j < len(tokens) and tokens[j].text in (",", ".", "und", "and"):
            follows = j + 1 < len(tokens) and tokens[j + 1].number is not None
            j += 1 if follows or tokens[j].text == "." else 0
    if not smallest:
        return None
    after = _phrase(tokens, j, words.ago_after())
    if not before and not after:
        return None
    return _past(back, smallest, now, zone), j + after


def _past(back: dt.timedelta, unit: str, now: dt.datetime, zone: ZoneInfo) -> Moment:
    at = (now - back).astimezone(dt.UTC).replace(microsecond=0)
    if unit == "day":
        local = at.astimezone(zone)
        return Parts(local.year, local.month, local.day).moment(zone)
    at = at.replace(second=0)
    if unit == "hour":
        return Moment(at, at + dt.timedelta(hours=1), "day", 0)
    return Moment(at, at + dt.timedelta(minutes=1), "minute", 0)


def _near_day(reader: Reader, i: int, now: dt.datetime, *, whole: bool) -> tuple[Moment, int] | None:
    tokens = reader.tokens
    days = words.near_days().get(tokens[i].text) if i < len(tokens) else None
    if days is None:
        return None
    zone = reader.context.zone
    day = (now.astimezone(zone) - dt.timedelta(days=days)).date()
    timed = reader.time(reader.skip_between(i + 1), marked=True) or reader.time(i + 1)
    if timed:
        parts, end = timed
        parts.year, parts.month, parts.day = day.year, day.month, day.day
        return parts.moment(zone), end
    return (Parts(day.year, day.month, day.day).moment(zone), i + 1) if whole else None
