"""The timetable of the ingest DAGs."""

from __future__ import annotations

import datetime as dt

import pendulum
from airflow.timetables.interval import CronDataIntervalTimetable


class IntervalTimetable(CronDataIntervalTimetable):
    """Runs at the end of each data interval, which lasts from one tick of a cron expression, in the publisher's time
    zone, to the next.

    A run knows its interval beforehand and the months that it touches only when it has published, so its partitions
    are named at runtime. Airflow's own timetables have either intervals or partitions.
    """

    partitioned_at_runtime = True


def midnight(day: dt.date, zone: str) -> pendulum.DateTime:
    """The beginning of a day in a time zone, given by its IANA name."""
    return pendulum.datetime(day.year, day.month, day.day, tz=zone)
