"""Feeds and sitemaps of the hostile site: without end, in circles, with dates that cannot be."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from typing import TYPE_CHECKING

from newsroom.hostile.answers import Page, page, send, sends

if TYPE_CHECKING:
    from newsroom.http_server import Handler

MILLION = 1_000_000
FULL = 50_000
"""Entries that the standard allows a sitemap."""
_SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_RSS = "application/rss+xml"
_MAY = "Wed, 15 May 2024 09:00:00 +0200"


def rss(items: Iterable[str]) -> bytes:
    """A feed of these items, which are XML."""
    channel = f"<channel><title>Haus Widrig</title>{''.join(items)}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'.encode()


def item(link: str, date: str | None = _MAY) -> str:
    """An item of a feed, without a date if ``date`` is None."""
    dated = f"<pubDate>{date}</pubDate>" if date else ""
    return f"<item><title>{link}</title><link>{link}</link>{dated}</item>"


def bomb(root: str, inside: str) -> bytes:
    """Nine entities that each hold the one before ten times over: a few hundred bytes that want a gigabyte."""
    layers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY e0 "Flut!">{layers}]>{inside.format("&e9;")}'.encode()


def _odd(handler: Handler) -> None:
    """Pages of the site under odd addresses, twice over, and at impossible times."""
    base = handler.server.base
    named = [("no-charset.html", _MAY), ("//no-charset.html", _MAY), (f"{base}/no-charset.html?wt_zmc=feed#k", _MAY),
             ("/latin1.html", "gestern"), ("/latin1.html", None), ("/no-type.html", "Thu, 01 Jan 1970 00:00:00 +0000"),
             ("/empty.html", "Fri, 15 May 2099 09:00:00 GMT"), ("mailto:wir@widrig.example", _MAY),
             ("file:///etc/hostname", _MAY), ("https://www.fremdes-blatt.example/1", _MAY)]  # fmt: skip
    odd = [*(item(link, date) for link, date in named), "<item><title>ohne Adresse</title></item>"]
    send(handler, rss(odd), _RSS)


def _million(handler: Handler) -> None:
    """A million entries of long ago, which are alike: to make as many takes longer than to read them."""
    entries = rss(["<item><link>/1</link><pubDate>15 May 2015</pubDate></item>" * MILLION])
    send(handler, gzip.compress(entries, 1), _RSS, Content_Encoding="gzip")


def _circle(handler: Handler) -> None:
    """An index that names itself, and the sitemap below it."""
    base = handler.server.base
    named = "".join(
        f"<sitemap><loc>{base}/{name}</loc></sitemap>" for name in ("sitemaps.xml.gz", "sitemap-full.xml.gz")
    )
    send(handler, gzip.compress(f"<sitemapindex {_SITEMAP}>{named}</sitemapindex>".encode()), "application/gzip")


def _full(handler: Handler) -> None:
    """As many entries as the standard allows, of another time but for the last two: a day that does not exist, and
    15 May 2024."""
    base = handler.server.base
    entries = [(f"{n}.html", f"2023-05-{n % 31 + 1:02}") for n in range(FULL - 2)]
    entries += [("latin1.html", "2024-05-32"), ("wrong-charset.html", "2024-05-15")]
    urls = "".join(f"<url><loc>{base}/{name}</loc><lastmod>{day}</lastmod></url>" for name, day in entries)
    send(handler, gzip.compress(f"<urlset {_SITEMAP}>{urls}</urlset>".encode(), 1), "application/gzip")


OTHERS: dict[str, Page] = {
    "/feed-odd.xml": _odd,
    "/feed-million.xml": _million,
    "/feed-no-xml": sends(page("<p>Dies ist kein Feed.</p>").encode()),
    "/feed-bomb.xml": sends(bomb("rss", '<rss version="2.0"><channel><title>{}</title></channel></rss>'), _RSS),
    "/sitemap-bomb.xml": sends(
        bomb("urlset", f"<urlset {_SITEMAP}><url><loc>{{}}</loc></url></urlset>"), "application/xml"
    ),
    "/sitemaps.xml.gz": _circle,
    "/sitemap-full.xml.gz": _full,
}
