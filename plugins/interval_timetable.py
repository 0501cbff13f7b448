"""The timetable of the ingest DAGs."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import pendulum
from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.interval import CronDataIntervalTimetable


class IntervalTimetable(CronDataIntervalTimetable):
    """Runs at the end of each data interval, from one tick of a cron expression to the next at the publisher's place.

    A run knows its interval beforehand and the months it touches only once it has published, so its partitions are
    named at runtime. Airflow's own timetables give either the interval or the partitions, never both.
    """

    partitioned_at_runtime = True


class IntervalTimetablePlugin(AirflowPlugin):
    """Makes the timetable known to the scheduler, which reads it back from the database by name."""

    name = "klartext_interval_timetable"
    timetables: ClassVar = [IntervalTimetable]


def midnight(day: dt.date, zone: str) -> pendulum.DateTime:
    """The begin of a day at the publisher's place."""
    return pendulum.datetime(day.year, day.month, day.day, tz=zone)
