"""Decides what belongs to an interval, by the times that an origin states.

Many origins state only a day. It counts as its last instant in the publisher's time zone: the run whose interval has
that instant is the first that can see all of the day. A month or a year may be any time of it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from typing import Literal
from zoneinfo import ZoneInfo

from klartext.dates import Moment
from klartext.discover.listing import Entry

_TICK = dt.timedelta(microseconds=1)
_OLDEST = 1995  # no publisher was on the web before: such a time is a default that was never set
Span = tuple[dt.date, dt.date]
"""The first and the last day of a day, month or year."""
Belongs = Literal["yes", "no", "undated"]


@dataclasses.dataclass(frozen=True, slots=True)
class Interval:
    """From ``start`` until before ``end``; the origins are requested at ``now``; ``zone`` is the publisher's."""

    start: dt.datetime
    end: dt.datetime
    now: dt.datetime
    zone: ZoneInfo

    def instant(self, moment: Moment) -> dt.datetime:
        """The time that a moment counts as: of a period its last instant."""
        return moment.at if moment.is_exact else moment.until - _TICK

    def days(self) -> list[dt.date]:
        """The days in the publisher's time zone that the interval touches."""
        first = self.start.astimezone(self.zone).date()
        last = (self.end - _TICK).astimezone(self.zone).date()
        return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]

    @property
    def has_now(self) -> bool:
        """True if what is seen now belongs here: now is inside, or this is the latest interval that is over."""
        return self.start <= self.now < self.end + (self.end - self.start)

    def credible(self, moment: Moment | None) -> Moment | None:
        """The moment, unless it is one that no origin can know or mean: before the web, or after tomorrow."""
        if moment is None or moment.until.year < _OLDEST or moment.at > self.now + dt.timedelta(days=1):
            return None
        return moment

    def belongs(self, entry: Entry, day: dt.date | None = None) -> Belongs:
        """Whether an entry was published or changed in the interval; ``undated`` if no time is stated.

        ``day`` is the day that the origin is for, if it is for one: an entry that states no time of that day was
        listed for a reason that it does not state, and counts as of that day too. Where the entry has no time, the day,
        month or year in its address can exclude it.
        """
        moments = [m for m in (self.credible(entry.published), self.credible(entry.modified)) if m is not None]
        if any(self._has(moment) for moment in moments):
            return "yes"
        if day is not None:
            named = {moment.at.astimezone(self.zone).date() for moment in moments if self._is_of_one_day(moment)}
            midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), self.zone).astimezone(dt.UTC)
            return "yes" if day not in named and self.start <= midnight - _TICK < self.end else "no"
        if moments:
            return "no"
        if self.has_now:
            return "yes"
        return "undated" if self._may_have(page_period(entry.url)) else "no"

    def _has(self, moment: Moment) -> bool:
        if self._is_of_one_day(moment):
            return self.start <= self.instant(moment) < self.end
        return moment.at < self.end and self.start < moment.until

    @staticmethod
    def _is_of_one_day(moment: Moment) -> bool:
        return moment.is_exact or moment.precision == "day"

    def _may_have(self, span: Span | None) -> bool:
        """True unless the days that an address names are others than those of the interval."""
        days = self.days()
        return span is None or (span[0] <= days[-1] and days[0] <= span[1])


_MONTH_AND_DAY = r"[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(0[1-9]|[12]\d|3[01]))?(?!\d)"
_PERIOD = re.compile(rf"(?<!\d)((?:19|20)\d\d)(?:{_MONTH_AND_DAY})?(?!\d)")
_PATH_PERIOD = re.compile(rf"(?<=/)((?:19|20)\d\d)(?:{_MONTH_AND_DAY}|(?=/[^/?#]))")
"""A date with which a part of the path begins; a year alone is all of it, and not the last."""


def period(address: str) -> Span | None:
    """First and last day of the year, month or day that an address contains as a date; None if it contains none.

    Of several the most precise count, since folders before them may be of another kind: from the first to the last, as
    in ``2024-05-01-2024-05-31``.
    """
    found = _dates_in(_PERIOD, address)
    most = max(map(len, found), default=0)
    spans = [span for parts in found if len(parts) == most and (span := _span(parts))]
    return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None


def page_period(address: str) -> Span | None:
    """The same for the address of a page. A date with which a part of the path begins counts before others, which may
    be of the headline (``/2024/05/14/wm-2022-rueckblick``); a year alone counts as a folder only."""
    found = _dates_in(_PATH_PERIOD, address) or [parts for parts in _dates_in(_PERIOD, address) if len(parts) > 1]
    return _span(max(found, key=len, default=()))


def _dates_in(pattern: re.Pattern[str], address: str) -> list[tuple[int, ...]]:
    """Year, month and day, as far as they are stated, of each date in an address."""
    return [tuple(int(part) for part in found.groups() if part) for found in pattern.finditer(address)]


def _span(parts: tuple[int, ...]) -> Span | None:
    if not parts:
        return None
    year, month, day = (*parts, 0, 0)[:3]
    try:
        first = dt.date(year, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return first, first
    after = dt.date(year + 1, 1, 1) if month in (0, 12) else dt.date(year, month + 1, 1)
    return first, after - dt.timedelta(days=1)
