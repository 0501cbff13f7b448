from __future__ import annotations

import datetime as dt
import gzip
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.crawler import Served
from klartext.discover import sitemaps
from klartext.discover.feeds import Unreadable
from klartext.discover.interval import Interval
from klartext.discover.sitemaps import Nested, Sitemap, read, worth_asking

BERLIN = ZoneInfo("Europe/Berlin")
SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = 'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
IMAGE = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'


def parsed(body: str | bytes, limit: int = 100_000) -> Sitemap:
    raw = body.encode() if isinstance(body, str) else body
    return read(Served("https://b.de/sitemap.xml", "text/xml", raw), BERLIN, limit)


def test_a_news_sitemap() -> None:
    sitemap = parsed(
        f"<urlset {SITEMAP} {NEWS} {IMAGE}><url><loc>\n https://b.de/1?a=1&amp;b=2 </loc><lastmod>2016-08-13</lastmod>"
        "<n:news><n:publication><n:name>B</n:name></n:publication>"
        "<n:publication_date>2016-08-12T10:30:00+02:00</n:publication_date><n:title>Grüße</n:title></n:news>"
        "<image:image><image:loc>https://b.de/bild.jpg</image:loc></image:image></url></urlset>"
    )
    [entry] = sitemap.entries
    assert (entry.url, entry.title) == ("https://b.de/1?a=1&b=2", "Grüße")
    assert entry.published == dt.datetime(2016, 8, 12, 8, 30, tzinfo=dt.UTC)
    assert entry.modified == dt.date(2016, 8, 13)


def test_an_index_gzipped_and_without_namespaces() -> None:
    index = (
        "<sitemapindex><sitemap><loc>/a.xml.gz</loc><lastmod>2016-08-13T00:00:00Z</lastmod></sitemap></sitemapindex>"
    )
    assert parsed(gzip.compress(index.encode())).nested == [
        Nested("https://b.de/a.xml.gz", dt.datetime(2016, 8, 13, tzinfo=dt.UTC))
    ]


def test_a_feed_may_stand_in_for_a_sitemap() -> None:
    feed = '<rss version="2.0"><channel><item><link>https://b.de/1</link></item></channel></rss>'
    assert [entry.url for entry in parsed(feed).entries] == ["https://b.de/1"]


def test_entries_without_an_address_are_none() -> None:
    assert parsed(f"<urlset {SITEMAP}><url><loc/></url><url/></urlset>") == Sitemap()


ENTITIES = '<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY a "Flut"><!ENTITY b "&a;&a;">]>'
BOMB = f"{ENTITIES}<urlset><url><loc>&b;</loc></url></urlset>"
OUTSIDE = '<!DOCTYPE urlset [<!ENTITY a SYSTEM "file:///etc/hostname">]><urlset><url><loc>&a;</loc></url></urlset>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (BOMB, "entity-bomb"),
        (BOMB.encode("utf-16"), "entity-bomb"),
        (gzip.compress(BOMB.encode(), mtime=0), "entity-bomb"),
        (OUTSIDE, "entity-bomb"),
        ("", "sitemap-not-xml"),
        ("Wartungsarbeiten", "sitemap-not-xml"),
        ('<?xml version="1.0" encoding="keine"?><urlset/>', "sitemap-not-xml"),
        ("<html><body/></html>", "not-a-sitemap"),
        (gzip.compress(b"<urlset/>", mtime=0)[:-5], "payload-damaged"),
        (gzip.compress(b"<urlset>" + b" " * 200_000 + b"</urlset>", mtime=0), "too-large"),
    ],
)
def test_what_cannot_be_read_says_why(body: str | bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as error:
        parsed(body)
    assert error.value.reason == reason


def test_what_stands_before_a_broken_place_is_not_lost() -> None:
    with pytest.raises(Unreadable) as error:
        parsed(f"<urlset {SITEMAP}><url><loc>https://b.de/1</loc></url><url><loc>https://b.de/2<")
    assert [entry.url for entry in error.value.entries] == ["https://b.de/1"]


def test_as_many_entries_as_the_standard_allows_and_no_end_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    urls = "".join(f"<url><loc>/artikel/{n}</loc><lastmod>2016-08-12</lastmod></url>" for n in range(50_000))
    sitemap = gzip.compress(f"<urlset {SITEMAP}>{urls}</urlset>".encode(), 1)
    assert len(parsed(sitemap, 64 * 1024**2).entries) == 50_000
    monkeypatch.setattr(sitemaps, "ENTRIES", 20_000)
    with pytest.raises(Unreadable) as error:
        parsed(sitemap, 64 * 1024**2)
    assert (error.value.reason, len(error.value.entries)) == ("too-many-entries", 20_000)


@given(st.binary(max_size=200))
def test_no_body_is_an_error_of_another_kind(body: bytes) -> None:
    try:
        parsed(b"<urlset>" + body)
    except Unreadable as error:
        assert error.reason in ("sitemap-not-xml", "entity-bomb")


def wanted(*sitemaps: tuple[str, str | None]) -> list[str]:
    """Which of an index's sitemaps, with lastmod, are asked for 12 August 2016."""
    interval = Interval(
        dt.datetime(2016, 8, 12, tzinfo=BERLIN),
        dt.datetime(2016, 8, 13, tzinfo=BERLIN),
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        BERLIN,
    )
    nested = [
        Nested(url, dt.datetime.fromisoformat(day).replace(tzinfo=BERLIN) if day else None) for url, day in sitemaps
    ]
    return [sitemap.url for sitemap in worth_asking(nested, interval)]


def test_sitemaps_that_did_not_change_since_are_left_out() -> None:
    assert wanted(("/a", "2016-08-11"), ("/b", "2016-08-12"), ("/c", "2020-01-01"), ("/d", None)) == ["/b", "/c", "/d"]


def test_sitemaps_of_another_time_are_left_out() -> None:
    months = [(f"/m-2016-{month:02}.xml", None) for month in range(1, 13)]
    assert wanted(*months) == ["/m-2016-08.xml"]
    assert wanted(("/2015.xml", None), ("/2016.xml", None), ("/2017.xml", None)) == ["/2016.xml"]
    days = [(f"/d-201608{day:02}.xml", None) for day in range(1, 32)]
    assert wanted(*days) == ["/d-20160811.xml", "/d-20160812.xml", "/d-20160813.xml"]


def test_sitemaps_that_are_counted_are_not_taken_for_dated() -> None:
    counted = [(f"/s-{number}.xml", None) for number in (1, 2, 1999, 2000, 2001)]
    assert wanted(*counted) == [url for url, _ in counted]
