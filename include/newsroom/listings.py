"""What tells readers and machines of new pages: feed, news sitemap, dated sitemaps, robots.txt."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from collections.abc import Iterable
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

from newsroom.model import DAYS, ZONE, Article, Gone, Site

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
ATOM = "http://www.w3.org/2005/Atom"
NEWS_SITEMAP_AGE = dt.timedelta(days=2)
"""A news sitemap names the pages of the last two days."""

ET.register_namespace("news", NEWS)
Entry = Article | Gone


def _xml(root: ET.Element) -> bytes:
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, name, attributes)
    child.text = text
    return child


def _iso(moment: dt.datetime) -> str:
    return moment.astimezone(ZONE).isoformat(timespec="seconds")


def _link(site: Site, entry: Entry, base: str) -> str:
    return base + entry.path + (f"?{site.feed.query}" if site.feed.query else "")


def _summary(entry: Entry) -> str:
    return (isinstance(entry, Article) and entry.lead) or entry.title


def rss(site: Site, base: str, moment: dt.datetime) -> bytes:
    """The site's RSS feed at a moment."""
    root = ET.Element("rss", version="2.0")
    channel = _add(root, "channel")
    _add(channel, "title", site.name)
    _add(channel, "link", base + "/")
    _add(channel, "description", site.tagline)
    _add(channel, "language", "de-de")
    for entry in site.listed(moment):
        item = _add(channel, "item")
        _add(item, "title", entry.title)
        _add(item, "link", _link(site, entry, base))
        _add(item, "description", _summary(entry))
        _add(item, "guid", base + entry.path, isPermaLink="true")
        _add(item, "pubDate", email.utils.format_datetime(entry.published.astimezone(ZONE)))
    return _xml(root)


def atom(site: Site, base: str, moment: dt.datetime) -> bytes:
    """The site's Atom feed at a moment."""
    entries = site.listed(moment)
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": "de"})
    _add(root, "id", base + "/")
    _add(root, "title", site.name)
    _add(root, "updated", _iso(max((entry.changed for entry in entries), default=moment)))
    _add(root, "link", href=base + site.feed.path, rel="self")
    for entry in entries:
        item = _add(root, "entry")
        _add(item, "id", base + entry.path)
        _add(item, "title", entry.title)
        _add(item, "link", href=_link(site, entry, base), rel="alternate", type="text/html")
        _add(item, "published", _iso(entry.published))
        _add(item, "updated", _iso(entry.changed))
        _add(item, "summary", _summary(entry))
    return _xml(root)


def news_sitemap(site: Site, base: str, moment: dt.datetime) -> bytes:
    """The site's news sitemap at a moment, with the entries of the last :data:`NEWS_SITEMAP_AGE`."""
    root = ET.Element("urlset", xmlns=SITEMAP)
    for entry in site.listed(moment):
        if entry.published < moment - NEWS_SITEMAP_AGE:
            continue
        url = _add(root, "url")
        _add(url, "loc", base + entry.path)
        news = _add(url, f"{{{NEWS}}}news")
        publication = _add(news, f"{{{NEWS}}}publication")
        _add(publication, f"{{{NEWS}}}name", site.name)
        _add(publication, f"{{{NEWS}}}language", "de")
        _add(news, f"{{{NEWS}}}publication_date", _iso(entry.published))
        _add(news, f"{{{NEWS}}}title", entry.title)
    return _xml(root)


def _urlset(site: Site, base: str, entries: Iterable[Entry]) -> bytes:
    root = ET.Element("urlset", xmlns=SITEMAP)
    for entry in entries:
        url = _add(root, "url")
        _add(url, "loc", base + entry.path)
        _add(url, "lastmod", _iso(entry.changed) if site.dated_sitemap.clock else _iso(entry.changed)[:10])
    return _xml(root)


def _index(locations: Iterable[str]) -> bytes:
    root = ET.Element("sitemapindex", xmlns=SITEMAP)
    for location in locations:
        _add(_add(root, "sitemap"), "loc", location)
    return _xml(root)


def _of_day(site: Site, day: dt.date, moment: dt.datetime) -> list[Entry]:
    """Pages published on a day, and pages whose newest version of then is of that day."""
    entries = site.listed(moment)
    return [e for e in entries if day in (e.published.astimezone(ZONE).date(), e.changed.astimezone(ZONE).date())]


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def dated_sitemap(site: Site, base: str, path: str, query: str, moment: dt.datetime) -> bytes | None:
    """A sitemap by date in the site's form, or None where the address is none of it."""
    form, home = site.dated_sitemap.form, site.dated_sitemap.path
    if form == "all":
        return _urlset(site, base, site.listed(moment)) if path == home else None
    if form == "day":
        found = re.fullmatch(re.escape(home) + r"(\d{4}-\d\d-\d\d)\.xml", path)
        day = _day(found[1]) if found else None
        return _urlset(site, base, _of_day(site, day, moment)) if day else None
    if form == "day-index":
        day = _day(parse_qs(query).get("date", [""])[0])
        if day and path == home + "index.xml":
            return _index([f"{base}{home}sitemap.xml?date={day}&unit=days&period=1"])
        return _urlset(site, base, _of_day(site, day, moment)) if day and path == home + "sitemap.xml" else None
    months = sorted({f"{day:%Y-%m}" for day in DAYS})
    if path == f"{home}sitemap-index_{DAYS[0]:%Y}.xml":
        return _index(f"{base}{home}sitemap-articles_{month}.xml" for month in months)
    if path in {f"{home}sitemap-articles_{month}.xml" for month in months}:
        return _urlset(site, base, site.listed(moment))
    return None


def robots(site: Site, base: str) -> bytes:
    """The site's robots.txt."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in site.disallow), "Allow: /", ""]
    lines.append(f"Sitemap: {base}{site.news_sitemap}")
    return ("\n".join(lines) + "\n").encode()
