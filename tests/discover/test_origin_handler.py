"""What the crawl handler of discovery takes from the answers of origins."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from klartext.discover.interval import Interval
from klartext.discover.origin_handler import wanted_capture

UTC = dt.UTC
DAY = Interval(
    dt.datetime(2016, 8, 12, tzinfo=UTC),
    dt.datetime(2016, 8, 13, tzinfo=UTC),
    dt.datetime(2026, 1, 1, tzinfo=UTC),
    ZoneInfo("Europe/Berlin"),
)


@pytest.mark.parametrize(
    ("url", "stamps", "wanted"),
    [
        ("http://b.de/1", ["20160811235959"], None),
        ("http://b.de/1", ["20160812100000", "20160812230000"], "20160812230000"),  # the last one of the day
        (
            "http://b.de/1",
            ["20160812100000", "20160814000000", "20160815000000"],
            "20160814000000",
        ),  # the next after it
        ("http://b.de/1", ["20160813000000"], None),  # belongs to the next day
        ("http://b.de/2016/08/12/1", ["20160813000000"], "20160813000000"),  # the address says whose it is
        ("http://b.de/2016/08/11/1", ["20160812100000"], None),
        ("http://b.de/2016-08/1", ["20160812100000"], "20160812100000"),
        ("http://b.de/2019-08/1", ["20160812100000"], None),
    ],
)
def test_which_capture_an_interval_wants(url: str, stamps: list[str], wanted: str | None) -> None:
    assert wanted_capture(dict.fromkeys(stamps, url), DAY) == ((wanted, url) if wanted else None)
