"""Feeds and sitemaps of the tests, and what is read of them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from klartext.crawler import ServedResponse
from klartext.discover.listing import Listing
from klartext.discover.read_listing import read

BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2024, 6, 20, tzinfo=dt.UTC)
URL = "https://beispiel.de/feed"
SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def parsed(body: str | bytes, content_type: str = "text/xml", limit: int = 1_000_000) -> Listing:
    raw = body.encode() if isinstance(body, str) else body
    return read(ServedResponse(URL, content_type, raw), BERLIN, NOW, limit)


def addresses(body: str | bytes, content_type: str = "text/xml") -> list[str]:
    listing = parsed(body, content_type)
    assert listing.problem is None
    return [entry.url for entry in listing.entries]


def urlset(*items: str, head: str = "") -> str:
    return f"{head}<urlset {SITEMAP}>{''.join(f'<url>{item}</url>' for item in items)}</urlset>"


def rss(*items: str, head: str = "") -> str:
    items_xml = "".join(f"<item>{item}</item>" for item in items)
    return f'{head}<rss version="2.0"><channel><title>B</title>{items_xml}</channel></rss>'
