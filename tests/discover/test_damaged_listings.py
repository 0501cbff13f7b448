"""Feeds and sitemaps with damaged addresses, inside or behind something else, or with parts that are not closed."""

from __future__ import annotations

import pytest

from support.listings import addresses, parsed, rss, urlset


@pytest.mark.parametrize(
    ("loc", "url"),
    [
        ("https%3A%2F%2Fbeispiel.de%2F1", "https://beispiel.de/1"),
        ("www.beispiel.de/1", "https://www.beispiel.de/1"),
        ("Beispiel.de/1", "https://Beispiel.de/1"),
        ("https:/beispiel.de/1", "https://beispiel.de/1"),
        ("HTTP:///beispiel.de/1", "http://beispiel.de/1"),
        ("index.html/1", "https://beispiel.de/index.html/1"),
        ("1.html", "https://beispiel.de/1.html"),
    ],
)
def test_addresses_with_a_wrong_beginning(loc: str, url: str) -> None:
    assert addresses(urlset(f"<loc>{loc}</loc>")) == [url]


@pytest.mark.parametrize(
    ("loc", "url"),
    [
        ("https:b.de/1", "https://b.de/1"),
        ("https//b.de/1", "https://b.de/1"),
        ("://b.de/1", "https://b.de/1"),
        ("www.b.de/1", "https://www.b.de/1"),
        ("www.html/1", "https://beispiel.de/www.html/1"),
        ("https://b.de/?a=1&amp;#038;b=2&amp;amp;amp;c=3&amp;#x26;d=4", "https://b.de/?a=1&b=2&c=3&d=4"),
        ("https://b.de/1#038;", "https://b.de/1#038;"),
        ("https://https//b.de/1", "https://b.de/1"),
        ("https://http://b.de/1", "http://b.de/1"),
        ("https://b.dehttps://b.de/1", "https://b.de/1"),
        ("https://www.b.dehttp://b.de/1", "http://b.de/1"),
        ("https://b.de/https://b.de/1", "https://b.de/https://b.de/1"),
        ("https://b.de/?u=https://c.de/", "https://b.de/?u=https://c.de/"),
        ("http:\\\\b.de\\1", "http://b.de\\1"),
    ],
)
def test_addresses_whose_scheme_is_damaged_or_behind_the_site(loc: str, url: str) -> None:
    assert addresses(urlset(f"<loc>{loc}</loc>")) == [url]


def test_what_is_no_address_of_a_page_is_counted() -> None:
    locs = ["#", "https://", "http", "javascript:void(0)", "mailto:wir@b.de", "ftp://b.de/1"]
    listing = parsed(urlset(*(f"<loc>{loc}</loc>" for loc in locs)))
    assert (listing.entries, listing.skipped) == ([], {"entry-bad-address": len(locs)})
    assert parsed(urlset(f"<loc>http%3A{'%2F' * 11_000}b.de</loc>")).skipped == {"entry-bad-address": 1}
    index = parsed("<sitemapindex><sitemap><loc>ftp://b.de/s.xml</loc></sitemap></sitemapindex>")
    assert (index.nested, index.skipped) == ([], {"entry-bad-address": 1})


PAGE = "<!DOCTYPE html><html><head><title>Wartung</title></head><body><p>Bald wieder da</body></html>"


@pytest.mark.parametrize(
    "body",
    [
        PAGE + "\n" + rss("<link>https://b.de/1</link>", head='<?xml version="1.0"?>'),
        PAGE + urlset("<loc>https://b.de/1</loc>"),
        f"<html><body><div id='viewer'>{urlset('<loc>https://b.de/1</loc>')}</div></body></html>",
        f"<data>{rss('<link>https://b.de/1</link>')}</data>",
        "Notice: see https://php.example/doc\n" + urlset("<loc>https://b.de/1</loc>"),
        "https://php.example/doc\n" + rss("<link>https://b.de/1</link>", head='<?xml version="1.0"?>'),
        "[14-May-2024] Warning in x.php\n" + urlset("<loc>https://b.de/1</loc>"),
        urlset("<loc>https://b.de/1</loc>", head='<?xml version="1.0" encoding="utf-8">'),
        f"<urlset>{urlset('<loc>https://b.de/1</loc>')}</urlset>",
    ],
)
def test_what_stands_before_a_listing_or_around_it(body: str) -> None:
    assert addresses(body) == ["https://b.de/1"]


@pytest.mark.parametrize(
    "body",
    [
        "<html><body><svg><metadata><rdf:RDF xmlns:rdf='r'></rdf:RDF></metadata></svg></body></html>",
        "<!DOCTYPE html><html><body><rss></rss></body></html>",
        PAGE,
    ],
)
def test_a_page_with_an_element_of_that_name_is_no_empty_feed(body: str) -> None:
    assert parsed(body).problem == "no-feed-or-sitemap"


