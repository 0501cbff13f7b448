"""Feeds and sitemaps as they are served: what is read, what is skipped, what cannot be read."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.discover import read_listing
from klartext.discover.listing import Listing
from support.listings import SITEMAP, addresses, parsed, rss, urlset


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (urlset("<loc>https://b.de/1?a=1&b=2</loc>"), ["https://b.de/1?a=1&b=2"]),
        (urlset("<loc>https://b.de/1?a=1&amp;b=2</loc>"), ["https://b.de/1?a=1&b=2"]),
        (urlset("<loc>https://b.de/1?a=1&amp;amp;b=2</loc>"), ["https://b.de/1?a=1&b=2"]),
        (urlset("<loc><![CDATA[https://b.de/1?a=1&b=2]]></loc>"), ["https://b.de/1?a=1&b=2"]),
        (urlset("<loc>https://b.de/m&uuml;hle</loc>"), ["https://b.de/mühle"]),
        (urlset("<loc>https://b.de/\x0b1\x00</loc>"), ["https://b.de/1"]),
        (urlset("<loc>https://b.de/&#x1F;1&#0;</loc>"), ["https://b.de/1\ufffd"]),
        (urlset("<loc>https://b.de/1</loc><image:title>1 <2 und a<b</image:title>"), ["https://b.de/1"]),
        (urlset("<loc>https://b.de/1</loc", "<loc>https://b.de/2</loc>"), ["https://b.de/1", "https://b.de/2"]),
        (urlset("<loc>https://b.de/1</loc>" + f"<x {'a=1 ' * 50_000}/>"), ["https://b.de/1"]),
        (urlset("<loc>\n  https://b.de/1\n</loc>"), ["https://b.de/1"]),
        (urlset("<loc>https://b.de/1</loc>", head='\n\n  <?xml version="1.0"?>\n'), ["https://b.de/1"]),
        (urlset("<loc>https://b.de/1</loc>", head='\ufeff<?xml version="1.0" encoding="UTF-16"?>'), ["https://b.de/1"]),
        (urlset("<loc>https://b.de/1</loc>", head='<?xml version="1.0" encoding="keine"?>'), ["https://b.de/1"]),
        (urlset("<loc>https://b.de/1</loc>", head="<br/>\n<b>Warning</b>: in x.php\n"), ["https://b.de/1"]),
        (urlset("<loc>https://b.de/1</loc>", head="<!-- < -- > & -->"), ["https://b.de/1"]),
        (urlset("<loc>https://b.de/1</loc>", head='<?xml-stylesheet href="a.xsl"?><!DOCTYPE urlset>'), ["https://b.de/1"]),
        (urlset("<loc>https://b.de/1</loc>") + "<script>1</script>\n<!-- 0.1 s -->", ["https://b.de/1"]),
        (urlset("<loc>https://b.de/1</loc><image:image><image:loc>https://b.de/b.jpg</image:loc></image:image>"),
         ["https://b.de/1"]),
        (urlset("<image:loc>https://b.de/b.jpg</image:loc><loc>https://b.de/1</loc>"), ["https://b.de/1"]),
        (urlset("<loc>/1</loc>", "<loc>//www.b.de/2</loc>"), ["https://beispiel.de/1", "https://www.b.de/2"]),
        (urlset("<LOC>https://b.de/1</LOC>"), ["https://b.de/1"]),
        ('<s:urlset xmlns:s="x"><s:url><s:loc>https://b.de/1</s:loc></s:url></s:urlset>', ["https://b.de/1"]),
        ("<s:urlset><s:url><s:loc>https://b.de/1</s:loc></s:url></s:urlset>", ["https://b.de/1"]),
        ("https://b.de/1\r\n\r\nhttps://b.de/2", ["https://b.de/1", "https://b.de/2"]),
        ("\ufeffhttps://b.de/1", ["https://b.de/1"]),
        ("Sitemap of b.de\nhttps://b.de/1", ["https://b.de/1"]),
        ("'https://b.de/1'  2024-05-14\nhttps://b.de/2,2024-05-14,daily", ["https://b.de/1", "https://b.de/2"]),
        (urlset("<loc>\u200bhttps://b.de/1\u200b</loc>", "<loc>'https://b.de/2'</loc>"), ["https://b.de/1", "https://b.de/2"]),
        (urlset("<loc>https://b.de/1</loc><x:link rel=alternate hreflang=en href=https://b.de/en/1 />"), ["https://b.de/1"]),
        (urlset("<loc>https://b.de/1</loc>") + urlset("<loc>https://b.de/2</loc>"), ["https://b.de/1", "https://b.de/2"]),
        (rss("<link>https://b.de/1</link>").replace('"2.0"', "2.0"), ["https://b.de/1"]),
        (rss("<guid isPermaLink=false x='1' y=2>1</guid><link>https://b.de/1</link>"), ["https://b.de/1"]),
        (rss("<link/>https://b.de/1\n<guid>1</guid>"), ["https://b.de/1"]),
        (rss("<link>&lt;a href='https://b.de/1'&gt;T&lt;/a&gt;</link>"), ["https://b.de/1"]),
        (rss("<link>&lt;https://b.de/1&gt;</link>"), ["https://b.de/1"]),
        (rss("<link>http://https://b.de/1</link>"), ["https://b.de/1"]),
        ('<rss xml:base="http://[x"><item><link>https://b.de/1</link></item></rss>', ["https://b.de/1"]),
        ('<urlset xml:base="http://[x"><url><loc>https://b.de/1</loc></url></urlset>', ["https://b.de/1"]),
        (rss("<link>https://b.de/1</link>"), ["https://b.de/1"]),
        (rss("<title>5 < 6 & 7</title><link>https://b.de/1</link>"), ["https://b.de/1"]),
        (rss("<title>a<br>b</title><link>https://b.de/1</link>", "<link>https://b.de/2</link>"),
         ["https://b.de/1", "https://b.de/2"]),
        (rss("<guid>https://b.de/1</guid>"), ["https://b.de/1"]),
        (rss('<atom:link href="https://b.de/1" rel="alternate"/>'), ["https://b.de/1"]),
        (rss("<media:content><media:link>https://b.de/x</media:link></media:content><link>https://b.de/1</link>"),
         ["https://b.de/1"]),
        (rss('<atom:link rel="self" href="https://b.de/feed"/><link>https://b.de/1</link>'), ["https://b.de/1"]),
        (rss("<link>https://t.example/1</link><feedburner:origLink>https://b.de/1</feedburner:origLink>"),
         ["https://b.de/1"]),
        ('<rss xml:base="https://b.de/a/"><channel xml:base="b/"><item><link>1</link></item></channel></rss>',
         ["https://b.de/a/b/1"]),
        ('<rdf:RDF xmlns:rdf="r" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"/>'
         '<item rdf:about="https://b.de/1"><title>T</title></item></rdf:RDF>', ["https://b.de/1"]),
        ('<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>tag:1</id><link rel="self" href="/s"/>'
         '<link rel="enclosure" href="/e.mp3"/><link href="/1"/><source><link href="/q"/></source></entry></feed>',
         ["https://beispiel.de/1"]),
        ('<feed xml:base="https://b.de/x/"><entry><link href="1" type="text/html"/></entry></feed>', ["https://b.de/x/1"]),
        ('<feed xml:base="https://b.de/x/"><entry xml:base="y/"><link xml:base="z/" href="1"/></entry></feed>',
         ["https://b.de/x/y/z/1"]),
        ('<feed><entry><id>/2</id><link rel="http://www.iana.org/assignments/relation/alternate" href="/1"/></entry>'
         "</feed>", ["https://beispiel.de/1"]),
        ('<feed><entry><link rel=" canonical nofollow" href="/1"/></entry></feed>', ["https://beispiel.de/1"]),
        ('<feed><entry><link rel="http://www.iana.org/assignments/relation/self" href="/1"/><id>HTTPS://b.de/2</id>'
         "</entry></feed>", ["https://b.de/2"]),
        ('<feed><entry><LINK REL="Alternate" HREF="/1"/></entry></feed>', ["https://beispiel.de/1"]),
        (rss('<link url="/1"/>'), ["https://beispiel.de/1"]),
        (rss('<guid isPermaLink="true">/1</guid>'), ["https://beispiel.de/1"]),
        (rss('<guid ispermalink="False">https://b.de/2</guid><link>/1</link>'), ["https://beispiel.de/1"]),
        (rss('<atom:link rel="related" href="https://b.de/2"/><guid>https://b.de/1</guid>'), ["https://b.de/1"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("content_type", ["text/xml; charset=utf-8", "text/html", "application/octet-stream", ""])
def test_addresses_that_are_read(body: str, found: list[str], content_type: str) -> None:
    assert addresses(body, content_type) == found


@pytest.mark.parametrize("wrappings", [1, 2, 3])
def test_gzipped_more_than_once(wrappings: int) -> None:
    body = urlset("<loc>https://b.de/1</loc>").encode()
    for _ in range(wrappings):
        body = gzip.compress(body, mtime=0)
    assert addresses(body) == ["https://b.de/1"]


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("latin-1", 'encoding="ISO-8859-1"', "text/xml"),
        ("cp1252", 'encoding="iso-8859-1"', "text/xml; charset=utf-8"),
        ("latin-1", "", "text/xml; charset=iso-8859-1"),
        ("latin-1", 'encoding="utf-8"', "text/xml; charset=utf-8"),
        ("utf-8", 'encoding="iso-8859-1"', "text/xml"),
        ("utf-16", "", "text/xml"),
        ("utf-16-le", 'encoding="utf-16"', "text/xml"),
        ("utf-16-be", "", "text/xml"),
        ("utf-32", "", "text/xml"),
    ],
)
def test_encodings(encoding: str, declared: str, content_type: str) -> None:
    body = rss("<title>Grüße</title><link>https://b.de/1</link>", head=f'<?xml version="1.0" {declared}?>')
    assert [entry.title for entry in parsed(body.encode(encoding), content_type).entries] == ["Grüße"]


def test_single_bytes_of_latin_1_in_utf_8() -> None:
    body = rss("<title>Grüße aus Köln</title><link>https://b.de/1</link>").encode().replace("ö".encode(), b"\xf6")
    assert [entry.title for entry in parsed(body).entries] == ["Grüße aus Köln"]


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("<pubDate>Tue, 14 May 2024 10:00:00 +0200</pubDate>", "2024-05-14T08:00"),
        ("<pubDate>Tue, 14 May 2024 10:00:00 CEST</pubDate>", "2024-05-14T08:00"),
        ("<pubDate>Di, 14 Mai 2024 10:00:00 MESZ</pubDate>", "2024-05-14T08:00"),
        ("<pubDate>14.05.2024 10:00</pubDate>", "2024-05-14T08:00"),
        ("<dc:date>2024-05-14T10:00:00+02:00</dc:date>", "2024-05-14T08:00"),
        ("<published>2024-05-14t08:00:00z</published>", "2024-05-14T08:00"),
        ("<pubDate>1715673600</pubDate>", "2024-05-14T08:00"),
        ("<pubDate>am Freitag</pubDate>", None),
        ("<pubDate>gestern abend</pubDate><dc:date>2024-05-14T08:00:00Z</dc:date>", "2024-05-14T08:00"),
        ("<prism:publicationDate>2024-05-14T08:00:00Z</prism:publicationDate>", "2024-05-14T08:00"),
        ("<media:pubDate>Tue, 14 May 2024 10:00:00 +0200</media:pubDate>", None),
    ],
)
def test_dates_of_feeds(date: str, at: str | None) -> None:
    [entry] = parsed(rss(f"<link>https://b.de/1</link>{date}")).entries
    assert (entry.published and entry.published.at) == (at and dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC))
    assert entry.has_unread_date is ("Freitag" in date)


def test_a_news_sitemap() -> None:
    news = "<n:publication><n:name>B</n:name></n:publication><n:publication_date>2024-05-14T10:30:00+02:00"
    [entry] = parsed(urlset(
        f"<loc>https://b.de/1</loc><lastmod>2024-05-15</lastmod><n:news>{news}</n:publication_date>"
        "<n:title>Gr&uuml;&szlig;e</n:title></n:news><v:video><v:publication_date>2020-01-01</v:publication_date></v:video>"
    )).entries  # fmt: skip
    assert (entry.title, entry.published and entry.published.at.isoformat()) == ("Grüße", "2024-05-14T08:30:00+00:00")
    assert entry.modified and entry.modified.precision == "day"


@pytest.mark.parametrize("version", ["https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1", None])
def test_json_feeds(version: str | None) -> None:
    items = [{"id": "1", "url": "/1", "title": "M &amp; N", "date_published": "2024-05-14T10:00:00+02:00"},
             {"id": "https://b.de/2"}, {"external_url": "https://b.de/3"}, {"id": 4}, "x"]  # fmt: skip
    listing = parsed(json.dumps({"version": version, "items": items}))
    assert [entry.url for entry in listing.entries] == ["https://beispiel.de/1", "https://b.de/2", "https://b.de/3"]
    assert listing.entries[0].published
    assert listing.skipped == {"entry-without-address": 2}


def test_an_index() -> None:
    item = "<sitemap><loc>/a.xml</loc><lastmod>13.08.2016</lastmod></sitemap>"
    listing = parsed(f"<sitemapindex>{item}<sitemap/></sitemapindex>")
    assert [nested.url for nested in listing.nested] == ["https://beispiel.de/a.xml"]
    assert listing.nested[0].modified
    assert listing.skipped == {"entry-without-address": 1}


def test_what_is_left_out_is_counted() -> None:
    listing = parsed(urlset("<loc/>", "<loc>http://[::1</loc>", "<loc>https://b.de/1</loc>", "<lastmod>2024</lastmod>"))
    assert [entry.url for entry in listing.entries] == ["https://b.de/1"]
    assert listing.skipped == {"entry-without-address": 2, "entry-bad-address": 1}
    text = parsed("https://b.de/1\nftp://b.de/2\n# comment\nhttp://[::1\n")
    assert (len(text.entries), text.skipped) == (1, {"entry-bad-address": 2})


@pytest.mark.parametrize("listing", [urlset, rss])
def test_of_entries_that_are_not_closed_each_is_read(listing: Callable[..., str]) -> None:
    name, parts = ("loc", ("<url>", "</url>")) if listing is urlset else ("link", ("<item>", "</item>"))
    items = [f"<{name}>https://b.de/{number}</{name}>" for number in range(5)]
    whole = listing(*items)
    first_open = whole.replace(parts[1], "", 1)
    assert sorted(addresses(first_open)) == [f"https://b.de/{number}" for number in range(5)]


PLAIN = "https://b.de/1\nhttps://b.de/2\t2024-05-14\n"
JSON_FEED = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "/1"}, {"url": "/2"}]})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "body", [PLAIN, f"# Sitemap\r\n#\n\n{PLAIN}", JSON_FEED, rss("<link>/1</link>", "<link>/2</link>")]
)
def test_every_format_in_every_encoding(body: str, encoding: str) -> None:
    assert [url[-2:] for url in addresses(body.encode(encoding))] == ["/1", "/2"]


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(
    "charset",
    ["idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined", "mbcs", "oem", "charmap", "hex",
     "rot13", "utf-16", "utf-32-be", "x" * 40],
)  # fmt: skip
def test_charsets_that_no_document_has(charset: str, declared: bool) -> None:
    body = rss("<title>Größe \\ud800 +2D0-</title><link>/1</link>").encode("cp1252")
    if declared:
        body = f'<?xml version="1.0" encoding="{charset}"?>'.encode() + body
    [entry] = parsed(body, "text/xml" if declared else f"text/xml; charset={charset}").entries
    assert entry.title == "Größe \\ud800 +2D0-"


@pytest.mark.parametrize("before", [b"\n", b"\r\n  ", b"\xef\xbb\xbf"])
def test_gzip_after_what_a_script_printed(before: bytes) -> None:
    assert addresses(before + gzip.compress(PLAIN.encode(), mtime=0)) == ["https://b.de/1", "https://b.de/2"]


@pytest.mark.parametrize(
    ("item", "url", "title", "published", "is_unread"),
    [
        ({"url": "/a", "date_published": 1715673600}, "/a", None, "2024-05-14T08:00", False),
        ({"url": "/a", "date_published": 1715673600000}, "/a", None, "2024-05-14T08:00", False),
        ({"url": "/a", "date_published": 1715673600.5, "title": ["T"]}, "/a", "T", "2024-05-14T08:00", False),
        ({"url": "/a", "date_published": {"at": 1}}, "/a", None, None, True),
        ({"url": "/a", "date_published": True, "title": None}, "/a", None, None, True),
        ({"url": "/a", "date_published": 10**400, "title": 7}, "/a", None, None, True),
        ({"url": ["/a", "/b"], "title": "\ud800T"}, "/a", "\ufffdT", None, False),
        ({"url": 5, "external_url": "/e\ud800"}, "/e\ufffd", None, None, False),
    ],
)
def test_values_of_json_of_other_types(
    item: dict[str, Any], url: str, title: str | None, published: str | None, is_unread: bool
) -> None:
    [entry] = parsed(json.dumps({"items": [item]})).entries
    assert (entry.url, entry.title) == (f"https://beispiel.de{url}", title)
    assert (entry.published and entry.published.at.isoformat()[:16], entry.has_unread_date) == (published, is_unread)


def test_json_with_mistakes_is_repaired_and_a_cut_one_read_to_its_last_whole_entry() -> None:
    assert len(addresses(JSON_FEED[:-2] + ",],}")) == 2
    for end, entries in ((1, 2), (2, 2), (3, 1), (5, 1), (8, 1), (9, 1), (13, 1), (17, 1)):
        cut = parsed(JSON_FEED[:-end])
        assert (len(cut.entries), cut.problem) == (entries, "feed-cut")


def test_a_long_json_feed_that_ends_early_is_read_too() -> None:
    items = [{"url": f"/{number}", "content_text": "ab" * 500} for number in range(1000)]
    cut = parsed(json.dumps({"items": items})[:-1200])
    assert (len(cut.entries), cut.problem) == (998, "feed-cut")


def test_the_title_of_a_picture_is_none_of_the_entry() -> None:
    listing = parsed(rss("<media:title>Bild</media:title><title>T</title><link>/1</link>").replace(
        "<rss", '<rss xmlns:media="https://medien.example/"'
    ))  # fmt: skip
    assert [entry.title for entry in listing.entries] == ["T"]


def test_of_a_title_without_end_the_beginning_is_kept() -> None:
    assert [
        len(entry.title or "") for entry in parsed(rss(f"<title>{'ab ' * 9000}</title><link>/1</link>")).entries
    ] == [2000]


ENTITIES = '<!DOCTYPE urlset [<!ENTITY a "Flut"><!ENTITY b "&a;&a;">]>'
OUTSIDE = '<!DOCTYPE urlset [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (urlset("<loc>&b;</loc>", head=ENTITIES), "entity-bomb"),
        (urlset("<loc>&b;</loc>", head=ENTITIES).encode("utf-16"), "entity-bomb"),
        (gzip.compress(rss(head=ENTITIES).encode(), mtime=0), "entity-bomb"),
        (urlset("<loc>&a;</loc>", head=OUTSIDE), "entity-bomb"),
        ("", "no-feed-or-sitemap"),
        ("Wartungsarbeiten", "no-feed-or-sitemap"),
        ("<html><body>Wartung</body></html>", "no-feed-or-sitemap"),
        ("{}", "no-feed-or-sitemap"),
        ('{"items": 1}', "no-feed-or-sitemap"),
        ("[" * 100_000, "no-feed-or-sitemap"),
        (b"\xff\xfe\x00", "no-feed-or-sitemap"),
        (b"\x1f\x8b" + b"\xff" * 40, "payload-damaged"),
        (gzip.compress(b"<urlset>" + b" " * 2_000_000 + b"</urlset>", mtime=0), "too-large"),
        (urlset("<loc>https://b.de/1</loc>")[:-20], "sitemap-cut"),
        (rss("<link>https://b.de/1</link>")[:-20], "feed-cut"),
    ],
)
def test_what_cannot_be_read_has_a_reason(body: str | bytes, problem: str) -> None:
    assert parsed(body).problem == problem


def test_an_article_about_entities_is_no_bomb() -> None:
    assert parsed(rss("<title><![CDATA[<!ENTITY a>]]></title><link>/1</link>")).entries[0].title == "<!ENTITY a>"


@pytest.mark.parametrize("body", ["<urlset/>", "<urlset></urlset>", rss(), "<rss><channel/></rss>", '{"items": []}'])
def test_an_empty_listing_is_no_problem(body: str) -> None:
    assert parsed(body) == Listing()


def test_what_stands_before_a_broken_place_is_not_lost() -> None:
    listing = parsed(f"<urlset {SITEMAP}><url><loc>https://b.de/1</loc></url><url><loc>https://b.de/2<")
    assert [entry.url for entry in listing.entries] == ["https://b.de/1"]
    assert listing.problem == "sitemap-cut"


@pytest.mark.parametrize(
    ("setting", "body", "count"),
    [
        ("ENTRIES", urlset(*("<loc>/a</loc>" for _ in range(300))), 100),
        ("ENTRIES", "https://b.de/a\n" * 300, 100),
        ("FEED_ENTRIES", rss(*("<link>/a</link>" for _ in range(300))), 100),
        ("FEED_ENTRIES", json.dumps({"items": [{"url": "/a"}] * 300}), 100),
    ],
)
def test_entries_beyond_the_limit_are_counted(
    setting: str, body: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_listing, setting, count)
    listing = parsed(body)
    assert (len(listing.entries), listing.problem) == (count, "too-many-entries")
    assert listing.skipped == {"entry-beyond-limit": 200}


def test_a_feed_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_listing, "LONGEST_FEED", 200)
    listing = parsed(rss("<link>/1</link>", f"<title>{'x' * 10_000}</title><link>/2</link>"))
    assert listing.entries[0].url == "https://beispiel.de/1"
    assert listing.problem == "feed-cut"


@pytest.mark.parametrize(
    "body",
    [
        "<rss>" + "<!--" * 25_000, "<rss>" + "<!-- -->" * 15_000, "<rss>" + "<![CDATA[" * 12_000,
        "<rss>" + "<a><![CDATA[</item>" * 6_000,
        "<rss>" + "<a><![CDATA[</item>" * 6_000 + "]]>", "<rss><a><![CDATA[" + "</item>" * 15_000,
        "<rss>" + "<item>" * 16_000,
        "<rss><item><a " + "x='1' " * 16_000, "<urlset>" + "<!DOCTYPE [" * 10_000, "<rss>" + "&" * 100_000,
        "<rss>" + "&amp" * 25_000, "<rss><item><title>" + "<b" * 50_000, "<?xml " * 16_000,
        "<?xml encoding=" + " " * 100_000,
        "<urlset>" + "<url><loc>" * 10_000, "<" * 100_000, "{" * 100_000, "https://" * 12_000, "<rss " + "x:y" * 30_000,
        "<!DOCTYPE" * 11_000, "<rss>" + "]]>" * 30_000, '{"items": [' + "{" * 90_000, "<urlset>" + "</urlset" * 12_000,
        '{"items": ["' + '\\"' * 50_000, '{"items": [' + "'" * 90_000,
    ],
)  # fmt: skip
def test_hostile_listings_take_linear_time(body: str) -> None:
    begin = time.process_time()
    parsed(body)
    assert time.process_time() - begin < 2


pieces = st.sampled_from(
    ["<urlset>", "</urlset>", "<rss>", "</rss>", "<item>", "</item>", "<url>", "</url>", "<loc>", "</loc>", "<link>",
     "</link>", "https://b.de/1", "&", "&uuml;", "&#0;", "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>",
     "<!DOCTYPE", "[", "]",
     ">", "<", "\0", "\x0b", "ü", "x:", "<n:news>", "2024-05-14", "<pubDate>", "</pubDate>", "{", "}",
     '"items"', ":", "http://[",
     "xml:base='http://['"]
)  # fmt: skip


@given(
    st.sampled_from(["", "<urlset>", "<rss>", "<feed>", '{"items":', "https://b.de/1\n", "<sitemapindex>"]),
    st.one_of(st.binary(max_size=300), st.lists(pieces, max_size=30).map(lambda found: "".join(found).encode())),
)
def test_no_body_raises_and_the_same_body_gives_the_same(head: str, body: bytes) -> None:
    listing = parsed(head.encode() + body)
    assert listing == parsed(head.encode() + body)
    assert len(listing.entries) <= len(body) + 1
