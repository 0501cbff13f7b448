from __future__ import annotations

import datetime as dt
import gzip
import io
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from klartext.warc import reader
from klartext.warc.copying import write_record
from klartext.warc.http_response import served_type
from klartext.warc.reader import Page, UnusableRecord
from support.http_bodies import BODIES, TEXT, status

URL = "https://beispiel.de/deich"
DATE = "2016-08-12T10:00:00Z"


def response(body: bytes, *headers: tuple[str, str], url: str = URL, status: str = "200 OK", **rest: Any) -> bytes:
    """A response record by itself."""
    out = io.BytesIO()
    writer = WARCWriter(out)
    writer.write_record(
        writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=StatusAndHeaders(status, [("Content-Type", "text/html"), *headers], protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": DATE, **rest},
        )
    )
    return out.getvalue()


def metadata(of: str, fields: str) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out)
    body = fields.encode()
    writer.write_record(
        writer.create_warc_record(
            URL, "metadata", payload=io.BytesIO(body), length=len(body), warc_headers_dict={"WARC-Concurrent-To": of}
        )
    )
    return out.getvalue()


def read(data: bytes) -> list[Page | UnusableRecord]:
    return list(reader.read(io.BytesIO(data), "x"))


def one(data: bytes) -> Page:
    [page] = read(data)
    assert isinstance(page, Page)
    return page


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<p>Moin</p>", []),
        (gzip.compress(b"<p>Moin</p>", mtime=0), [("Content-Encoding", "gzip")]),
        (b"b\r\n<p>Moin</p>\r\n0\r\n\r\n", [("Transfer-Encoding", "chunked")]),
        (b"<p>Moin</p>", [("Transfer-Encoding", "chunked")]),  # said, but undone by the crawler
    ],
)
def test_encodings_are_undone(body: bytes, headers: list[tuple[str, str]]) -> None:
    page = one(response(body, *headers))
    assert page.body == b"<p>Moin</p>"
    assert (page.url, page.status, page.content_type) == (URL, 200, "text/html")
    assert page.fetched_at == dt.datetime(2016, 8, 12, 10, tzinfo=dt.UTC)
    assert (page.via, page.seed) == (None, None)


def test_an_address_in_angle_brackets_is_an_address() -> None:
    assert one(response(b"x", **{"WARC-Target-URI": "<https://beispiel.de/x>"}, url="")).url == "https://beispiel.de/x"


def test_what_is_told_of_a_page_goes_with_it() -> None:
    metadata_record = metadata(
        "<urn:uuid:1>", "via: https://beispiel.de/feed\r\nseed: https://beispiel.de/alt\r\nhopsFromSeed: R\r\n"
    )
    other = metadata("<urn:uuid:2>", "via: https://beispiel.de/anderswo\r\n")
    page = one(metadata_record + other + response(b"x", **{"WARC-Record-ID": "<urn:uuid:1>"}))
    assert (page.via, page.seed) == ("https://beispiel.de/feed", "https://beispiel.de/alt")


def test_a_state_of_the_past_has_its_own_time() -> None:
    page = one(response(b"x", ("Memento-Datetime", "Fri, 01 Jan 2010 08:00:00 GMT")))
    assert page.fetched_at == dt.datetime(2010, 1, 1, 8, tzinfo=dt.UTC)
    assert one(response(b"x", ("Memento-Datetime", "neulich"))).fetched_at.year == 2016


def test_offsets_lead_back_to_the_record() -> None:
    data = response(b"eins") + metadata("<urn:uuid:1>", "via: x\r\n") + response(b"zwei")
    pages = list(read(data))
    assert len(pages) == 2
    for page in pages:
        assert isinstance(page, Page)
        assert next(reader.read(io.BytesIO(data[page.capture.offset :]), "x")) == Page(
            **{**{f: getattr(page, f) for f in Page.__slots__},
               "capture": type(page.capture)(file="x", offset=0, digest=page.capture.digest)}
        )  # fmt: skip
        assert page.capture.digest == reader.payload_digest(page.body)


def reasons(data: bytes) -> list[str | int]:
    return [item.reason if isinstance(item, UnusableRecord) else item.status for item in read(data)]


def test_damage_is_told_and_the_rest_is_read() -> None:
    assert reasons(
        response(b"x")
        + response(b"x", url="dns:beispiel.de")
        + response(b"kein gzip", ("Content-Encoding", "gzip"))
        + response(b"x", status="404 Weg")
    ) == [200, 200, 404]  # the payload that is no gzip is what it is, whatever its header says


