"""Intervals of a schedule; the ticks where a clock is changed are tested through the timetable of the DAGs."""

from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.schedule import Schedule

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2026, 1, 1))


def test_the_intervals_begin_on_the_days_asked_for() -> None:
    found = list(Schedule("0 4 * * *", BERLIN).intervals(dt.date(2016, 8, 1), dt.date(2016, 8, 3)))
    assert found == [
        (dt.datetime(2016, 8, 1, 2, tzinfo=dt.UTC), dt.datetime(2016, 8, 2, 2, tzinfo=dt.UTC)),
        (dt.datetime(2016, 8, 2, 2, tzinfo=dt.UTC), dt.datetime(2016, 8, 3, 2, tzinfo=dt.UTC)),
    ]


@pytest.mark.parametrize("expression", ["0 4 * * *", "0 */6 * * *", "0 0 * * 1", "30 2 * * *", "0 * * * *"])
@given(first=DAYS, days=st.integers(1, 20))
def test_intervals_join_and_lie_on_their_days(expression: str, first: dt.date, days: int) -> None:
    until = first + dt.timedelta(days=days)
    found = list(Schedule(expression, BERLIN).intervals(first, until))
    assert all(first <= start.astimezone(BERLIN).date() < until for start, _ in found)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(found))
    again = [*Schedule(expression, BERLIN).intervals(first, first + dt.timedelta(days=1)),
             *Schedule(expression, BERLIN).intervals(first + dt.timedelta(days=1), until)]  # fmt: skip
    assert again == found, "a span is the sum of its parts"
