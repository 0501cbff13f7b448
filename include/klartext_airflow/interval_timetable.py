"""The timetable of the ingest DAGs."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from zoneinfo import ZoneInfo

import pendulum
from airflow.timetables.interval import CronDataIntervalTimetable

from klartext.schedule import Schedule


class IntervalTimetable(CronDataIntervalTimetable):
    """Runs at the end of each data interval of a :class:`klartext.schedule.Schedule`.

    A run knows its interval beforehand and the months that it touches only when it has published, so its partitions
    are named at runtime. Airflow's own timetables have either intervals or partitions, and where a clock is changed
    they compute the next and the previous tick differently, so that intervals overlap, have no length, or are in no
    run.
    """

    partitioned_at_runtime = True

    def _get_next(self, current: pendulum.DateTime) -> pendulum.DateTime:
        """The first tick after a moment."""
        return pendulum.instance(self._schedule().next_tick(_plain_utc(current)))

    def _get_prev(self, current: pendulum.DateTime) -> pendulum.DateTime:
        """The last tick before a moment."""
        return pendulum.instance(self._schedule().previous_tick(_plain_utc(current)))

    def _schedule(self) -> Schedule:
        return Schedule(self._expression, self._timezone)


def _plain_utc(moment: dt.datetime) -> dt.datetime:
    """A plain datetime, whose arithmetic is many times faster than that of its subclass in pendulum."""
    there = moment.astimezone(dt.UTC)
    return dt.datetime.combine(there.date(), there.time(), dt.UTC)


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
    schedule = Schedule(expression, ZoneInfo(zone))
    found = []
    tick = schedule.next_tick(begin - dt.timedelta(microseconds=1))
    while tick < end:
        found.append(tick)
        tick = schedule.next_tick(tick)
    return tuple(found)
