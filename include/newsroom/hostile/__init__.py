"""A site that answers with all that may go wrong. Started on demand by tests: ``newsroom.serve(hostile=True)``.

Every path of :data:`PAGES` is an address to fetch; its feed ``/feed.xml`` names them all as of 15 May 2024. The other
feeds and sitemaps of its source file are as hostile as its pages.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from newsroom.hostile import lists, servers
from newsroom.hostile.answers import HTML, PARAGRAPH, WORDS, Page, page, redirects, send, sends, soft_404
from newsroom.hostile.servers import DRIPS

if TYPE_CHECKING:
    from newsroom.http_server import Handler

__all__ = ["DRIPS", "OTHERS", "PAGES", "SLUG", "SOURCE", "page", "respond"]

SLUG = "hostile"
_HOST = "127.0.0.1:8805"
SOURCE = f"""\
slug: hostile
name: Haus Widrig
hosts: ["{_HOST}"]
since: 2024-05-14
until: 2024-05-17
discover:
  feeds: ["http://{_HOST}/feed.xml", "http://{_HOST}/feed-odd.xml", "http://{_HOST}/feed-million.xml",
          "http://{_HOST}/feed-no-xml", "http://{_HOST}/feed-bomb.xml"]
  dated_sitemaps: ["http://{_HOST}/sitemap-bomb.xml", "http://{_HOST}/sitemaps.xml.gz"]
  recent_days: 36500  # its pages are of May 2024
fetch: {{delay: 0}}
"""
DEEP = 10_000


def _robots(handler: Handler) -> None:
    """Allows everything, unless the server is set to fail, or to answer with a page."""
    server = handler.server
    body = page().encode() if server.robots_page else b"User-agent: *\nAllow: /\n"
    send(handler, body, HTML if server.robots_page else "text/plain", server.robots_status)


def _feed(handler: Handler) -> None:
    base = handler.server.base
    send(handler, lists.rss(lists.item(base + path) for path in PAGES), "application/rss+xml")


PAGES: dict[str, Page] = {
    **servers.PAGES,
    "/deep.html": sends(page("<div>" * DEEP + "<p>Ganz unten</p>" + "</div>" * DEEP).encode()),
    "/wrong-charset.html": sends(page().encode("latin-1")),
    "/no-charset.html": sends(page(head="").encode(), "text/html"),
    "/latin1.html": sends(page(head="").encode("latin-1"), "text/html; charset=iso-8859-1"),
    "/latin1-undeclared.html": sends(page(head="").encode("latin-1"), "text/html"),
    "/no-type.html": sends(page().encode(), None),
    "/pdf.html": sends(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n%%EOF\n"),
    "/empty.html": sends(b""),
    "/soft-404.html": sends(soft_404().encode()),
    "/truncated-gzip.html": sends(gzip.compress(page(PARAGRAPH * 50).encode(), mtime=0)[:-40], Content_Encoding="gzip"),
    "/broken.html": sends(f"<html><p>{WORDS}<div></p><table><tr><p>{WORDS}<<<a href='>{WORDS}</b></".encode()),
    "/redirect-loop.html": redirects("/redirect-loop-2.html"),
    "/redirect-loop-2.html": redirects("/redirect-loop.html"),
    "/redirect-loopback.html": redirects("http://127.0.0.2/"),
    "/redirect-metadata.html": redirects("http://169.254.169.254/latest/meta-data/"),
    "/redirect-file.html": redirects("file:///etc/hostname"),
    "/status-500.html": sends(b"kaputt\n", status=500),
    "/status-429.html": sends(b"langsamer\n", status=429, Retry_After="1"),
}
OTHERS: dict[str, Page] = {"/robots.txt": _robots, "/feed.xml": _feed, **lists.OTHERS}


def respond(handler: Handler) -> None:
    """Answers a request to the hostile site; 404 for a path that it does not have."""
    found = PAGES.get(handler.path) or OTHERS.get(handler.path) or sends(b"", status=404)
    found(handler)
