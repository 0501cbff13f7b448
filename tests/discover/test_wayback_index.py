from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext import wayback
from klartext.crawler import Served
from klartext.discover import wayback_index
from klartext.discover.interval import Interval

UTC = dt.UTC
DAY = Interval(
    dt.datetime(2016, 8, 12, tzinfo=UTC),
    dt.datetime(2016, 8, 13, tzinfo=UTC),
    dt.datetime(2026, 1, 1, tzinfo=UTC),
    ZoneInfo("Europe/Berlin"),
)


def served(text: str) -> Served:
    return Served("https://archiv.example/cdx/search/cdx?url=b.de", "text/plain", text.encode())


def test_captures_by_page_and_the_key_to_the_next_answer() -> None:
    found, key = wayback_index.read(served(
        "20160812100000 http://b.de:80/1\n20160813100000 https://www.b.de/1?utm_source=x\n"
        "20160812110000 ftp://b.de/2\n\nde,b)/1 20160813100000\n"
    ))  # fmt: skip
    assert list(found.values()) == [
        {"20160812100000": "http://b.de:80/1", "20160813100000": "https://www.b.de/1?utm_source=x"}
    ]
    assert key == "de,b)/1 20160813100000"


def test_nothing_is_no_problem_and_another_page_is() -> None:
    assert wayback_index.read(served("")) == ({}, None)
    assert wayback_index.read(served("\n")) == ({}, None)
    with pytest.raises(wayback_index.NotAnIndex):
        wayback_index.read(served("<html>Wartung</html>"))


@given(st.text())
def test_no_answer_is_an_error_of_another_kind(text: str) -> None:
    try:
        wayback_index.read(served(text))
    except wayback_index.NotAnIndex as error:
        assert str(error)


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
    assert wayback_index.wanted(dict.fromkeys(stamps, url), DAY) == ((wanted, url) if wanted else None)


def test_addresses_of_captures(monkeypatch: pytest.MonkeyPatch) -> None:
    address = wayback.replay("https://archiv.example", "20160812100000", "http://b.de/1?a=https://c.de/web/")
    assert address == "https://archiv.example/web/20160812100000id_/http://b.de/1?a=https://c.de/web/"
    assert wayback.original(address) == "http://b.de/1?a=https://c.de/web/"
    assert wayback.moment(address) == dt.datetime(2016, 8, 12, 10, tzinfo=UTC)
    assert wayback.original("https://b.de/web/2016/artikel") is None
    assert wayback.moment(address.replace("20160812", "20161399")) is None
    monkeypatch.delenv("KLARTEXT_WAYBACK", raising=False)
    assert not wayback.is_ours(address)
    monkeypatch.setenv("KLARTEXT_WAYBACK", "https://archiv.example/")
    assert wayback.is_ours(address)
    assert not wayback.is_ours("https://archiv.example/web/20160812100000/http://b.de/1")  # not as it was served
