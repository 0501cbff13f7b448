from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext import wayback, wayback_index
from klartext.crawler import CrawlRequest, ServedResponse

UTC = dt.UTC


def served(text: str) -> ServedResponse:
    return ServedResponse("https://archiv.example/cdx/search/cdx?url=b.de", "text/plain", text.encode())


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


def test_addresses_of_captures(monkeypatch: pytest.MonkeyPatch) -> None:
    address = wayback.capture_url("https://archiv.example", "20160812100000", "http://b.de/1?a=https://c.de/web/")
    assert address == "https://archiv.example/web/20160812100000id_/http://b.de/1?a=https://c.de/web/"
    assert wayback.page_url(address) == "http://b.de/1?a=https://c.de/web/"
    assert wayback.capture_time(address) == dt.datetime(2016, 8, 12, 10, tzinfo=UTC)
    assert wayback.page_url("https://b.de/web/2016/artikel") is None
    assert wayback.capture_time(address.replace("20160812", "20161399")) is None
    monkeypatch.delenv("KLARTEXT_WAYBACK", raising=False)
    assert not wayback.is_capture_url(address)
    monkeypatch.setenv("KLARTEXT_WAYBACK", "https://archiv.example/")
    assert wayback.is_capture_url(address)
    assert not wayback.is_capture_url("https://archiv.example/web/20160812100000/http://b.de/1")  # not as it was served


def test_of_the_captures_of_one_page_the_nearest_after_the_end_is_taken() -> None:
    handler = wayback_index.PageCaptures(end="2016-08-13T00:00:00+00:00")
    request = CrawlRequest(
        url="https://archiv.example/cdx/search/cdx?url=b.de/1", via="source:b", context={"page": "https://b.de/1"}
    )
    lines = ["20160812100000 http://b.de/1", "20160814000000 http://www.b.de/1", "20160813000000 http://b.de/2"]
    taken = handler.handle(request, served("\n".join(lines)))
    assert taken.rows == [{"capture": "https://archiv.example/web/20160814000000id_/http://www.b.de/1"}]
    assert handler.handle(request, served("20160813000000 http://b.de/2")).rows == []
    assert handler.handle(request, served("<html>Wartung</html>")).problem == "not-an-index"
