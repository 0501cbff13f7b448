"""Discovery against the newsroom and against servers on loopback."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from klartext.batch import Batch
from klartext.crawler import Limits
from klartext.discover import Discovery, discover, discover_batch
from klartext.discover.interval import Interval
from klartext.discover.step import merged, requests_by_lease
from klartext.lake import Lake
from klartext.model import Candidate
from klartext.sources import Source
from support import loopback
from support.loopback import Answer

BERLIN = ZoneInfo("Europe/Berlin")
START, END = dt.datetime(2016, 8, 12, tzinfo=BERLIN), dt.datetime(2016, 8, 13, tzinfo=BERLIN)
XML = "application/xml"


def source(host: str = "www.beispiel.de", **rules: Any) -> Source:
    fields: dict[str, Any] = {"addresses": {"article": r"/artikel/\d+$"}, "fetch": {"delay": 0}, **rules}
    return Source(slug="beispiel", name="Beispiel", hosts=[host], **fields)


def found(site: loopback.Site, monkeypatch: pytest.MonkeyPatch, now: dt.datetime = END, **rules: Any) -> Discovery:
    monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", site.host)
    rules = {
        key: [site.base + path for path in value] if isinstance(value, list) else value for key, value in rules.items()
    }
    limits = Limits(timeout=2, backoff=0.01, retries=1)
    return discover(source(site.host, discover=rules), START, END, now=now, limits=limits)


def urlset(*entries: tuple[str, str | None]) -> Answer:
    urls = "".join(f"<url><loc>{url}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>" for url, day in entries)
    return Answer(f"<urlset>{urls}</urlset>".encode(), type=XML)


def index(*urls: str) -> Answer:
    return Answer(
        f"<sitemapindex>{''.join(f'<sitemap><loc>{u}</loc></sitemap>' for u in urls)}</sitemapindex>".encode()
    )


def paths(discovery: Discovery) -> list[str]:
    return [candidate.url.partition("/artikel")[2] for candidate in discovery.candidates]


def test_feeds_speak_for_the_last_days_only_and_dated_sitemaps_for_every_day() -> None:
    publisher = source(discover={
        "feeds": ["https://www.beispiel.de/feed"],
        "news_sitemaps": ["https://www.beispiel.de/news.xml"],
        "dated_sitemaps": ["https://www.beispiel.de/{day:%Y-%m-%d}.xml", "https://www.beispiel.de/{day:%Y}.xml"],
        "recent_days": 3,
    })  # fmt: skip
    start, end = dt.datetime(2016, 8, 12, 4, tzinfo=BERLIN), dt.datetime(2016, 8, 13, 4, tzinfo=BERLIN)

    def asked(days_later: int) -> list[tuple[str, str | None]]:
        interval = Interval(start, end, end + dt.timedelta(days=days_later), BERLIN)
        return [
            (request.url.rpartition("/")[2], request.context.get("day"))
            for request in requests_by_lease(publisher, interval)["beispiel"]
        ]

    dated = [("2016-08-12.xml", "2016-08-12"), ("2016-08-13.xml", "2016-08-13"), ("2016.xml", None)]
    assert asked(2) == [("feed", None), ("news.xml", None), *dated]
    assert asked(3) == dated


def test_nothing_that_could_speak_is_no_error() -> None:
    assert discover(source(), START, END) == Discovery([], [], 0)


def test_only_articles_of_the_source_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.serve({}) as site:
        site.pages["/feed"] = Answer(
            '<rss version="2.0"><channel>'
            "<item><title>Grüße</title><link>/artikel/1?utm_source=rss#k</link>"
            "<pubDate>Fri, 12 Aug 2016 10:00:00 +0200</pubDate></item>"
            "<item><link>https://b.example/artikel/9</link><pubDate>Fri, 12 Aug 2016 10:00:00 +0200</pubDate></item>"
            "<item><link>/video/3</link><pubDate>Fri, 12 Aug 2016 10:00:00 +0200</pubDate></item>"
            "<item><link>mailto:wir@beispiel.de</link><pubDate>Fri, 12 Aug 2016 10:00:00 +0200</pubDate></item>"
            "<item><link>/artikel/4</link><pubDate>Thu, 11 Aug 2016 10:00:00 +0200</pubDate></item>"
            "</channel></rss>".encode(),
            type="application/rss+xml",
        )
        site.pages["/s.xml"] = urlset(
            (f"{site.base}/artikel/1", "2016-08-12T12:00:00+02:00"), (f"{site.base}/artikel/2", "2016-08-12")
        )
        result = found(site, monkeypatch, feeds=["/feed"], dated_sitemaps=["/s.xml"])
    assert result.problems == []
    assert sorted(result.candidates, key=lambda candidate: candidate.url) == [
        Candidate(
            url=f"{site.base}/artikel/1",
            discovered_from=f"{site.base}/feed",
            title="Grüße",
            published_at=dt.datetime(2016, 8, 12, 8, tzinfo=dt.UTC),
            modified_at=dt.datetime(2016, 8, 12, 10, tzinfo=dt.UTC),
        ),
        Candidate(
            url=f"{site.base}/artikel/2",
            discovered_from=f"{site.base}/s.xml",
            title=None,
            published_at=None,
            modified_at=END - dt.timedelta(microseconds=1),  # the day's last instant, where the publisher is
        ),
    ]


def test_indexes_are_followed_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.serve({}) as site:
        entry = (f"{site.base}/artikel/1", "2016-08-12")
        site.pages |= {
            "/i.xml": index("/i.xml", "/j.xml", "/s-2016-08.xml.gz", "/s-2016-03.xml.gz", "https://fremd.example/x"),
            "/j.xml": index("/i.xml", "/k.xml"),
            "/k.xml": index("/l.xml"),
            "/l.xml": index("/m.xml"),
            "/s-2016-08.xml.gz": Answer(gzip.compress(urlset(entry).body)),
        }
        result = found(site, monkeypatch, dated_sitemaps=["/i.xml"])
        assert paths(result) == ["/1"]
        assert result.candidates[0].discovered_from == f"{site.base}/s-2016-08.xml.gz"
        assert [(p.url, p.outcome, p.reason) for p in result.problems] == [
            (f"{site.base}/l.xml", "failed", "index-too-deep"),
            ("https://fremd.example/x", "refused", "foreign-host"),
        ]
        assert [(s.origin, s.reason, s.count) for s in result.skipped] == [
            (f"{site.base}/l.xml", "sitemap-too-deep", 1)
        ]
        assert sorted(site.paths()) == ["/i.xml", "/j.xml", "/k.xml", "/l.xml", "/robots.txt", "/s-2016-08.xml.gz"]
        assert result.origins == 6


def test_an_origin_that_fails_is_told_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    robots = Answer(b"User-agent: *\nDisallow: /geheim", type="text/plain")
    bomb = Answer(b'<!DOCTYPE r [<!ENTITY a "b">]><rss version="2.0"><channel><title>&a;</title></channel></rss>')
    pages: dict[str, loopback.Page] = {
        "/robots.txt": robots,
        "/keiner": Answer(b"<html>"),
        "/bombe": bomb,
        "/500": Answer(status=500),
        "/s.xml": Answer(b"<html>"),
    }
    with loopback.serve(pages) as site:
        site.pages["/gut.xml"] = urlset((f"{site.base}/artikel/1", None))
        feeds = ["/keiner", "/bombe", "/500", "/geheim"]
        result = found(site, monkeypatch, feeds=feeds, news_sitemaps=["/s.xml", "/gut.xml", "/404"])
        assert paths(result) == ["/1"]
        assert {(p.url.removeprefix(site.base), p.outcome, p.reason, p.discovered_from) for p in result.problems} == {
            ("/keiner", "failed", "feed-not-xml", "source:beispiel"),
            ("/bombe", "failed", "entity-bomb", "source:beispiel"),
            ("/500", "failed", "http-500", "source:beispiel"),
            ("/geheim", "disallowed", "robots", "source:beispiel"),
            ("/s.xml", "failed", "not-a-sitemap", "source:beispiel"),
            ("/404", "gone", "http-404", "source:beispiel"),
        }


def test_a_sitemap_that_breaks_off_gives_what_it_has_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.serve({}) as site:
        whole = urlset((f"{site.base}/artikel/1", "2016-08-12"), (f"{site.base}/artikel/2", "2016-08-12"))
        site.pages["/s.xml"] = Answer(whole.body[:-30])
        result = found(site, monkeypatch, dated_sitemaps=["/s.xml"])
        assert paths(result) == ["/1"]
        assert [problem.reason for problem in result.problems] == ["sitemap-cut"]


def test_the_past_is_asked_for_where_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.serve({"/feed": Answer(b"<rss version='2.0'><channel/></rss>"), "/i.xml": index("/s.xml")}) as site:
        site.pages["/s.xml"] = urlset()
        monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", site.host)
        rules = {"feeds": [f"{site.base}/feed"], "dated_sitemaps": [f"{site.base}/i.xml"]}
        publisher = source(site.host, discover=rules, fetch={"delay": 0, "memento": True})
        discover(publisher, START, END, now=END)
        sent = {asked.path: asked.headers.get("accept-datetime") for asked in site.log}
    moment = "Fri, 12 Aug 2016 21:59:59 GMT"
    assert sent == {"/robots.txt": None, "/feed": None, "/i.xml": moment, "/s.xml": moment}


def test_of_two_addresses_of_a_page_the_plainer_one_is_asked() -> None:
    def candidate(url: str, title: str | None = None) -> Candidate:
        return Candidate(url=url, discovered_from="a", title=title, published_at=None, modified_at=None)

    [one] = merged([
        candidate("http://m.b.de/1?utm_source=x"), candidate("https://www.b.de/1?wt_zmc=x", "T"),
        candidate("http://b.de/1"), candidate("https://www.b.de/1/"), candidate("https://www.b.de/1"),
        candidate("https://www.b.de/1?cid=feed"),
    ], Source(slug="b", name="B", hosts=["b.de"], addresses={"ignore_parameters": ["cid"]}))  # fmt: skip
    assert (one.url, one.title) == ("https://www.b.de/1", "T")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path / "lake"))


def test_problems_are_rows_once(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.serve({"/feed": [Answer(b"<html>"), Answer(b"<html>"), Answer(b"", 410)]}) as site:
        monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", site.host)
        publisher = source(site.host, discover={"feeds": [f"{site.base}/feed"], "recent_days": 36500})
        batch = Batch.of_interval(publisher, START, END)
        tables = []
        for _ in range(3):
            discover_batch(lake, batch, publisher)
            tables.append(lake.staged(batch, "fetches"))
    assert tables[0] == tables[1]
    assert tables[2] is not None
    assert [(row["reason"], row["attempt"]) for row in tables[2].to_pylist()] == [("feed-not-xml", 1), ("http-410", 2)]


def test_what_is_left_out_is_staged_by_origin_and_reason(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.serve({}) as site:
        monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", site.host)
        quoted = site.base.replace(":", "%3A")
        feed = "".join(
            f"<item>{item}</item>"
            for item in (
                f"<link>{site.base}/artikel/1</link>",
                f"<link>{site.base}/artikel/2</link><pubDate>am Freitag</pubDate>",
                f"<link>{site.base}/thema/3</link><pubDate>2016-08-12</pubDate>",
                "<link>https://fremd.example/artikel/4</link><pubDate>2016-08-12</pubDate>",
                f"<link>https://t.example/?u={quoted}/artikel/5</link><pubDate>2016-08-12</pubDate>",
                "<title>ohne Adresse</title>",
                f"<link>{site.base}/artikel/6</link><pubDate>2016-08-11</pubDate>",
                f"<link>{site.base}/artikel/2016/07/7</link>",
            )
        )
        site.pages["/feed"] = Answer(f"<rss><channel>{feed}</channel></rss>".encode())
        publisher = source(site.host, discover={"feeds": [f"{site.base}/feed"], "recent_days": 36500})
        batch = Batch.of_interval(publisher, START, END)
        # an undated entry of a feed was taken by the run that saw it first
        assert discover_batch(lake, batch, publisher)["candidates"] == 1
        rows = lake.staged(batch, "skipped_by_discover")
        assert discover_batch(lake, batch, publisher, replay=True)["candidates"] == 1
        assert rows == lake.staged(batch, "skipped_by_discover")
    assert rows is not None
    assert rows.to_pylist() == [
        {"origin": f"{site.base}/feed", "reason": reason, "count": 1}
        for reason in (
            "entry-date-unread", "entry-not-article", "entry-other-host", "entry-undated", "entry-without-address",
        )
    ]  # fmt: skip
