"""Which sitemaps of an index are asked for."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from klartext import dates
from klartext.discover.interval import Interval
from klartext.discover.listing import Nested
from klartext.discover.sitemaps import may_contain_interval

BERLIN = ZoneInfo("Europe/Berlin")


def wanted(*sitemaps: tuple[str, str | None]) -> list[str]:
    """Which of an index's sitemaps, with lastmod, are asked for 12 August 2016."""
    interval = Interval(
        dt.datetime(2016, 8, 12, tzinfo=BERLIN),
        dt.datetime(2016, 8, 13, tzinfo=BERLIN),
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        BERLIN,
    )
    nested = [Nested(url, dates.parse(day, zone=BERLIN, reduced=True)) for url, day in sitemaps]
    return [sitemap.url for sitemap in may_contain_interval(nested, interval)]


def test_sitemaps_that_did_not_change_since_are_left_out() -> None:
    assert wanted(("/a", "2016-08-11"), ("/b", "2016-08-12"), ("/c", "2020-01-01"), ("/d", None)) == ["/b", "/c", "/d"]


def test_sitemaps_of_another_time_are_left_out() -> None:
    months = [(f"/m-2016-{month:02}.xml", None) for month in range(1, 13)]
    assert wanted(*months) == ["/m-2016-08.xml"]
    assert wanted(("/2015.xml", None), ("/2016.xml", None), ("/2017.xml", None)) == ["/2016.xml"]
    days = [(f"/d-201608{day:02}.xml", None) for day in range(1, 32)]
    assert wanted(*days) == ["/d-20160811.xml", "/d-20160812.xml", "/d-20160813.xml"]


def test_sitemaps_that_are_counted_are_not_taken_for_dated() -> None:
    counted = [(f"/s-{number}.xml", None) for number in (1, 2, 1999, 2000, 2001)]
    assert wanted(*counted) == [url for url, _ in counted]


def test_numbers_behind_a_year_are_no_months_if_some_cannot_be() -> None:
    counted = [(f"/s-2016-{number}.xml", None) for number in range(1, 15)]
    others = [(f"/s-2015-{number}.xml", None) for number in range(1, 15)]
    assert wanted(*others, *counted) == [url for url, _ in counted]
    padded = [(f"/s-2016-{number:02}.xml", None) for number in range(1, 15)]
    assert wanted(*padded) == [url for url, _ in padded]
    assert wanted(("/s-201608.xml", None), ("/s-20160820.xml", None), ("/s-20160920.xml", None)) == [
        "/s-201608.xml", "/s-20160820.xml"
    ]  # fmt: skip


def test_an_address_may_name_the_first_and_the_last_day() -> None:
    names = ["/s-2016-08-01-2016-08-31.xml", "/s-2016-09-01-2016-09-30.xml", "/s-2015-09-01-2016-09-30.xml"]
    assert wanted(*((name, None) for name in names[:2])) == names[:1]
    assert names[2] in wanted(*((name, None) for name in names))


def test_a_lastmod_before_the_time_that_the_address_names_does_not_count() -> None:
    assert wanted(("/s-2016-08.xml", "2015-01-01"), ("/s-2016-07.xml", "2015-01-01")) == ["/s-2016-08.xml"]
    days = [("/s-2016-08-11.xml", "2016-08-11"), ("/s-2016-08-12.xml", "2016-08-12")]
    assert wanted(*days) == ["/s-2016-08-12.xml"]  # that of the 11th was complete before the 12th began


def test_a_lastmod_that_leaves_out_every_sitemap_does_not_count() -> None:
    assert wanted(("/a.xml", "2015-01-01"), ("/b.xml", "2015-01-01")) == ["/a.xml", "/b.xml"]
    assert wanted(("/a.xml", "2015-01-01"), ("/b.xml", "2014-01-01")) == ["/a.xml"]


def test_a_lastmod_of_a_month_may_be_any_day_of_it() -> None:
    assert wanted(("/a.xml", "2016-08"), ("/b.xml", "2016-07"), ("/c.xml", "2017")) == ["/a.xml", "/c.xml"]
