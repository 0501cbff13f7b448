from __future__ import annotations

import datetime as dt
from pathlib import Path

import feedparser
import pytest
from defusedxml import ElementTree as ET

import newsroom
from klartext import sources
from klartext.urls import normalize
from newsroom.model import DAYS, end_of_day
from support.crawls import request

SITES = newsroom.load()
NAMESPACES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}
EVENINGS = [dt.datetime(day.year, day.month, day.day, 21, 59, 59, tzinfo=dt.UTC) for day in DAYS]
each_site = pytest.mark.parametrize("site", SITES, ids=lambda site: site.slug)


def locations(body: bytes) -> dict[str, str]:
    """Address and lastmod of each entry of a sitemap."""
    entries = ET.fromstring(body).findall("s:url", NAMESPACES)
    return {e.findtext("s:loc", namespaces=NAMESPACES): e.findtext("s:lastmod", "", NAMESPACES) for e in entries}


def dated(press: newsroom.Press, site: newsroom.Site, day: dt.date, moment: dt.datetime | None) -> dict[str, str]:
    """The dated sitemap of a day as the site's own source file names it, indexes followed."""
    source = sources.load()[site.slug]
    [template] = source.discover.dated_sitemaps
    target = template.format(day=day).removeprefix(press.url(site.slug, ""))
    reply = request(press, site.slug, target, moment)
    assert reply.status == 200
    root = ET.fromstring(reply.body)
    found = locations(reply.body)
    for place in root.findall("s:sitemap/s:loc", NAMESPACES):
        found |= locations(request(press, site.slug, place.text.removeprefix(press.url(site.slug, "")), moment).body)
    return found


@each_site
def test_the_feed_is_valid_and_grows_with_the_days(press: newsroom.Press, site: newsroom.Site) -> None:
    sizes = []
    for moment in EVENINGS:
        feed = feedparser.parse(request(press, site.slug, site.feed.path, moment).body)
        assert not feed.bozo
        assert feed.version == {"rss": "rss20", "atom": "atom10"}[site.feed.form]
        assert len(feed.entries) == len(site.listed(moment))
        for entry in feed.entries:
            assert entry.title
            assert entry.published_parsed <= moment.utctimetuple()
        sizes.append(len(feed.entries))
    assert sizes == sorted(set(sizes)), "every day brings something new"
    last = request(press, site.slug, site.feed.path, EVENINGS[-1])
    assert request(press, site.slug, site.feed.path).body == last.body


@each_site
def test_what_feed_and_sitemaps_name_is_an_article_by_the_source_file(
    press: newsroom.Press, press_sources: Path, site: newsroom.Site
) -> None:
    source = sources.load()[site.slug]
    feed = feedparser.parse(request(press, site.slug, site.feed.path).body)
    listed = {press.url(site.slug, entry.path) for entry in site.listed(newsroom.LAST_MOMENT)}
    assert {normalize(entry.link) for entry in feed.entries} == listed
    assert all(source.is_article(address) for address in listed)
    assert len({source.article_id(address) for address in listed}) == len(listed)
    news = locations(request(press, site.slug, site.news_sitemap).body)
    assert news.keys() <= listed
    by_day = [dated(press, site, day, None) for day in DAYS]
    assert set().union(*by_day) == listed


def test_links_of_a_feed_carry_tracking_that_folds_away(press: newsroom.Press) -> None:
    for slug, path in (("kontorblatt", "/feed"), ("nordwoche", "/newsfeed/index")):
        links = [entry.link for entry in feedparser.parse(request(press, slug, path).body).entries]
        assert links
        assert all("?" in link and "?" not in normalize(link) for link in links)


@each_site
def test_the_news_sitemap_names_the_last_two_days(press: newsroom.Press, site: newsroom.Site) -> None:
    body = request(press, site.slug, site.news_sitemap).body
    days = [e.text for e in ET.fromstring(body).iterfind(".//n:publication_date", NAMESPACES)]
    assert len(days) == len(locations(body))
    assert {day[:10] for day in days} == {"2024-05-15", "2024-05-16"}
    assert all(dt.datetime.fromisoformat(day).utcoffset() == dt.timedelta(hours=2) for day in days)


@each_site
def test_an_article_stands_in_the_dated_sitemap_of_its_day(
    press: newsroom.Press, press_sources: Path, site: newsroom.Site
) -> None:
    listed = 0
    for day, moment in zip(DAYS, EVENINGS, strict=True):
        found = dated(press, site, day, moment)
        for version in site.versions:
            if end_of_day(version.changed) == moment:
                lastmod = found[press.url(site.slug, version.path)]
                assert lastmod.startswith(day.isoformat())
                assert (len(lastmod) > 10) == site.dated_sitemap.clock
                listed += 1
    assert listed > 10


def test_an_edited_article_stands_in_the_sitemaps_of_both_days(press: newsroom.Press, press_sources: Path) -> None:
    [site] = [site for site in SITES if site.slug == "nordwoche"]
    whale = press.url("nordwoche", "/wissen/2024-05/buckelwal-flensburger-foerde-rettung")
    first, second, third = (dated(press, site, day, at) for day, at in zip(DAYS, EVENINGS, strict=True))
    assert first[whale] == "2024-05-14T15:11:42+02:00"
    assert second[whale] == "2024-05-15T18:40:05+02:00"
    assert whale not in third


@each_site
def test_nothing_is_named_before_the_first_day(press: newsroom.Press, site: newsroom.Site) -> None:
    before = dt.datetime(2024, 5, 13, 21, 59, 59, tzinfo=dt.UTC)
    assert feedparser.parse(request(press, site.slug, site.feed.path, before).body).entries == []
    assert locations(request(press, site.slug, site.news_sitemap, before).body) == {}


@pytest.mark.parametrize(
    ("slug", "target"),
    [
        ("kontorblatt", "/sitemap/2024-13-01.xml"),
        ("nordwoche", "/gsitemaps/index.xml?date=gestern"),
        ("nordwoche", "/gsitemaps/index.xml"),
        ("spreepegel", "/contentexport/static/sitemap-index_2019.xml"),
        ("telex8", "/sitemap-2.xml"),
    ],
)
def test_a_sitemap_that_does_not_exist_is_404(press: newsroom.Press, slug: str, target: str) -> None:
    assert request(press, slug, target).status == 404


@each_site
def test_the_home_page_and_sections_link_to_articles(press: newsroom.Press, site: newsroom.Site) -> None:
    home = request(press, site.slug, "/").text
    assert all(f'href="{press.url(site.slug, a.path)}"' in home for a in site.as_of(newsroom.LAST_MOMENT))
    newest = site.as_of(newsroom.LAST_MOMENT)[0]
    assert newest.path in request(press, site.slug, "/" + newest.section).text
