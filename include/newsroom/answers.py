"""What a site answers to an address at a moment, before any HTTP."""

from __future__ import annotations

import dataclasses
import datetime as dt
from urllib.parse import urlsplit

from newsroom import listings, pages
from newsroom.model import Site

XML = "application/xml; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """Status, type and body; ``changed`` is since when the page is as it is, where that is known."""

    status: int
    content_type: str
    body: bytes
    changed: dt.datetime | None = None


NOT_FOUND = Answer(
    404,
    HTML,
    b'<!DOCTYPE html>\n<html lang="de"><head><title>Nicht gefunden</title></head>'
    b"<body><h1>Diese Seite gibt es nicht</h1></body></html>\n",
)


def answer(site: Site, base: str, target: str, moment: dt.datetime) -> Answer:
    """``target`` is path and query as asked; ``base`` is scheme, host and port of the site."""
    parts = urlsplit(target)
    path = parts.path
    if path == "/robots.txt":
        return Answer(200, "text/plain; charset=utf-8", listings.robots(site, base))
    if path == site.feed.path:
        make = listings.rss if site.feed.form == "rss" else listings.atom
        return Answer(200, f"application/{site.feed.form}+xml; charset=utf-8", make(site, base, moment))
    if path == site.news_sitemap:
        return Answer(200, XML, listings.news_sitemap(site, base, moment))
    if sitemap := listings.dated_sitemap(site, base, path, parts.query, moment):
        return Answer(200, XML, sitemap)
    if path == "/" or path.strip("/") in site.sections:
        return Answer(200, HTML, pages.render_home(site, base, moment, path.strip("/") or None))
    article = site.find(path, moment)
    if article is None:
        return NOT_FOUND
    content_type = f"text/html; charset={article.charset}"
    return Answer(200, content_type, pages.render(site, article, base, moment), article.changed)
