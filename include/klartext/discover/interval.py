"""What belongs to an interval, by what its origin says of times.

A :data:`Moment` is a time with zone, or a day where the origin names no clock. A day counts as its last instant at the
publisher's place: the run whose interval has that instant is the first that can see all of the day.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from zoneinfo import ZoneInfo

Moment = dt.datetime | dt.date
_TICK = dt.timedelta(microseconds=1)
_OLDEST = 1995  # no publisher was on the web before: such a time is a default that somebody forgot to set


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """An address in a feed or sitemap, resolved, and what is said of it there."""

    url: str
    title: str | None = None
    published: Moment | None = None
    modified: Moment | None = None


def parse(text: str | None, zone: ZoneInfo) -> Moment | None:
    """A W3C or ISO 8601 time; without an offset it is the publisher's. None for what is no time, or less than a day."""
    text = (text or "").strip()
    try:
        if len(text) == 10:
            return dt.date.fromisoformat(text)
        moment = dt.datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


@dataclasses.dataclass(frozen=True, slots=True)
class Interval:
    """``start`` belongs to it, ``end`` does not; ``now`` is when the origins are asked; ``zone`` the publisher's."""

    start: dt.datetime
    end: dt.datetime
    now: dt.datetime
    zone: ZoneInfo

    def instant(self, moment: Moment) -> dt.datetime:
        if isinstance(moment, dt.datetime):
            return moment
        midnight = dt.datetime.combine(moment + dt.timedelta(days=1), dt.time(), self.zone)
        return midnight.astimezone(dt.UTC) - _TICK

    def days(self) -> list[dt.date]:
        """The days at the publisher's place that the interval touches."""
        first = self.start.astimezone(self.zone).date()
        last = (self.end - _TICK).astimezone(self.zone).date()
        return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]

    @property
    def has_now(self) -> bool:
        """Whether what is seen now belongs here: now is inside, or this is the latest interval that is over."""
        return self.start <= self.now < self.end + (self.end - self.start)

    def credible(self, moment: Moment | None) -> Moment | None:
        """The moment, unless it is one that no origin can know or mean."""
        if moment is None or moment.year < _OLDEST:
            return None
        tomorrow = self.now + dt.timedelta(days=1)
        late = moment > tomorrow if isinstance(moment, dt.datetime) else moment > tomorrow.astimezone(self.zone).date()
        return None if late else moment

    def holds(self, entry: Entry, day: dt.date | None = None) -> bool:
        """Whether an entry belongs to the interval: it was published in it, or changed.

        ``day`` is the day for which the origin was asked, if it was: an entry that names no time of that day was
        listed for a reason that it does not tell, and counts as of that day too.
        """
        moments = [m for m in (self.credible(entry.published), self.credible(entry.modified)) if m is not None]
        if any(self.start <= self.instant(moment) < self.end for moment in moments):
            return True
        if day is not None:
            named = {m.astimezone(self.zone).date() if isinstance(m, dt.datetime) else m for m in moments}
            return day not in named and self.start <= self.instant(day) < self.end
        return not moments and self.has_now


def period(address: str) -> tuple[dt.date, dt.date] | None:
    """First and last day of the year, month or day that stands in an address as a date; None if none does."""
    found = None
    pattern = r"(?<!\d)((?:19|20)\d\d)(?:[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)"
    for found in re.finditer(pattern, address):  # noqa: B007  the last one: folders before it may be of another kind
        pass
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    try:
        first = dt.date(year, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return first, first
    after = dt.date(year + 1, 1, 1) if not month or month == 12 else dt.date(year, month + 1, 1)
    return first, after - dt.timedelta(days=1)
