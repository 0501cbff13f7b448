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
    found = wayback_index.read(served(
        "20160812100000 http://b.de:80/1\n20160813100000 https://www.b.de/1?utm_source=x\n"
        "20160812110000 ftp://b.de/2\n\nde,b)/1 20160813100000\n"
    ))  # fmt: skip
    assert list(found.captures.values()) == [
        {"20160812100000": "http://b.de:80/1", "20160813100000": "https://www.b.de/1?utm_source=x"}
    ]
    assert (found.next_key, found.skipped) == ("de,b)/1 20160813100000", {"entry-bad-address": 1})


def test_nothing_is_no_problem_and_another_page_is() -> None:
    assert wayback_index.read(served("")) == wayback_index.IndexAnswer({}, None, {})
    assert wayback_index.read(served("\n \r\n")) == wayback_index.IndexAnswer({}, None, {})
    for page in ("<html>Wartung</html>", "<html>\n\n<p>20 Minuten</p>\n", '[["timestamp","original"]]'):
        with pytest.raises(wayback_index.NotAnIndex):
            wayback_index.read(served(page))


@pytest.mark.parametrize(
    "broken",
    ["timestamp original", "20160812 http://b.de/1", "20160812100000", "de,b)/1 20160812100000 http://b.de/1",
     "20161399100000 http://b.de/1", "\ufffd", "\u0662\u0660160812100000 http://b.de/1"],
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_broken_line_is_counted_and_the_others_are_read(broken: str, place: int) -> None:
    lines = ["20160812100000 http://b.de/1", "20160813100000 http://b.de/2"]
    lines.insert(place, broken)
    found = wayback_index.read(served("\r\n".join([*lines, "", "schluessel", ""])))
    assert (found.captures.keys(), found.next_key) == ({"b.de/1", "b.de/2"}, "schluessel")
    assert found.skipped == {"index-line-broken": 1}


def test_empty_lines_between_captures_and_a_byte_order_mark() -> None:
    found = wayback_index.read(served("\ufeff\n20160812100000 http://b.de/1\n\n20160813100000\thttp://b.de/2\n"))
    assert found == wayback_index.IndexAnswer(
        {"b.de/1": {"20160812100000": "http://b.de/1"}, "b.de/2": {"20160813100000": "http://b.de/2"}}, None, {}
    )


@given(
    st.one_of(
        st.text(),
        st.lists(
            st.sampled_from(
                ["20160812100000", "20161399100000", " ", "\t", "\n", "\r\n", "http://b.de/1", "ftp://x", "key"]
            )
        ).map("".join),
    )
)
def test_every_line_is_read_counted_or_the_key(text: str) -> None:
    try:
        found = wayback_index.read(served(text))
    except wayback_index.NotAnIndex as error:
        assert str(error)
        return
    assert all(key and len(when) == 14 for key, of_page in found.captures.items() for when in of_page)
    lines = [line for line in text.split("\n") if line.strip("\ufeff").strip()]
    counted = sum(len(of_page) for of_page in found.captures.values()) + sum(found.skipped.values())
    assert bool(lines) == bool(counted or found.next_key)


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
    assert handler.handle(request, served("20160813000000 http://b.de/2\nx")).skipped == {"index-line-broken": 1}
    assert handler.handle(request, served("<html>Wartung</html>")).problem == "not-an-index"