def test_a_file_that_breaks_off() -> None:
    whole = response(b"x") + response(b"<p>Deich</p>" * 500)
    assert reasons(whole[:-60])[0] == 200
    assert len(reasons(whole[:-60])) == 2
    assert isinstance(read(whole[:-60])[1], UnusableRecord)


def test_a_page_beyond_the_limit_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PAYLOAD_LIMIT", 1000)
    assert reasons(response(gzip.compress(bytes(1001)), ("Content-Encoding", "gzip")) + response(bytes(1000))) == [
        "too-large",
        200,
    ]


def test_what_is_no_warc_file_is_one_damage() -> None:
    assert reasons(b"<html>") == ["warc-damaged"]
    assert reasons(b"") == []


WHOLE = response(b"eins") + response(b"zwei")


@given(st.data())
def test_no_broken_file_is_an_error(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(WHOLE) - 1))
    rubbish = data.draw(st.binary(max_size=20))
    found = read(WHOLE[:at] + rubbish + WHOLE[at + len(rubbish) :])
    assert all(isinstance(item, Page | UnusableRecord) for item in found)
    assert found, "two records cannot vanish without a row"


@pytest.mark.parametrize("name", [name for name in BODIES if not name.startswith("bomb")])
def test_the_reader_takes_what_the_decoder_takes(name: str) -> None:
    body = BODIES[name]
    headers = [*body.headers.items(), ("Content-Length", str(len(body.payload)))]
    [found] = read(response(body.payload, *headers, status=f"{status(body)} OK"))
    if body.reason is None:
        assert isinstance(found, Page)
        assert found.body == TEXT
    else:
        assert isinstance(found, UnusableRecord)
        assert found.reason == body.reason


@pytest.mark.parametrize(
    ("headers", "http"),
    [
        ({"WARC-Truncated": "length"}, ()),
        ({"WARC-Truncated": "disconnect"}, ()),
        ({"WARC-Segment-Number": "1"}, ()),
        ({}, (("Content-Length", "2000"),)),
        ({}, (("Content-Range", "bytes 0-10/2000"),)),
    ],
)
def test_a_page_that_is_cut_is_no_page(headers: dict[str, str], http: tuple[tuple[str, str], ...]) -> None:
    line = "206 Partial Content" if "Content-Range" in dict(http) else "200 OK"
    assert reasons(response(b"<p>Deich</p>", *http, status=line, **headers) + response(b"x")) == [
        "record-truncated",
        200,
    ]


def test_what_was_cut_and_is_no_success_keeps_its_status() -> None:
    assert reasons(response(b"weg", ("Content-Length", "2000"), status="404 Weg", **{"WARC-Truncated": "length"})) == [
        404
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://[broken/x",
        "https://beispiel.de:99999/",
        "https://beispiel.de:x/",
        "https:///x",
        "https://b.de/" + "x" * 9000,
    ],
)
def test_an_address_that_is_none_is_no_page(url: str) -> None:
    assert reasons(response(b"<p>Deich</p>", url=url) + response(b"x")) == ["not-a-response", 200]


def test_a_page_that_is_still_gzipped_is_read() -> None:
    assert one(response(gzip.compress(gzip.compress(b"<p>Deich</p>")))).body == b"<p>Deich</p>"


def other(kind: str, url: str, content: bytes, media_type: str) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out)
    writer.write_record(
        writer.create_warc_record(
            url, kind, payload=io.BytesIO(content), length=len(content), warc_content_type=media_type
        )
    )
    return out.getvalue()


