"""The data intervals of a schedule: from one tick of a cron expression, in a publisher's time zone, to the next.

Where a clock is changed the ticks are these: a time of day that does not exist ticks as much later as the clock was
put forward. One that exists twice ticks twice if the expression has every hour (``*``), else the second time. Two
times of day that are the same moment are one tick.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterator

from croniter import croniter

_REACH = range(-26, 27, 2)
"""Hours around a moment at which offsets are looked up: more than any clock was ever put forward or back."""


@dataclasses.dataclass(frozen=True, slots=True)
class Schedule:
    """A cron expression in a time zone. Moments are plain datetimes in UTC."""

    expression: str
    zone: dt.tzinfo

    def next_tick(self, moment: dt.datetime) -> dt.datetime:
        """The first tick after a moment."""
        least = min(self._offsets(moment))
        best: dt.datetime | None = None
        for clock in self._clock_times(_as_clock(moment, least), forward=True):
            if best is not None and _as_moment(clock, max(self._offsets(clock.replace(tzinfo=dt.UTC)))) > best:
                break
            later = [tick for tick in self._ticks(clock) if tick > moment]
            best = min(filter(None, [best, *later]), default=None)
        assert best is not None  # croniter raises CroniterBadDateError for an expression without ticks
        return best

    def previous_tick(self, moment: dt.datetime) -> dt.datetime:
        """The last tick before a moment."""
        most = max(self._offsets(moment))
        best: dt.datetime | None = None
        for clock in self._clock_times(_as_clock(moment, most), forward=False):
            if best is not None and _as_moment(clock, min(self._offsets(clock.replace(tzinfo=dt.UTC)))) < best:
                break
            earlier = [tick for tick in self._ticks(clock) if tick < moment]
            best = max(filter(None, [best, *earlier]), default=None)
        assert best is not None
        return best

    def intervals(self, first: dt.date, until: dt.date) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """Start and end, in UTC, of the intervals that begin on the days from ``first`` until before ``until``."""
        begin, end = (dt.datetime.combine(day, dt.time(), self.zone).astimezone(dt.UTC) for day in (first, until))
        start = self.next_tick(begin - dt.timedelta(microseconds=1))
        while start < end:
            after = self.next_tick(start)
            yield start, after
            start = after

    def _clock_times(self, clock: dt.datetime, *, forward: bool) -> Iterator[dt.datetime]:
        """The local times of the expression after or before one, without a zone; endless."""
        cron = croniter(self.expression, start_time=clock)
        while True:
            clock = cron.get_next(dt.datetime) if forward else cron.get_prev(dt.datetime)
            yield clock

    def _ticks(self, clock: dt.datetime) -> list[dt.datetime]:
        """The moments in UTC at which a local time of the expression ticks."""
        first, second = (clock.replace(tzinfo=self.zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
        if second < first:  # a time that does not exist
            return [first]
        return [first, second] if _has_every_hour(self.expression) else [second]

    def _offsets(self, moment: dt.datetime) -> list[dt.timedelta]:
        """The offsets from UTC that clocks have within a day before and after a moment."""
        offsets = ((moment + dt.timedelta(hours=n)).astimezone(self.zone).utcoffset() for n in _REACH)
        return [offset for offset in offsets if offset is not None]


@functools.lru_cache(maxsize=256)
def _has_every_hour(expression: str) -> bool:
    return bool(croniter.expand(expression)[0][1] == ["*"])


def _as_clock(moment: dt.datetime, offset: dt.timedelta) -> dt.datetime:
    return moment.replace(tzinfo=None) + offset


def _as_moment(clock: dt.datetime, offset: dt.timedelta) -> dt.datetime:
    return (clock - offset).replace(tzinfo=dt.UTC)
