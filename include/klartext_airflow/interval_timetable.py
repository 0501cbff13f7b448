"""The timetable of the ingest DAGs."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Iterator

import pendulum
from airflow.timetables.interval import CronDataIntervalTimetable
from croniter import croniter

_REACH = range(-26, 27, 2)
"""Hours around a moment at which offsets are looked up: more than any clock was ever put forward or back."""


class IntervalTimetable(CronDataIntervalTimetable):
    """Runs at the end of each data interval, which lasts from one tick of a cron expression, in the publisher's time
    zone, to the next.

    A run knows its interval beforehand and the months that it touches only when it has published, so its partitions
    are named at runtime. Airflow's own timetables have either intervals or partitions.

    Where a clock is changed the ticks are these: a time of day that does not exist ticks as much later as the clock was
    put forward. One that exists twice ticks twice if the expression has every hour (``*``), else the second time. Two
    times of day that are the same moment are one tick. Airflow's own timetable computes the next and the previous tick
    differently, so that intervals overlap, have no length, or are in no run.
    """

    partitioned_at_runtime = True

    def _get_next(self, current: pendulum.DateTime) -> pendulum.DateTime:
        """The first tick after a moment."""
        moment = _plain_utc(current)
        least = min(self._offsets(moment))
        best: dt.datetime | None = None
        for clock in self._clock_times(_as_clock(moment, least), forward=True):
            if best is not None and _as_moment(clock, max(self._offsets(clock.replace(tzinfo=dt.UTC)))) > best:
                break
            later = [tick for tick in self._ticks(clock) if tick > moment]
            best = min(filter(None, [best, *later]), default=None)
        assert best is not None  # croniter raises CroniterBadDateError for an expression without ticks
        return pendulum.instance(best)

    def _get_prev(self, current: pendulum.DateTime) -> pendulum.DateTime:
        """The last tick before a moment."""
        moment = _plain_utc(current)
        most = max(self._offsets(moment))
        best: dt.datetime | None = None
        for clock in self._clock_times(_as_clock(moment, most), forward=False):
            if best is not None and _as_moment(clock, min(self._offsets(clock.replace(tzinfo=dt.UTC)))) < best:
                break
            earlier = [tick for tick in self._ticks(clock) if tick < moment]
            best = max(filter(None, [best, *earlier]), default=None)
        assert best is not None
        return pendulum.instance(best)

    def _clock_times(self, clock: dt.datetime, *, forward: bool) -> Iterator[dt.datetime]:
        """The local times of the expression after or before one, without a zone; endless."""
        cron = croniter(self._expression, start_time=clock)
        while True:
            clock = cron.get_next(dt.datetime) if forward else cron.get_prev(dt.datetime)
            yield clock

    def _ticks(self, clock: dt.datetime) -> list[dt.datetime]:
        """The moments in UTC at which a local time of the expression ticks."""
        first, second = (clock.replace(tzinfo=self._timezone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
        if second < first:  # a time that does not exist
            return [first]
        return [first, second] if _has_every_hour(self._expression) else [second]

    def _offsets(self, moment: dt.datetime) -> list[dt.timedelta]:
        """The offsets from UTC that clocks have within a day before and after a moment."""
        offsets = ((moment + dt.timedelta(hours=n)).astimezone(self._timezone).utcoffset() for n in _REACH)
        return [offset for offset in offsets if offset is not None]


def _plain_utc(moment: dt.datetime) -> dt.datetime:
    """A plain datetime, whose arithmetic is many times faster than that of its subclass in pendulum."""
    there = moment.astimezone(dt.UTC)
    return dt.datetime.combine(there.date(), there.time(), dt.UTC)


@functools.lru_cache(maxsize=256)
def _has_every_hour(expression: str) -> bool:
    return bool(croniter.expand(expression)[0][1] == ["*"])


def _as_clock(moment: dt.datetime, offset: dt.timedelta) -> dt.datetime:
    return moment.replace(tzinfo=None) + offset


def _as_moment(clock: dt.datetime, offset: dt.timedelta) -> dt.datetime:
    return (clock - offset).replace(tzinfo=dt.UTC)


def midnight(day: dt.date, zone: str) -> pendulum.DateTime:
    """The beginning of a day in a time zone, given by its IANA name."""
    return pendulum.datetime(day.year, day.month, day.day, tz=zone)


def intervals_between(
    expression: str, zone: str, first: dt.datetime, until: dt.datetime, most: int
) -> list[tuple[dt.datetime, dt.datetime]]:
    """The intervals of a schedule that begin at ``first`` or later and end at ``until`` or before, in UTC; of more than
    ``most`` the latest ones."""
    ticks: list[dt.datetime] = []
    month = until.astimezone(dt.UTC).date().replace(day=1)
    while len(ticks) <= most:
        ticks = [*_ticks_of_month(expression, zone, month), *ticks]
        if dt.datetime.combine(month, dt.time(), dt.UTC) <= first or month.year <= dt.MINYEAR + 1:
            break
        month = (month - dt.timedelta(days=1)).replace(day=1)
    ticks = [tick for tick in ticks if first <= tick <= until]
    return list(itertools.pairwise(ticks))[-most:]


@functools.lru_cache(maxsize=2_000)
def _ticks_of_month(expression: str, zone: str, month: dt.date) -> tuple[dt.datetime, ...]:
    """The ticks of a schedule in a month, which begins and ends by UTC."""
    begin = dt.datetime.combine(month, dt.time(), dt.UTC)
    end = dt.datetime.combine((month + dt.timedelta(days=32)).replace(day=1), dt.time(), dt.UTC)
    timetable = IntervalTimetable(expression, zone)
    found = []
    tick = timetable._get_next(pendulum.instance(begin - dt.timedelta(microseconds=1)))
    while tick < end:
        found.append(_plain_utc(tick))
        tick = timetable._get_next(tick)
    return tuple(found)
