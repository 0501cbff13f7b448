"""A batch held against its own past: what warns, what stops, and what must not matter."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klartext.batch import Batch
from klartext.lake import Lake
from klartext.model import Account, table
from klartext.validate import history
from support.sample_rows import SOURCE, account

DAY = dt.datetime(2024, 5, 7, tzinfo=SOURCE.zone)
TODAY = Batch.of_interval(SOURCE, DAY, DAY + dt.timedelta(days=1))
SHARES = ("rejected_share", "without_time_share", "without_lead_share", "without_author_share")


def week(**changes: Any) -> dict[str, Any]:
    """The account of a batch of forty articles."""
    changes = {"discovered": 40, "published": 40, "pages": 40, "articles": 40, "captures": 40} | changes
    return dataclasses.asdict(account(TODAY, **changes))


def failed(today: dict[str, Any], before: list[dict[str, Any]], **more: Any) -> dict[str, str]:
    """The codes of the checks that an account fails, each with the worse severity; by hand, as the bounds say."""
    shown = history.comparable_metrics(today)
    found: dict[str, str] = {}
    for check in history.checks_against_past(today, before, **more):
        value = shown[check.arguments["column"]]
        low, high = check.arguments.get("min_value"), check.arguments.get("max_value")
        if value is not None and ((low is not None and value < low) or (high is not None and value > high)):
            found[check.code] = "critical" if "critical" in (check.severity, found.get(check.code)) else "warning"
    return found


EIGHT = [week() for _ in range(8)]
share = st.floats(0, 1)
weeks = st.lists(
    st.builds(
        lambda published, unchanged, length, noise, *shares: week(
            published=published, unchanged=unchanged, pages=published, discovered=published + unchanged,
            median_length=length, noise_removed=noise, **dict(zip(SHARES, shares, strict=True)),
        ),
        st.integers(0, 500), st.integers(0, 100), st.floats(200, 20_000), st.floats(0, 9_000), *[share] * 4,
    ),
    min_size=4, max_size=8,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(weeks.map(lambda found: found[0]))
def test_a_week_like_all_before_it_is_never_told(one: dict[str, Any]) -> None:
    assert failed(one, [one] * 8) == {}


@settings(max_examples=100, deadline=None)
@given(weeks, st.randoms(use_true_random=False))
def test_the_order_of_the_past_does_not_matter(found: list[dict[str, Any]], chance: random.Random) -> None:
    mixed = found[1:]
    chance.shuffle(mixed)
    assert history.checks_against_past(found[0], found[1:]) == history.checks_against_past(found[0], mixed)


@settings(max_examples=100, deadline=None)
@given(weeks)
def test_what_stops_is_farther_off_than_what_warns(found: list[dict[str, Any]]) -> None:
    checks = history.checks_against_past(found[0], found)
    assert {c.severity for c in history.checks_against_past(EIGHT[0], EIGHT)} == {"warning", "critical"}
    warned = {c.arguments["column"]: c.arguments for c in checks if c.severity == "warning"}
    for stop in (c for c in checks if c.severity == "critical" and c.arguments["column"] != "volume"):
        warn = warned[stop.arguments["column"]]
        assert stop.arguments.get("max_value", 1e9) >= warn.get("max_value", 1e9)
        assert stop.arguments.get("min_value", 0) <= warn.get("min_value", 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(500, 8_000), min_size=4, max_size=8), st.floats(0.25, 4))
def test_bounds_of_lengths_grow_with_the_lengths(lengths: list[float], times: float) -> None:
    figure = next(f for f in history.METRICS if f.column == "median_length")
    plain, scaled = (history.metric_bounds(figure, [n * by for n in lengths], history.WARN) for by in (1.0, times))
    assert scaled == pytest.approx([bound * times for bound in plain if bound is not None], rel=0.002)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"published": 30, "pages": 30, "median_length": 3000.0, "noise_removed": 300.0}, {}),
        ({"published": 10, "pages": 10}, {"past-articles": "warning"}),
        ({"published": 150, "pages": 150}, {"past-articles": "warning"}),
        ({"published": 0, "pages": 0, "rules": [], "median_length": None}, {"past-articles": "critical"}),
        ({"published": 0, "pages": 0, "rules": [], "median_length": None, "unchanged": 40}, {}),
        ({"median_length": 1200.0}, {"past-length": "warning"}),
        ({"median_length": 300.0}, {"past-length": "critical"}),
        ({"median_length": 30_000.0}, {"past-length": "critical"}),
        ({"noise_removed": 0.0}, {"past-noise": "warning"}),
        ({"noise_removed": 5000.0}, {"past-noise": "warning"}),
        ({"rejected_share": 0.1}, {}),
        ({"rejected_share": 0.4}, {"past-rejects": "warning"}),
        ({"without_time_share": 0.51}, {"past-times": "critical"}),
        ({"without_lead_share": 1.0}, {"past-leads": "critical"}),
        ({"without_author_share": 1.0}, {"past-authors": "warning"}),
        ({"published": 4, "pages": 4, "without_lead_share": 1.0}, {"past-articles": "warning"}),
    ],
    ids=str,
)
def test_what_is_odd_warns_and_what_cannot_be_right_stops(changes: dict[str, Any], expected: dict[str, str]) -> None:
    assert failed(week(**changes), EIGHT) == expected


def test_a_restless_past_has_wide_bounds() -> None:
    lengths, numbers = (900.0, 4000.0, 1500.0, 7000.0, 800.0, 3000.0), (12, 80, 30, 140, 20, 60)
    restless = [week(median_length=length, published=n) for length, n in zip(lengths, numbers, strict=True)]
    assert failed(week(median_length=1200.0, published=10), restless) == {}


def test_one_odd_week_moves_nothing() -> None:
    odd = [*EIGHT[:7], week(median_length=50_000.0, published=1_000, without_lead_share=1.0)]
    assert history.checks_against_past(week(), odd) == history.checks_against_past(week(), EIGHT)


def test_a_short_past_says_nothing() -> None:
    assert history.checks_against_past(week(), EIGHT[:3]) == []


def test_a_new_layout_begins_a_new_past_but_for_the_number_of_articles() -> None:
    rebuilt = week(rules=["dwn 2024-05-07"], without_lead_share=1.0, median_length=300.0)
    assert {check.code for check in history.checks_against_past(rebuilt, EIGHT)} == {"past-articles"}


def test_a_source_that_may_rest_is_not_stopped_for_resting() -> None:
    silent = week(published=0, pages=0, rules=[])
    assert failed(silent, EIGHT, expected=False) == {"past-articles": "warning"}
    few = [week(published=6, pages=6) for _ in range(8)]
    assert failed(silent, few) == {}, "six articles a day may once be none"


# The past in a lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path / "lake"))


def before(batch: Batch, weeks: int) -> Batch:
    found = batch.before(SOURCE, weeks)
    assert found is not None
    return found


def keep(lake: Lake, of: Batch, **changes: Any) -> None:
    lake.publish(of, "batches", table(Account, [account(of, **changes)]))


def test_the_past_is_the_same_interval_of_eight_weeks_before_as_it_was_published(lake: Lake) -> None:
    summer, hour = DAY - dt.timedelta(weeks=5), dt.timedelta(hours=1)
    assert summer.utcoffset() != (DAY - dt.timedelta(weeks=6)).utcoffset(), "the clocks changed in between"
    for weeks in range(-1, 11):
        keep(lake, before(TODAY, weeks), verdict="refused" if weeks == 3 else "warned")
    keep(lake, Batch.of_interval(SOURCE, DAY - dt.timedelta(days=1), DAY))  # another weekday
    keep(lake, Batch.of_interval(SOURCE, DAY - dt.timedelta(weeks=1), DAY - dt.timedelta(weeks=1) + hour))
    found = history.past_accounts(lake, TODAY, SOURCE)
    assert [row["start"].astimezone(SOURCE.zone).replace(tzinfo=None) for row in found] == [
        (DAY - dt.timedelta(weeks=weeks)).replace(tzinfo=None) for weeks in (1, 2, 4, 5, 6, 7, 8)
    ]


def test_an_imported_file_has_no_past(lake: Lake) -> None:
    imported = Batch.of_import(SOURCE, "x", DAY, DAY + dt.timedelta(days=1))
    for weeks in range(1, 9):
        keep(lake, before(TODAY, weeks))
    assert history.past_accounts(lake, imported, SOURCE) == []
