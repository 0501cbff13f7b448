"""Header sections without end are cut off, and the crawl goes on."""

from __future__ import annotations

from klartext.crawler import header_limits
from support import loopback
from support.crawler_runs import run


def _endless_headers(handler: loopback.Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X-A: " + b"b" * 8000 + b"\r\n")


def _many_headers(handler: loopback.Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"a:\r\n" * (header_limits.LINES + 1) + b"Content-Length: 0\r\n\r\n")


def _endless_continuation(handler: loopback.Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-A: b\r\n")
    while True:
        handler.wfile.write(b" " + b"b" * 8000 + b"\r\n")


def _interim_without_end(handler: loopback.Handler) -> None:
    while True:
        handler.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100)


def _no_line_end(handler: loopback.Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-A: ")
    while True:
        handler.wfile.write(b"b" * 8000)


def _as_many_as_allowed(handler: loopback.Handler) -> None:
    headers = b"".join(b"X-%d: %s\r\n" % (n, b"b" * 200) for n in range(header_limits.LINES - 10))
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + headers + b"Content-Length: 2\r\n\r\nok")


def test_fields_with_names_that_are_none() -> None:
    heads = {"/empty": b": x", "/blank": b"P3P : x", "/markup": b'<b class="x">X</b>: y', "/folded": b"X-A: a\r\n b",
             "/first": b" continues nothing\r\nX-A: b", "/blank-in-it": b"field name: x"}  # fmt: skip

    def answer(head: bytes) -> loopback.Page:
        return lambda handler: _send(handler, head)

    with loopback.serve({path: answer(head) for path, head in heads.items()}) as site:
        outcomes = run(site, *heads)
    assert outcomes == dict.fromkeys(heads, ("captured", None))


def _send(handler: loopback.Handler, head: bytes) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\nContent-Type : text/html\r\nContent-Length : 2\r\n\r\nok")


def test_headers_without_end() -> None:
    pages: dict[str, loopback.Page] = {
        "/endless": _endless_headers,
        "/many": _many_headers,
        "/continued": _endless_continuation,
        "/interim": _interim_without_end,
        "/line": _no_line_end,
        "/allowed": _as_many_as_allowed,
    }
    with loopback.serve(pages) as site:
        outcomes = run(site, *pages)
        assert site.paths().count("/many") == 1  # another try would meet the same
    assert outcomes == {
        "/endless": ("failed", "headers-too-large"),
        "/many": ("failed", "headers-too-large"),
        "/continued": ("failed", "headers-too-large"),
        "/interim": ("failed", "headers-too-large"),
        "/line": ("failed", "connection"),
        "/allowed": ("captured", None),
    }