@pytest.mark.parametrize(
    "subset",
    [
        '<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES Latin 1 for XHTML//EN" "http://b.de/xhtml-lat1.ent"> %HTMLlat1;',
        '<!ENTITY uuml "&#252;"><!ENTITY nbsp "&#160;">',
    ],
)
def test_entities_of_html_may_be_declared(subset: str) -> None:
    head = f"<!DOCTYPE rss [ {subset} ]>"
    assert [entry.title for entry in parsed(rss("<title>M&uuml;hle</title><link>/1</link>", head=head)).entries] == [
        "Mühle"
    ]


@pytest.mark.parametrize("open_section", ["<description><![CDATA[<p>a</p></description>", "<description><![CDATA[<p>a"])
@pytest.mark.parametrize("rest", ["<![CDATA[b]]>", "b"])
def test_a_section_that_is_not_closed_does_not_hide_the_next_entries(open_section: str, rest: str) -> None:
    body = rss(f"<link>/1</link>{open_section}", f"<title>{rest}</title><link>/2</link>", "<link>/3</link>")
    entries = {entry.url[-1]: entry.title for entry in parsed(body).entries}
    assert entries == {"1": None, "2": "b", "3": None}


def test_a_section_in_a_section_and_one_about_entries() -> None:
    body = rss(
        "<description><![CDATA[ a <![CDATA[ b ]]> c ]]></description><link>/1</link>",
        "<description><![CDATA[ a </item> b ]]></description><link>/2</link>",
    )
    assert [url[-1] for url in addresses(body)] == ["1", "2"]


def test_an_empty_element_does_not_hide_a_later_one() -> None:
    [entry] = parsed(urlset(
        "<loc/><loc>https://b.de/1</loc><lastmod> </lastmod><lastmod>2024-05-14</lastmod><n:news><n:title/></n:news>"
        "<n:news><n:news><n:title>T</n:title><n:publication><n:publication_date>2024-05-13</n:publication_date>"
        "</n:publication></n:news></n:news>"
    )).entries  # fmt: skip
    assert (entry.url, entry.title) == ("https://b.de/1", "T")
    assert entry.modified and entry.published and entry.published.at < entry.modified.at


def test_sitemaps_among_pages_and_pages_in_an_index() -> None:
    listing = parsed(urlset(
        "<loc>/sitemap-1.xml</loc><lastmod>2024-05-14</lastmod>", "<loc>/s.xml.gz?x=1</loc>", "<loc>/artikel.xml</loc>",
        "<loc>/1?f=sitemap.xml</loc>",
    ))  # fmt: skip
    assert [nested.url[19:] for nested in listing.nested] == ["/sitemap-1.xml", "/s.xml.gz?x=1"]
    assert listing.nested[0].modified
    assert [entry.url[19:] for entry in listing.entries] == ["/artikel.xml", "/1?f=sitemap.xml"]
    index = parsed("<sitemapindex><url><loc>/a.xml</loc></url><sitemap><loc>/b.xml</loc></sitemap></sitemapindex>")
    assert [nested.url[19:] for nested in index.nested] == ["/a.xml", "/b.xml"]
    text = parsed("https://b.de/sitemap1.xml\nhttps://b.de/1\n")
    assert ([n.url for n in text.nested], [e.url for e in text.entries]) == (
        ["https://b.de/sitemap1.xml"],
        ["https://b.de/1"],
    )


@pytest.mark.parametrize(
    "body",
    ["https://b.de/1 https://b.de/2", "https://b.de/1,https://b.de/2", "https://b.de/1\rhttps://b.de/2",
     "https://b.de/1\0\nhttps://b.de/\x0b2\x0c", "https://b.de/1\u2028https://b.de/2\x85"],
)  # fmt: skip
def test_lines_of_plain_text(body: str) -> None:
    assert addresses(body, "text/plain; charset=utf-8") == ["https://b.de/1", "https://b.de/2"]


def test_the_sitemaps_of_a_robots_txt() -> None:
    listing = parsed(
        "\ufeffUser-agent: *\r\nDisallow: /a\r\nSitemap: https://cdn.example/s.xml # x\r\n sitemap:/t.xml\r\n"
        "Site-map : https://b.de/u.xml\r\nSitemap:\r\nSitemap: ftp\r\n"
    )
    assert [nested.url for nested in listing.nested] == [
        "https://cdn.example/s.xml", "https://beispiel.de/t.xml", "https://b.de/u.xml"
    ]  # fmt: skip
    assert parsed("User-agent: *\nDisallow:\n").problem == "no-feed-or-sitemap"