def test_what_is_no_page_is_counted() -> None:
    data = (
        other("response", "dns:beispiel.de", b"20240514100000", "text/dns")
        + other("resource", "urn:pageinfo:https://beispiel.de/", b"{}", "application/json")
        + other("resource", "urn:text:https://beispiel.de/", b"Deich", "text/plain")
        + other("resource", "urn:view:https://beispiel.de/", b"\x89PNG", "image/png")
        + other("resource", "https://beispiel.de/bild", b"\x89PNG", "image/png")
        + other("response", "whois:beispiel.de", b"x", "text/plain")
        + other("conversion", URL, b"Deich", "text/plain")
        + other("continuation", URL, b"Deich", "text/plain")
        + other("neuartig", URL, b"Deich", "text/plain")
        + other("request", URL, b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request")
        + response(b"x")
    )
    skipped: Counter[str] = Counter()
    assert [type(item) for item in reader.read(io.BytesIO(data), "x", skipped)] == [Page]
    assert skipped == {
        "not-http": 5, "not-html": 1, "text-of-a-page": 1, "record-segment": 1, "record-type": 1,
    }  # fmt: skip


def test_a_whole_response_in_a_resource_record_is_read() -> None:
    content = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>weg</p>"
    [page] = read(other("resource", URL, content, "application/http; msgtype=response"))
    assert isinstance(page, Page)
    assert (page.status, page.body) == (404, b"<p>weg</p>")


def test_a_file_without_http_headers_is_read() -> None:
    [page] = read(other("resource", URL, b"<p>Deich</p>", "text/html; charset=utf-8"))
    assert isinstance(page, Page)
    assert (page.status, page.content_type, page.body) == (200, "text/html; charset=utf-8", b"<p>Deich</p>")


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200\r\nContent-Type: text/html\r\n\r\n",
        b"HTTP/2 200 \r\ncontent-type: text/html\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n",
        b"ICY 200 OK\r\nContent-Type: text/html\r\n\r\n",
        b"h2 200\r\ncontent-type: text/html\r\n\r\n",
        b"HTTP 200 OK\r\nContent-Type: text/html\r\n\r\n",
        b"http/1.0 200 ok\r\ncontent-type: text/html\r\n\r\n",
        b"HTTP 1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
        b"HTTP/undefined 200 OK\r\nContent-Type: text/html\r\n\r\n",
        b"HTTP/1.1 200 OK\r\r\nContent-Type: text/html\r\r\n\r\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n\r\n",
        b"HTTP/1.1 200 " + b"o" * 5000 + b"\r\nContent-Type: text/html\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: x\r\n<b>X</b>: y\r\nContent-Type : text/html\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Lang:\r\n  de\r\nContent-Type:text/html\r\nkaputt\r\n\r\n",
        b"\r\nHTTP/1.0 200 J\xfcrgen\r\nContent-Type: text/html\r\nX-Name: J\xfcrgen\r\n\r\n",
    ],
)
def test_heads_as_servers_write_them_are_read(head: bytes) -> None:
    fields = [("WARC-Type", "response"), ("WARC-Target-URI", URL), ("WARC-Date", DATE)]
    page = one(write_record(fields, head + b"<p>Deich</p>", "x"))
    assert (page.status, page.content_type, page.body) == (200, "text/html", b"<p>Deich</p>")


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b"<!DOCTYPE html>\n<p>Deich</p>", b"<!DOCTYPE html>\n<p>Deich</p>"),  # as HTTP/0.9 has it
        (b"\n <html>\n\n<p>Deich</p>", b"\n <html>\n\n<p>Deich</p>"),
        (b"HTTP/1.1 200 OK\r\nServer: x\r\n<!doctype html>\r\n\r\n<p>", b"<!doctype html>\r\n\r\n<p>"),
        (b"HTTP/1.1 200 OK\r\n<html><p>Deich</p>", b"<html><p>Deich</p>"),
    ],
)
def test_a_head_that_is_not_there_or_not_ended_takes_nothing_of_the_page(content: bytes, body: bytes) -> None:
    fields = [("WARC-Type", "response"), ("WARC-Target-URI", URL), ("WARC-Date", DATE),
              ("Content-Type", "application/http; msgtype=response")]  # fmt: skip
    page = one(write_record(fields, content, "x"))
    assert (page.status, page.body) == (200, body)


def test_a_record_without_a_time_is_of_the_time_of_the_server() -> None:
    head = b"HTTP/1.1 200 OK\r\nDate: Fri, 12 Aug 2016 10:00:00 GMT\r\n\r\n<p>Deich</p>"
    page = one(write_record([("WARC-Type", "response"), ("WARC-Target-URI", URL)], head, "x"))
    assert page.fetched_at == dt.datetime(2016, 8, 12, 10, tzinfo=dt.UTC)


def test_after_a_broken_place_the_file_is_read_further() -> None:
    first, second, third = response(b"eins"), response(b"zwei"), response(b"drei")
    broken = second[:40] + bytes(10) + second[50:]
    assert reasons(first + broken + third) == [200, "warc-damaged", 200]


@pytest.mark.parametrize(
    "before",
    [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 2,
     b"HTTP/1.0 200 Connection established\r\nVia: x\r\n\r\n"],
)  # fmt: skip
def test_informational_responses_before_the_final_one_are_passed_over(before: bytes) -> None:
    page = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>weg</p>"
    fields = [("WARC-Type", "response"), ("WARC-Date", DATE), ("WARC-Target-URI", URL),
              ("Content-Type", "application/http")]  # fmt: skip
    [item] = reader.read(io.BytesIO(write_record(fields, before + page, "x")), "x")
    assert isinstance(item, Page)
    assert (item.status, item.body) == (404, b"<p>weg</p>")
    assert served_type(before + page) == "text/html"
