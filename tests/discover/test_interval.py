from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext import dates
from klartext.dates import Moment
from klartext.discover.interval import Interval, page_period, period
from klartext.discover.listing import Entry

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


def read(text: str | None) -> Moment | None:
    return dates.parse(text, zone=BERLIN, now=NOW, reduced=True)


def entry(published: str | None = None, modified: str | None = None, url: str = "https://beispiel.de/1") -> Entry:
    return Entry(url, None, read(published), read(modified))


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
        ("2016-08", None, True),  # may be any day of it
        ("2016", None, True),
        ("2016-07", None, False),
        ("2016-08-12T00:00:00Z", None, True),  # a day, written as midnight UTC
        ("2016-08-11T10:00:00Z", "1970-01-01T00:00:00Z", False),
    ],
)
def test_what_belongs_to_a_day(published: str | None, modified: str | None, holds: bool) -> None:
    assert (AUGUST_12.belongs(entry(published, modified)) == "yes") is holds


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
    assert (AUGUST_12.belongs(entry(None, modified), dt.date.fromisoformat(day)) == "yes") is holds


def test_what_has_no_time_is_seen_now() -> None:
    start, end = "2026-03-01T00:00", "2026-03-02T00:00"
    assert interval(start, end).belongs(entry()) == "yes"
    later = dt.datetime(2026, 3, 2, 3, tzinfo=dt.UTC)
    assert interval(start, end, later).belongs(entry()) == "yes"  # the latest interval that is over
    assert interval(start, end).belongs(entry("2031-01-01")) == "yes"  # no one knows the future: as if not stated


@pytest.mark.parametrize(
    ("url", "belongs"),
    [
        ("https://b.de/1", "undated"),
        ("https://b.de/2016/08/12/deich", "undated"),
        ("https://b.de/2016-08/deich", "undated"),
        ("https://b.de/2016/deich", "undated"),
        ("https://b.de/2016/08/11/deich", "no"),
        ("https://b.de/2016-07/deich", "no"),
        ("https://b.de/2019/deich", "no"),
        ("https://b.de/wm-2014-rueckblick", "undated"),
        ("https://b.de/2014", "undated"),
        ("https://b.de/2016/08/12/sturm-2013-12-05", "undated"),
        ("https://b.de/2019/08/12-der-sommer-2016", "no"),
    ],
)
def test_what_has_no_time_may_be_of_any_past_that_its_address_does_not_exclude(url: str, belongs: str) -> None:
    assert AUGUST_12.belongs(entry(url=url)) == belongs
    assert AUGUST_12.belongs(entry("1970-01-01T00:00:00Z", url=url)) == belongs  # a default that was never set


@given(st.dates(dt.date(2016, 1, 1), dt.date(2025, 12, 31)), st.integers(0, 23), st.sampled_from([1, 4, 24]))
def test_a_day_belongs_to_exactly_one_of_the_intervals_that_follow_each_other(
    day: dt.date, hour: int, step: int
) -> None:
    first = dt.datetime.combine(day, dt.time(hour), dt.UTC) - dt.timedelta(days=2)
    edges = [first + dt.timedelta(hours=step * n) for n in range(96 // step + 1)]
    slots = [Interval(start, end, NOW, BERLIN) for start, end in pairwise(edges)]
    assert sum(slot.belongs(Entry("u", published=read(day.isoformat()))) == "yes" for slot in slots) == 1


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
        ("https://b.de/2016-08/v2000/sitemap.xml", ("2016-08-01", "2016-08-31")),
        ("https://b.de/s-2016-08-01-2016-08-31.xml", ("2016-08-01", "2016-08-31")),
        ("https://b.de/s.xml?from=20160801&to=20170115", ("2016-08-01", "2017-01-15")),
        ("https://b.de/sitemap.xml?date=2016-02-30", None),
        ("https://b.de/sitemap-20.xml", None),
        ("https://b.de/sitemap-120161.xml", None),
    ],
)
def test_dates_in_addresses(address: str, span: tuple[str, str] | None) -> None:
    found = period(address)
    assert (found and (found[0].isoformat(), found[1].isoformat())) == span


@pytest.mark.parametrize(
    ("address", "span"),
    [
        ("https://b.de/2024/05/14/wm-2022-rueckblick", ("2024-05-14", "2024-05-14")),
        ("https://b.de/2024/05/14/sturm-2013-12-05-xaver", ("2024-05-14", "2024-05-14")),
        ("https://b.de/2024/05/14-sturm", ("2024-05-14", "2024-05-14")),
        ("https://b.de/2024/05/sturm-2013-02-30", ("2024-05-01", "2024-05-31")),
        ("https://b.de/2024/sturm-2013", ("2024-01-01", "2024-12-31")),
        ("https://b.de/lokales/artikel-20240514-7", ("2024-05-14", "2024-05-14")),
        ("https://b.de/sturm-2013", None),
        ("https://b.de/artikel/1999", None),
        ("https://2024.b.de/sturm", None),
    ],
)
def test_dates_in_addresses_of_pages(address: str, span: tuple[str, str] | None) -> None:
    found = page_period(address)
    assert (found and (found[0].isoformat(), found[1].isoformat())) == span
