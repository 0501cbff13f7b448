"""A site that answers with all that may go wrong. Started on demand by tests: ``newsroom.serve(hostile=True)``.

Every path of :data:`PAGES` is an address to fetch; its feed ``/feed.xml`` names them all as of 15 May 2024. Nothing
here is larger in memory than a few hundred kilobytes: the large ones are made while they are sent.
"""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsroom.server import Handler

SLUG = "hostile"
SOURCE = """\
slug: hostile
name: Haus Widrig
hosts: ["127.0.0.1:8805"]
since: 2024-05-14
until: 2024-05-17
discover:
  feeds: ["http://127.0.0.1:8805/feed.xml", "http://127.0.0.1:8805/feed-no-xml", "http://127.0.0.1:8805/feed-bomb.xml"]
  dated_sitemaps: ["http://127.0.0.1:8805/sitemap-bomb.xml"]
  recent_days: 36500  # its pages are of May 2024
fetch: {delay: 0}
"""
Page = Callable[["Handler"], None]
WORDS = "Der Fährmann von Übersee grüßte, als die Möwen über den Deich zogen. "
PARAGRAPH = f"<p>{WORDS * 6}</p>\n"
HUGE = 50 * 1024 * 1024
DEEP = 10_000
DRIPS = 600


def page(text: str = PARAGRAPH * 3, head: str = '<meta charset="utf-8">') -> str:
    """A plain page with an article in it."""
    return (
        f'<!DOCTYPE html>\n<html lang="de"><head>{head}<title>Ein Gruß vom Deich</title></head>\n'
        f"<body><article><h1>Ein Gruß vom Deich</h1>\n{text}</article></body></html>\n"
    )


def _send(handler: Handler, body: bytes, content_type: str | None = "text/html; charset=utf-8", status: int = 200,
          length: int | None = None, **headers: str) -> None:  # fmt: skip
    handler.send_response(status)
    if content_type:
        handler.send_header("Content-Type", content_type)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def _bomb(root: str, inside: str) -> bytes:
    """Nine entities that each hold the one before ten times over: a few hundred bytes that want a gigabyte."""
    layers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY e0 "Flut!">{layers}]>{inside.format("&e9;")}'.encode()


def _sends(
    body: bytes, content_type: str | None = "text/html; charset=utf-8", status: int = 200, **headers: str
) -> Page:
    return lambda handler: _send(handler, body, content_type, status, None, **headers)


def _redirects(target: str) -> Page:
    return _sends(b"", status=302, Location=target)


def _chunks(handler: Handler, chunks: int, chunk: bytes, pause: float = 0.0) -> None:
    for _ in range(chunks):
        handler.wfile.write(chunk)
        if pause:
            handler.wfile.flush()
            time.sleep(pause)


def _huge(handler: Handler) -> None:
    start, chunk = page("")[:-24].encode(), (PARAGRAPH * 100).encode()
    count = HUGE // len(chunk) + 1
    _send(handler, start, length=len(start) + count * len(chunk))
    _chunks(handler, count if handler.command == "GET" else 0, chunk)


def _gzip_bomb(handler: Handler) -> None:
    """A hundred megabytes of one letter, packed into a hundred kilobytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join([packer.compress(b"a" * 2**20) for _ in range(100)]) + packer.flush()
    _send(handler, packed, Content_Encoding="gzip")


def _drip(handler: Handler) -> None:
    """Ten bytes a second, for ten minutes if nobody hangs up."""
    start = page("").encode()
    _send(handler, start, length=len(start) + 10 * DRIPS)
    _chunks(handler, DRIPS if handler.command == "GET" else 0, b"<!-- m -->", pause=1.0)


def _cut_off(handler: Handler) -> None:
    """Says 5,000 bytes, sends a few and hangs up."""
    _send(handler, b"<p>halb", length=5000)
    handler.close_connection = True


def _robots(handler: Handler) -> None:
    _send(handler, b"User-agent: *\nAllow: /\n", "text/plain", handler.server.robots_status)


def _feed(handler: Handler) -> None:
    base = handler.server.base
    items = "".join(
        f"<item><title>{path}</title><link>{base}{path}</link><pubDate>Wed, 15 May 2024 09:00:00 +0200</pubDate></item>"
        for path in PAGES
    )
    channel = f"<channel><title>Haus Widrig</title>{items}</channel>"
    body = f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'
    _send(handler, body.encode(), "application/rss+xml")


PAGES: dict[str, Page] = {
    "/huge.html": _huge,
    "/deep.html": _sends(page("<div>" * DEEP + "<p>Ganz unten</p>" + "</div>" * DEEP).encode()),
    "/wrong-charset.html": _sends(page().encode("latin-1")),
    "/no-charset.html": _sends(page(head="").encode(), "text/html"),
    "/latin1.html": _sends(page(head="").encode("latin-1"), "text/html; charset=iso-8859-1"),
    "/latin1-undeclared.html": _sends(page(head="").encode("latin-1"), "text/html"),
    "/no-type.html": _sends(page().encode(), None),
    "/pdf.html": _sends(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n%%EOF\n"),
    "/empty.html": _sends(b""),
    "/truncated-gzip.html": _sends(
        gzip.compress(page(PARAGRAPH * 50).encode(), mtime=0)[:-40], Content_Encoding="gzip"
    ),
    "/truncated.html": _cut_off,
    "/gzip-bomb.html": _gzip_bomb,
    "/broken.html": _sends(f"<html><p>{WORDS}<div></p><table><tr><p>{WORDS}<<<a href='>{WORDS}</b></".encode()),
    "/redirect-loop.html": _redirects("/redirect-loop-2.html"),
    "/redirect-loop-2.html": _redirects("/redirect-loop.html"),
    "/redirect-loopback.html": _redirects("http://127.0.0.2/"),
    "/redirect-metadata.html": _redirects("http://169.254.169.254/latest/meta-data/"),
    "/redirect-file.html": _redirects("file:///etc/hostname"),
    "/drip.html": _drip,
    "/status-500.html": _sends(b"kaputt\n", status=500),
    "/status-429.html": _sends(b"langsamer\n", status=429, Retry_After="1"),
}
OTHERS: dict[str, Page] = {
    "/robots.txt": _robots,
    "/feed.xml": _feed,
    "/feed-no-xml": _sends(page("<p>Dies ist kein Feed.</p>").encode()),
    "/feed-bomb.xml": _sends(
        _bomb("rss", '<rss version="2.0"><channel><title>{}</title></channel></rss>'), "application/rss+xml"
    ),
    "/sitemap-bomb.xml": _sends(
        _bomb(
            "urlset", '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{}</loc></url></urlset>'
        ),
        "application/xml",
    ),
}


def respond(handler: Handler) -> None:
    """Answers a request to the hostile site; 404 for a path that it does not have."""
    found = PAGES.get(handler.path) or OTHERS.get(handler.path) or _sends(b"", status=404)
    found(handler)
