"""The intervals that ingest DAGs run on."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import zoneinfo
from pathlib import Path
from typing import Any

import pendulum
import pytest
from croniter import croniter
from hypothesis import given, settings
from hypothesis import strategies as st

from klartext.batch import Batch
from klartext.sources import Source


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
    for there in (
        timetable("0 4 * * *", "Europe/Berlin"),
        timetable("0 4 * * *", "Europe/Berlin", dt.date(2024, 5, 17)),
    ):
        back = timetable.deserialize(json.loads(json.dumps(there.serialize())))
        assert type(back) is timetable
        assert back.serialize() == there.serialize()
    assert back.serialize()["until"] == "2024-05-17"


def test_no_interval_begins_on_the_day_it_ends_with_and_the_last_one_can_be_run_by_hand(timetable: Any) -> None:
    there = timetable("0 4 * * *", "Europe/Berlin", dt.date(2024, 5, 17))
    first, last = (pendulum.datetime(2024, 5, day, tz="Europe/Berlin") for day in (15, 30))
    assert [start for start, _ in infos(there, first, last)] == [
        "2024-05-15T02:00:00+00:00",
        "2024-05-16T02:00:00+00:00",
    ]
    assert infos(there, last, last.add(days=9)) == []
    assert infos(there, first, first.add(hours=5)) == [("2024-05-15T02:00:00+00:00", "2024-05-16T02:00:00+00:00")]
    by_hand = there.infer_manual_data_interval(run_after=pendulum.datetime(2024, 5, 17, 5, tz="Europe/Berlin"))
    assert by_hand.start.isoformat() == "2024-05-16T02:00:00+00:00"


def clock_changes() -> list[tuple[str, dt.datetime]]:
    """The changes of the clocks of all zones in ten years: zone and time, which is exact to the hour."""
    found = []
    days = [dt.datetime(2011, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=15 * n) for n in range(244)]
    for name in sorted(zoneinfo.available_timezones() - {"localtime"}):
        zone = zoneinfo.ZoneInfo(name)
        offsets = [day.astimezone(zone).utcoffset() for day in days]
        for day, before, after in zip(days, offsets, offsets[1:], strict=False):
            if before != after:
                hours = (day + dt.timedelta(hours=n) for n in range(15 * 24 + 1))
                found.append((name, next(hour for hour in hours if hour.astimezone(zone).utcoffset() == after)))
    return found


CHANGES = clock_changes()
SCHEDULES = [
    "0 * * * *", "*/30 * * * *", "*/15 * * * *", "7 * * * *", "30 0-23/2 * * *", "*/30 1-3 * * *", "15,45 2 * * *",
    "0 0 * * *", "30 2 * * *", "0 3 * * *", "0 4 * * *", "30 23 * * *", "0 2,14 * * *", "15 1 * * 0", "0 2 1 * *",
    "30 0 31 * *",
]  # fmt: skip


def moved(clock: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """A local time, or for one that does not exist the time as much later as the clock was put forward."""
    return clock.replace(tzinfo=zone).astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None)


def ticks_around(there: Any, change: dt.datetime) -> list[dt.datetime]:
    """The ticks from a day before a change of the clocks to a day after it, and one more on each side."""
    current = there._get_prev(pendulum.instance(change - dt.timedelta(hours=30)))
    found = [current]
    while current < change + dt.timedelta(hours=30):
        current = there._get_next(current)
        found.append(current)
    return found


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(CHANGES), st.sampled_from(SCHEDULES))
def test_intervals_join_where_clocks_are_changed(change: tuple[str, dt.datetime], expression: str) -> None:
    from klartext_airflow.interval_timetable import IntervalTimetable

    name, moment = change
    there = IntervalTimetable(expression, name)
    ticks = ticks_around(there, moment)
    assert all(one < other for one, other in itertools.pairwise(ticks)), "an interval has no length"
    for one, other in itertools.pairwise(ticks):
        assert there._get_prev(other) == one, "the interval before a tick is the one that ends there"
        assert there._align_to_next(one) == there._align_to_prev(one) == one
        within = one + (other - one) / 2
        assert (there._get_prev(within), there._get_next(within)) == (one, other)
        manual = there.infer_manual_data_interval(run_after=within)
        assert manual.start < manual.end == one
    zone = zoneinfo.ZoneInfo(name)
    clocks = {tick.astimezone(zone).replace(tzinfo=None) for tick in ticks}
    cron = croniter(expression, min(clocks) - dt.timedelta(minutes=1))
    while (clock := cron.get_next(dt.datetime)) < max(clocks):
        assert moved(clock, zone) in clocks, "a time of day of the schedule is no tick, neither as it is nor moved"


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(CHANGES),
    st.sampled_from(["0 * * * *", "*/30 * * * *", "0 0 * * *", "0 4 * * *", "15 1 * * *", "30 2 * * *"]),
)
def test_the_batch_of_the_week_before_is_an_interval_of_the_schedule(
    change: tuple[str, dt.datetime], expression: str
) -> None:
    from klartext_airflow.interval_timetable import IntervalTimetable

    name, moment = change
    there = IntervalTimetable(expression, name)
    source = Source(slug="beispiel", name="Beispiel", hosts=["beispiel.de"], time_zone=name)
    for days in (0, 7):  # the clocks are changed in the batch's week, and in the week before
        for start, end in itertools.pairwise(ticks_around(there, moment + dt.timedelta(days=days))):
            batch = Batch.of_interval(source, start, end)
            before = batch.before(source, 1)
            clocks = [at.astimezone(source.zone).replace(tzinfo=None) for at in (batch.start, batch.end)]
            if before is None:
                clock = clocks[0] - dt.timedelta(weeks=1)
                assert moved(clock, source.zone) != clock, "the interval exists in that week"
                continue
            assert before.start < before.end
            if all(croniter.match(expression, clock) for clock in clocks):  # no tick was moved out of a gap
                assert there._align_to_prev(pendulum.instance(before.start)) == before.start
                assert there._get_next(pendulum.instance(before.start)) == before.end
