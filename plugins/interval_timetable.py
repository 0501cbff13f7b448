"""The timetable of the ingest DAGs."""

from __future__ import annotations

from typing import ClassVar

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
