"""The state of intervals and days."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from klartext.batch import Batch
from klartext.console.intervals import MEANING, SIGN, STATES, Day, days_of, intervals_of
from klartext.console.view import Run, Schedule
from support.sample_rows import SOURCE, account


def interval(day: int, hour: int = 2) -> tuple[dt.datetime, dt.datetime]:
    start = dt.datetime(2024, 5, day, hour, tzinfo=dt.UTC)
    return start, start + dt.timedelta(days=1)


def row(day: int, **changes: Any) -> dict[str, Any]:
    batch = Batch.of_interval(SOURCE, *interval(day))
    return {**dataclasses.asdict(account(batch, **changes)), "source": "dwn", "day": batch.date}


def states(rows: list[dict[str, Any]], schedule: Schedule = Schedule(), uncurated: set[str] | None = None) -> list[str]:  # noqa: B008
    return [each.state for each in intervals_of(SOURCE, rows, schedule, uncurated or set())]


def test_a_batch_has_the_state_of_its_verdict() -> None:
    rows = [row(14), row(15, verdict="warned", warnings=["past-leads"]), row(16, verdict="refused", reasons=["x: y"])]
    found = intervals_of(SOURCE, rows, Schedule())
    assert [each.state for each in found] == ["passed", "warned", "refused"]
    assert "past-leads" in found[1].text and "x: y" in found[2].text


def test_an_interval_that_should_have_run_and_has_no_batch_is_missing() -> None:
    expected = [interval(day) for day in (14, 15, 16)]
    assert states([row(15)], Schedule(expected)) == ["missing", "passed", "missing"]


def test_an_interval_that_is_being_run_is_not_missing() -> None:
    runs = [Run(interval(14), "running", "a"), Run(interval(15), "failed", "b")]
    assert states([], Schedule([interval(14), interval(15), interval(16)], runs)) == ["running", "failed", "missing"]


def test_a_run_that_failed_because_its_batch_was_refused_is_refused() -> None:
    runs = [Run(interval(14), "failed", "a"), Run(interval(15), "failed", "b")]
    refused = row(14, verdict="refused", reasons=["x: y"])
    assert states([refused, row(15)], Schedule([], runs)) == ["refused", "failed"]


def test_what_is_published_and_not_in_the_current_view_needs_a_person() -> None:
    rows = [row(14), row(15, verdict="refused", reasons=["x: y"])]
    assert states(rows, uncurated={each["batch"] for each in rows}) == ["uncurated", "refused"]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], "none"),
        (["passed", "passed"], "passed"),
        (["passed", "warned"], "warned"),
        (["refused", "warned"], "refused"),
    ],
)
def test_a_day_has_the_state_that_needs_a_person_most(verdicts: list[str], expected: str) -> None:
    rows = [row(14, verdict=verdict) | {"batch": f"dwn-{n}"} for n, verdict in enumerate(verdicts)]
    (day,) = days_of(intervals_of(SOURCE, rows, Schedule()), dt.date(2024, 5, 14), dt.date(2024, 5, 14))
    assert day.state == expected


def test_every_day_is_there_once_by_the_publishers_clock() -> None:
    late = Batch.of_interval(SOURCE, *interval(14, 23))  # one o'clock of the next day in Berlin
    rows = [{**dataclasses.asdict(account(late)), "source": "dwn", "day": late.date}]
    days = days_of(intervals_of(SOURCE, rows, Schedule()), dt.date(2024, 5, 13), dt.date(2024, 5, 16))
    assert [day.day.day for day in days] == [13, 14, 15, 16]
    assert [day.state for day in days] == ["none", "none", "passed", "none"]
    assert isinstance(days[0], Day)


def test_every_state_has_a_meaning_and_all_but_the_quiet_ones_a_sign() -> None:
    assert set(MEANING) == set(SIGN) == set(STATES)
    assert {state for state in STATES if not SIGN[state]} == {"none", "passed"}
