"""Pages of the hostile site, and what sends them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsroom.http_server import Handler

Page = Callable[["Handler"], None]
HTML = "text/html; charset=utf-8"
WORDS = "Der Fährmann von Übersee grüßte, als die Möwen über den Deich zogen. "
PARAGRAPH = f"<p>{WORDS * 6}</p>\n"


def page(text: str = PARAGRAPH * 3, head: str = '<meta charset="utf-8">') -> str:
    """A plain page with an article in it."""
    return (
        f'<!DOCTYPE html>\n<html lang="de"><head>{head}<title>Ein Gruß vom Deich</title></head>\n'
        f"<body><article><h1>Ein Gruß vom Deich</h1>\n{text}</article></body></html>\n"
    )


def send(handler: Handler, body: bytes, content_type: str | None = HTML, status: int = 200, length: int | None = None,
         **headers: str) -> None:  # fmt: skip
    """An answer; ``length`` is what it says of its own, if that is not true."""
    handler.send_response(status)
    if content_type:
        handler.send_header("Content-Type", content_type)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def sends(body: bytes, content_type: str | None = HTML, status: int = 200, **headers: str) -> Page:
    """A page that always gives this answer; ``headers`` are further ones."""
    return lambda handler: send(handler, body, content_type, status, None, **headers)


def redirects(target: str) -> Page:
    """A page that redirects to an address."""
    return sends(b"", status=302, Location=target)


def soft_404() -> str:
    """What many a site answers with 200 where there is nothing: an excuse, and what else one could read."""
    cards = "".join(f'<li><a href="/deich-{n}.html">Neues vom Deich, Teil {n}</a></li>' for n in range(12))
    return (
        '<!DOCTYPE html>\n<html lang="de"><head><meta charset="utf-8"><title>Seite nicht gefunden</title></head><body>'
        "<main><h1>Seite nicht gefunden</h1><p>Die gewünschte Seite gibt es leider nicht mehr.</p>"
        f"<h2>Meistgelesen</h2><ul>{cards}</ul></main></body></html>\n"
    )
