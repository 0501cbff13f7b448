from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.discover.interval import Entry, Interval, parse, period

BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def interval(start: str, end: str, now: dt.datetime = NOW) -> Interval:
    return Interval(
        dt.datetime.fromisoformat(start).replace(tzinfo=BERLIN).astimezone(dt.UTC),
        dt.datetime.fromisoformat(end).replace(tzinfo=BERLIN).astimezone(dt.UTC),
        now,
        BERLIN,
    )


AUGUST_12 = interval("2016-08-12T04:00", "2016-08-13T04:00")


def entry(published: str | None = None, modified: str | None = None) -> Entry:
    return Entry("https://beispiel.de/1", None, parse(published, BERLIN), parse(modified, BERLIN))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2016-08-12", dt.date(2016, 8, 12)),
        ("2016-08-12T10:00:00+02:00", dt.datetime(2016, 8, 12, 8, tzinfo=dt.UTC)),
        ("2016-08-12T10:00Z", dt.datetime(2016, 8, 12, 10, tzinfo=dt.UTC)),
        (" 2016-12-12T10:00:00.5 ", dt.datetime(2016, 12, 12, 9, 0, 0, 500_000, dt.UTC)),
        ("2016-08", None),
        ("2016-13-01", None),
        ("gestern", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("", None),
        (None, None),
    ],
)
def test_times_of_sitemaps(text: str | None, moment: dt.datetime | dt.date | None) -> None:
    assert parse(text, BERLIN) == moment


@given(st.text())
def test_no_time_is_an_error(text: str) -> None:
    parse(text, BERLIN)


@pytest.mark.parametrize(
    ("published", "modified", "holds"),
    [
        ("2016-08-12T04:00:00+02:00", None, True),
        ("2016-08-13T03:59:59+02:00", None, True),
        ("2016-08-13T04:00:00+02:00", None, False),
        ("2016-08-12T03:59:59+02:00", None, False),
        ("2016-08-01T10:00:00+02:00", "2016-08-12T10:00:00+02:00", True),  # changed in it
        ("2016-08-12T10:00:00+02:00", "2019-01-01T10:00:00+02:00", True),  # published in it, changed years after
        ("2016-08-11", None, False),
        ("2016-08-12", None, True),  # its last instant is in it
        ("2016-08-13", None, False),
        (None, None, False),  # counts as seen now
        ("1970-01-01T00:00:00Z", None, False),
        ("2016-08-11T10:00:00Z", "1970-01-01T00:00:00Z", False),
    ],
)
def test_what_belongs_to_a_day(published: str | None, modified: str | None, holds: bool) -> None:
    assert AUGUST_12.holds(entry(published, modified)) is holds


@pytest.mark.parametrize(
    ("modified", "day", "holds"),
    [
        (None, "2016-08-12", True),  # the address said it
        (None, "2016-08-13", False),
        ("2016-08-12T03:00:00+02:00", "2016-08-12", False),  # of that day, but before the interval
        ("2019-01-01", "2016-08-12", True),  # changed later, listed for that day
        ("2016-08-12T05:00:00+02:00", "2016-08-13", True),
    ],
)
def test_the_day_that_was_asked_for_counts(modified: str | None, day: str, holds: bool) -> None:
    assert AUGUST_12.holds(entry(None, modified), dt.date.fromisoformat(day)) is holds


def test_what_has_no_time_is_seen_now() -> None:
    start, end = "2026-03-01T00:00", "2026-03-02T00:00"
    assert interval(start, end).holds(entry())
    later = dt.datetime(2026, 3, 2, 3, tzinfo=dt.UTC)
    assert interval(start, end, later).holds(entry())  # the latest interval that is over
    assert not interval(start, end, later + dt.timedelta(days=1)).holds(entry())
    assert not interval("2026-03-02T00:00", "2026-03-03T00:00").holds(entry())
    assert interval(start, end).holds(entry("2031-01-01"))  # nobody knows the future: as if it were not said


@given(st.dates(dt.date(2016, 1, 1), dt.date(2025, 12, 31)), st.integers(0, 23), st.sampled_from([1, 4, 24]))
def test_a_day_belongs_to_exactly_one_of_the_intervals_that_follow_each_other(
    day: dt.date, hour: int, step: int
) -> None:
    first = dt.datetime.combine(day, dt.time(hour), dt.UTC) - dt.timedelta(days=2)
    edges = [first + dt.timedelta(hours=step * n) for n in range(96 // step + 1)]
    slots = [Interval(start, end, NOW, BERLIN) for start, end in pairwise(edges)]
    assert sum(slot.holds(Entry("u", published=day)) for slot in slots) == 1


def test_days_are_those_at_the_publishers_place() -> None:
    assert AUGUST_12.days() == [dt.date(2016, 8, 12), dt.date(2016, 8, 13)]
    assert interval("2016-08-12T00:00", "2016-08-13T00:00").days() == [dt.date(2016, 8, 12)]
    utc = Interval(dt.datetime(2016, 8, 12, 23, tzinfo=dt.UTC), dt.datetime(2016, 8, 13, 1, tzinfo=dt.UTC), NOW, BERLIN)
    assert utc.days() == [dt.date(2016, 8, 13)]


@pytest.mark.parametrize(
    ("address", "span"),
    [
        ("https://b.de/sitemap-2016-08-12.xml", ("2016-08-12", "2016-08-12")),
        ("https://b.de/2016/08/12/sitemap.xml", ("2016-08-12", "2016-08-12")),
        ("https://b.de/sitemap_201612.xml.gz", ("2016-12-01", "2016-12-31")),
        ("https://b.de/2016/sitemap-2015-02.xml", ("2015-02-01", "2015-02-28")),
        ("https://b.de/index_2016.xml", ("2016-01-01", "2016-12-31")),
        ("https://b.de/sitemap.xml?date=2016-02-30", None),
        ("https://b.de/sitemap-20.xml", None),
        ("https://b.de/sitemap-120161.xml", None),
    ],
)
def test_dates_in_addresses(address: str, span: tuple[str, str] | None) -> None:
    found = period(address)
    assert (found and (found[0].isoformat(), found[1].isoformat())) == span
