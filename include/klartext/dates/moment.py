"""A point in time with its precision, made from the parts of a date."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Literal
from zoneinfo import ZoneInfo

_MIDNIGHT = dt.time(0)
_MINUTE, _SECOND = dt.timedelta(minutes=1), dt.timedelta(seconds=1)
MOST_OFFSET = 18 * 60
"""Minutes between the clock of a place and UTC, at most."""
Precision = Literal["second", "minute", "day", "month", "year"]


@dataclasses.dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC and how exact it is.

    ``at`` is where the period that the text names begins: of a day its midnight at the publisher's place. Of "3 hours
    ago" it is the estimate, with precision day. ``until`` is where that period ends and the next begins.
    """

    at: dt.datetime
    until: dt.datetime
    precision: Precision
    offset: int | None = None
    """Minutes from UTC if the text stated its offset or zone, else None."""

    @property
    def is_exact(self) -> bool:
        """True for a time to the minute or second."""
        return self.precision in ("second", "minute")

    def as_local(self, zone: ZoneInfo) -> Moment:
        """The same clock time at the publisher's place, for an offset that was stated wrongly."""
        if self.offset is None or not self.is_exact:
            return self
        clock = (self.at + dt.timedelta(minutes=self.offset)).replace(tzinfo=zone).astimezone(dt.UTC)
        return Moment(clock, clock + (self.until - self.at), self.precision)


@dataclasses.dataclass(slots=True)
class Parts:
    """What a text says of a time. ``offset`` is minutes from UTC, or a zone."""

    year: int
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None
    microsecond: int = 0
    offset: int | ZoneInfo | None = None

    def moment(self, zone: ZoneInfo) -> Moment:
        """The moment; without an offset it is local time in ``zone``, summer time considered.

        A time at midnight sharp, as written, in UTC or in ``zone``, is a day: systems write a day so. Raises ValueError
        or OverflowError for what no calendar has.
        """
        if self.month is None:
            return _period(dt.date(self.year, 1, 1), _add_months(self.year, 1, 12), "year", zone)
        if self.day is None:
            return _period(dt.date(self.year, self.month, 1), _add_months(self.year, self.month, 1), "month", zone)
        day = dt.date(self.year, self.month, self.day)
        if self.hour is None:
            return _period(day, day + dt.timedelta(days=1), "day", zone)
        if self.hour == 24 and not self.minute and not self.second:  # ISO 8601's end of the day
            return _period(day, day + dt.timedelta(days=1), "day", zone)
        second = 59 if self.second == 60 else self.second or 0  # a leap second is read as the one before it
        at = dt.datetime.combine(day, dt.time(self.hour, self.minute or 0, second, self.microsecond))
        place = zone if self.offset is None else self.offset
        if isinstance(place, int):
            if abs(place) > MOST_OFFSET:
                raise ValueError("an offset that no place has")
            place_zone: dt.tzinfo = dt.timezone(dt.timedelta(minutes=place))
        else:
            place_zone = place
        aware = at.replace(tzinfo=place_zone)
        stated = None if self.offset is None else int((aware.utcoffset() or dt.timedelta()).total_seconds() // 60)
        return at_clock(aware, zone, "minute" if self.second is None else "second", stated)


def at_clock(aware: dt.datetime, zone: ZoneInfo, precision: Precision, offset: int | None) -> Moment:
    """The moment of a time to the second or minute; that of its day where it is midnight sharp, see
    :meth:`Parts.moment`. ``offset`` are minutes from UTC if the text stated them."""
    utc = aware.astimezone(dt.UTC)
    for clock in (aware, utc.astimezone(zone)):
        if clock.time() == _MIDNIGHT:
            found = _period(clock.date(), clock.date() + dt.timedelta(days=1), "day", zone)
            return dataclasses.replace(found, offset=offset)
    return Moment(utc, utc + (_MINUTE if precision == "minute" else _SECOND), precision, offset)


def _period(first: dt.date, after: dt.date, precision: Precision, zone: ZoneInfo) -> Moment:
    begin, end = (dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC) for day in (first, after))
    return Moment(begin, end, precision)


def _add_months(year: int, month: int, months: int) -> dt.date:
    count = year * 12 + month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)
