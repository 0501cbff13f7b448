"""The timetable of the ingest DAGs."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

import pendulum
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction
from airflow.timetables.interval import CronDataIntervalTimetable

from klartext.schedule import Schedule


class IntervalTimetable(CronDataIntervalTimetable):
    """Runs at the end of each data interval of a :class:`klartext.schedule.Schedule`.

    A run knows its interval beforehand and the months that it touches only when it has published, so its partitions
    are named at runtime. Airflow's own timetables have either intervals or partitions, and where a clock is changed
    they compute the next and the previous tick differently, so that intervals overlap, have no length, or are in no
    run.

    With ``until`` there are no intervals that begin on that day or later. An end date of the DAG would give a run by
    hand after it no tasks, so that it is green at once, and the last interval could not be run by hand.
    """

    partitioned_at_runtime = True

    def __init__(self, cron: str, timezone: Any, until: dt.date | None = None) -> None:
        super().__init__(cron, timezone)
        self.until = until

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Self:
        """The timetable of a dict of :meth:`serialize`."""
        there = super().deserialize(data)
        assert isinstance(there, cls)
        there.until = dt.date.fromisoformat(data["until"]) if data.get("until") else None
        return there

    def serialize(self) -> dict[str, Any]:
        """The schedule as a dict of strings."""
        return {**super().serialize(), "until": self.until.isoformat() if self.until else None}

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """The interval after one, or the first; None if it would begin too late."""
        if self.until:
            begin = pendulum.datetime(self.until.year, self.until.month, self.until.day, tz=self._timezone)
            last = begin - dt.timedelta(microseconds=1)
            restriction = restriction._replace(latest=min(filter(None, [restriction.latest, last])))
        return super().next_dagrun_info(
            last_automated_data_interval=last_automated_data_interval, restriction=restriction
        )

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
