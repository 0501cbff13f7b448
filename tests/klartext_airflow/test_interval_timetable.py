"""The intervals that ingest DAGs run on."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pendulum
import pytest


@pytest.fixture
def timetable(airflow_home: Path) -> Any:
    from airflow.plugins_manager import get_timetables_plugins

    return next(c for name, c in get_timetables_plugins().items() if name.endswith("IntervalTimetable"))


def infos(timetable: Any, first: dt.datetime, last: dt.datetime) -> list[tuple[str, str]]:
    from airflow.timetables.base import TimeRestriction

    restriction, info, found = TimeRestriction(first, last, True), None, []
    while info := timetable.next_dagrun_info(
        last_automated_data_interval=info and info.data_interval, restriction=restriction
    ):
        start, end = info.data_interval
        found.append((start.in_timezone("UTC").isoformat(), end.in_timezone("UTC").isoformat()))
    return found


def test_days_join_at_the_publishers_midnight_and_one_is_an_hour_shorter(timetable: Any) -> None:
    days = infos(
        timetable("0 0 * * *", "Europe/Berlin"),
        pendulum.datetime(2024, 3, 30, tz="Europe/Berlin"),
        pendulum.datetime(2024, 4, 1, tz="Europe/Berlin"),
    )
    assert days == [
        ("2024-03-29T23:00:00+00:00", "2024-03-30T23:00:00+00:00"),
        ("2024-03-30T23:00:00+00:00", "2024-03-31T22:00:00+00:00"),
        ("2024-03-31T22:00:00+00:00", "2024-04-01T22:00:00+00:00"),
    ]


def test_the_partitions_are_named_at_runtime(timetable: Any) -> None:
    assert timetable.partitioned_at_runtime
    assert not timetable.partitioned, "a partition known beforehand would take the interval from the run"


def test_serialisation_keeps_the_schedule(timetable: Any) -> None:
    there = timetable("0 4 * * *", "Europe/Berlin")
    back = timetable.deserialize(there.serialize())
    assert type(back) is timetable
    assert back.serialize() == there.serialize()
