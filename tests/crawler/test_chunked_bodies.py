"""Bodies and lengths as servers announce them, right and wrong, over a connection."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.web.http import PotentialDataLoss, _DataLoss, _MalformedChunkedDataError

from klartext.crawler.chunked_bodies import TolerantChunks
from support import loopback
from support.crawler_runs import answers

TEXT = b"<html><body><h1>Gr\xc3\xbc\xc3\x9fe</h1></body></html>"
PACKED = gzip.compress(TEXT, mtime=0)
SIZE = b"%d" % len(TEXT)


def _sends(data: bytes) -> loopback.Page:
    def send(handler: loopback.Handler) -> None:
        handler.wfile.write(data)
        handler.close_connection = True

    return send


def _chunked(body: bytes, size: bytes = b"%x", end: bytes = b"\r\n") -> bytes:
    return size % len(body) + end + body + end + b"0" + end + end


@pytest.mark.parametrize("step", [1, 3, 1000])
@pytest.mark.parametrize(
    ("data", "body", "ending"),
    [
        (_chunked(TEXT), TEXT, None),
        (_chunked(TEXT, b"%x   "), TEXT, None),
        (_chunked(TEXT, b'0x%X;a="b"'), TEXT, None),
        (_chunked(TEXT, end=b"\n"), TEXT, None),
        (_chunked(TEXT)[:-2], TEXT, None),  # the last line feeds are missing
        (_chunked(TEXT)[:-2] + b"X-Sum: 1\r\n\r\n", TEXT, None),
        (TEXT, TEXT, PotentialDataLoss),
        (b"ab oder\n" + TEXT, b"ab oder\n" + TEXT, PotentialDataLoss),
        (b"4\r\nMoin\r\n", b"Moin", _DataLoss),
        (b"9\r\nMoin", b"Moin", _DataLoss),
    ],
)
def test_chunks_are_removed_where_they_are(data: bytes, body: bytes, ending: type[Exception] | None, step: int) -> None:
    got, rest = list[bytes](), list[bytes]()
    decoder = TolerantChunks(got.append, rest.append)
    for at in range(0, len(data), step):
        decoder.dataReceived(data[at : at + step])
    raised: type[BaseException] | None = None
    try:
        decoder.noMoreData()
    except (PotentialDataLoss, _DataLoss) as error:
        raised = type(error)
    assert (b"".join(got), raised) == (body, ending)


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_nothing_raises_anything_else(parts: list[bytes]) -> None:
    decoder = TolerantChunks(lambda _: None, lambda _: None)
    try:
        for part in parts:
            if decoder.state != "FINISHED":
                decoder.dataReceived(part)
    except _MalformedChunkedDataError:
        pass


def test_lengths_and_codings_as_servers_state_them() -> None:
    heads = {
        b"Content-Length: -1": TEXT, b"Content-Length: abc": TEXT, b"Content-Length:": TEXT,
        b"Content-Length: %s, %s" % (SIZE, SIZE): TEXT, b"Transfer-Encoding: identity\r\nContent-Length: " + SIZE: TEXT,
        b"Transfer-Encoding: gzip, chunked": _chunked(PACKED), b"Transfer-Encoding: gzip": PACKED,
        b"Transfer-Encoding: chunked, chunked": _chunked(TEXT), b"Transfer-Encoding: Chunked": _chunked(TEXT, b"%x "),
        b"Transfer-Encoding: chunked\r\nContent-Length: " + SIZE: TEXT,
    }  # fmt: skip
    pages = {f"/{n}": _sends(b"HTTP/1.1 200 OK\r\n%s\r\n\r\n%s" % item) for n, item in enumerate(heads.items())}
    lines = [b"HTTP/2 200", b"ICY 200 OK", b"http/1.1 200 ok", b"\r\nHTTP/1.1 200 OK"]
    pages |= {f"/s{n}": _sends(b"%s\r\n\r\n%s" % (line, TEXT)) for n, line in enumerate(lines)}
    with loopback.serve(pages) as site:
        found = answers(site, *pages)
    assert {path: (answer.outcome, answer.bytes) for path, answer in found.items()} == dict.fromkeys(
        pages, ("captured", len(TEXT))
    )


def test_the_rest_of_a_body_that_is_no_page_is_not_needed() -> None:
    def cut(status: bytes) -> loopback.Page:
        return _sends(b"HTTP/1.1 " + status + b" X\r\nLocation: /ziel\r\nContent-Length: 999\r\n\r\nweg")

    pages = {"/302": cut(b"302"), "/404": cut(b"404"), "/300": cut(b"300"), "/200": cut(b"200")}
    with loopback.serve({**pages, "/ziel": loopback.Answer()}) as site:
        found = {path: (answer.outcome, answer.reason) for path, answer in answers(site, *pages).items()}
    assert found == {
        "/302": ("captured", None), "/404": ("gone", "http-404"), "/300": ("failed", "http-300"),
        "/200": ("failed", "cut-short"),
    }  # fmt: skip
