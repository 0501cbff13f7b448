"""The timetable of the ingest DAGs."""

from __future__ import annotations

import datetime as dt

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
