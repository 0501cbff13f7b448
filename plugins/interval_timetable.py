"""Makes the timetable of the ingest DAGs known to the scheduler, which reads it back from the database by name."""

from __future__ import annotations

from typing import ClassVar

from airflow.plugins_manager import AirflowPlugin

from klartext_airflow.interval_timetable import IntervalTimetable


class IntervalTimetablePlugin(AirflowPlugin):
    """Registers the timetable."""

    name = "klartext_interval_timetable"
    timetables: ClassVar = [IntervalTimetable]
