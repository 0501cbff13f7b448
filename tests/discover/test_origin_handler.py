"""What the handler of a discovery makes of listings: candidates, further sitemaps, counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.crawler import CrawlRequest, HandlerResult, ServedResponse
from klartext.discover import origin_handler
from klartext.discover.origin_handler import OriginHandler

URL = "https://www.bote.example/s.xml"


def take(
    body: str | bytes, kind: str = "sitemap", depth: int = 0, now: str = "2024-06-20T00:00:00+00:00"
) -> HandlerResult:
    handler = OriginHandler(
        start="2024-05-14T00:00:00+02:00",
        end="2024-05-15T00:00:00+02:00",
        now=now,
        zone="Europe/Berlin",
        hosts=["www.bote.example", "bote.example"],
        size=1_000_000,
    )
    raw = body.encode() if isinstance(body, str) else body
    return handler.handle(
        CrawlRequest(url=URL, via="v", context={"kind": kind, "depth": depth, "query": URL}),
        ServedResponse(URL, "text/html", raw),
    )


def urlset(*entries: tuple[str, str | None]) -> str:
    items = (f"<loc>{url}</loc>" + (f"<lastmod>{date}</lastmod>" if date else "") for url, date in entries)
    return f"<urlset>{''.join(f'<url>{item}</url>' for item in items)}</urlset>"


def addresses(taken: HandlerResult) -> list[str]:
    return [row["url"] for row in taken.rows]


@pytest.mark.parametrize(
    "date",
    ["2024-05-14", "2024-5-14", "2024/05/14", "14.05.2024", "14.05.2024 10:00", "14.5.2024, 10:00 Uhr", "2024-05",
     "2024-05-14t10:00:00z", "20240514T100000Z", "2024-05-14 10:00:00", "Tue, 14 May 2024 10:00:00 CEST", "1715673600",
     "2024-05-14T10:00:00.123456+02:00", "2024-05-14T00:00:00Z", "2024"],
)  # fmt: skip
def test_dates_of_the_day_in_every_form(date: str) -> None:
    assert addresses(take(urlset(("https://www.bote.example/a", date)))) == ["https://www.bote.example/a"]


@pytest.mark.parametrize("date", ["2024-05-13", "15.05.2024", "2024-04", "2023", "2024-05-15T10:00:00Z", "1715500000"])
def test_dates_of_another_day_are_of_another_batch(date: str) -> None:
    taken = take(urlset(("https://www.bote.example/a", date)))
    assert (taken.rows, taken.skipped) == ([], {})


@pytest.mark.parametrize(
    ("url", "cleaned"),
    [
        ("https://WWW.Bote.example/A", "https://www.bote.example/A"),
        ("https://www.bote.example:443/a", "https://www.bote.example/a"),
        ("http://www.bote.example:80/a", "http://www.bote.example/a"),
        ("https://www.bote.example./a", "https://www.bote.example/a"),
        ("https://www.bote.example.:443/a", "https://www.bote.example/a"),
        ("//www.bote.example/a", "https://www.bote.example/a"),
        ("/a", "https://www.bote.example/a"),
        ("https://m.bote.example/a#x", "https://m.bote.example/a"),
        ("https://t.example/r?x=1&amp;u=https%3A%2F%2Fbote.example%2Fa", "https://bote.example/a"),
        ("https://t.example/r/https://bote.example/a?b=1", "https://bote.example/a?b=1"),
        ("https://t.example/r/7/https%3a%2F%2Fbote.example%2Fa%3Fb=1?id=2", "https://bote.example/a?b=1"),
        ("https://bote-example.cdn.amp.example/c/s/bote.example/a?b=1", "https://bote.example/a?b=1"),
        ("https://www.search.example/amp/s/www.bote.example/amp/s/a", "https://www.bote.example/amp/s/a"),
    ],
)
def test_addresses_of_the_publisher_in_every_form(url: str, cleaned: str) -> None:
    assert addresses(take(urlset((url, "2024-05-14")))) == [cleaned]


def test_entries_of_other_hosts_are_counted() -> None:
    others = [
        "https://x.example/a", "https://www.bote.example:8443/a", "https://x.example/r/https://y.example/a",
        "https://x.example/c/s/y.example/www.bote.example/a", "https://x.example/#https://www.bote.example/a",
    ]  # fmt: skip
    taken = take(urlset(*((url, "2024-05-14") for url in others)))
    assert (taken.rows, taken.skipped) == ([], {"entry-other-host": 5})


def test_a_backfill_keeps_what_a_sitemap_does_not_date(monkeypatch: pytest.MonkeyPatch) -> None:
    host = "https://www.bote.example"
    listing = urlset(
        (f"{host}/a", None), (f"{host}/b", "bald"), (f"{host}/2023/05/14/c", None), (f"{host}/2024/05/d", None)
    )
    taken = take(listing)
    assert addresses(taken) == [f"{host}/a", f"{host}/b", f"{host}/2024/05/d"]
    assert taken.skipped == {"entry-undated": 2, "entry-date-unread": 1}
    monkeypatch.setattr(origin_handler, "UNDATED", 1)
    limited = take(listing)
    assert len(limited.rows) == 1
    assert limited.skipped["entry-undated-beyond-limit"] == 2


def test_a_feed_does_not_bring_what_it_does_not_date_into_the_past() -> None:
    taken = take("<rss><channel><item><link>/a</link></item></channel></rss>", "feed")
    assert (taken.rows, taken.skipped) == ([], {"entry-undated": 1})


@pytest.mark.parametrize(
    ("date", "reason"),
    [
        ("", "entry-undated"),
        ("bald", "entry-date-unread"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "entry-date-implausible"),
        ("Mon, 01 Jan 2035 00:00:00 GMT", "entry-date-implausible"),
    ],
)
def test_what_nothing_dates_in_a_feed_is_counted_and_found_by_the_latest_run(date: str, reason: str) -> None:
    feed = f"<rss><channel><item><link>/a</link><pubDate>{date}</pubDate></item></channel></rss>"
    past, latest = take(feed, "feed"), take(feed, "feed", now="2024-05-15T03:00:00+02:00")
    assert (past.rows, past.skipped) == ([], {reason: 1})
    assert (addresses(latest), latest.skipped) == (["https://www.bote.example/a"], {reason: 1})


def test_implausible_dates_count_towards_the_limit_of_undated_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origin_handler, "UNDATED", 1)
    taken = take(urlset(*((f"https://www.bote.example/{name}", "1970-01-01") for name in "abc")))
    assert len(taken.rows) == 1
    assert taken.skipped == {"entry-date-implausible": 3, "entry-undated-beyond-limit": 2}


def test_children_of_an_index_are_asked_for_wherever_they_are() -> None:
    places = ["https://cdn.bote-static.example/s1.xml", "/s2.xml", "https://WWW.bote.example/s2.xml", URL]
    index = "".join(f"<sitemap><loc>{place}</loc></sitemap>" for place in places)
    taken = take(f"<sitemapindex>{index}</sitemapindex>")
    assert [request.url for request in taken.next_requests] == [places[0], "https://www.bote.example/s2.xml"]
    deep = take(f"<sitemapindex>{index}</sitemapindex>", depth=origin_handler.DEPTH)
    assert (deep.next_requests, deep.problem, deep.skipped) == ([], "index-too-deep", {"sitemap-too-deep": 3})


def test_children_that_differ_in_a_parameter_or_a_part_of_the_path_are_other_sitemaps() -> None:
    names = ["sitemap.xml?page=1", "sitemap.xml?page=2", "sitemap.xml?source=rss", "s/seite-1", "s/seite-2", "print/"]
    places = [f"https://www.bote.example/{name}" for name in names] + ["https://m.bote.example/s.xml"]
    same = ["https://www.bote.example/sitemap.xml?page=1#a", "http://www.bote.example.:80/sitemap.xml?page=2", URL]
    index = "".join(f"<sitemap><loc>{place}</loc></sitemap>" for place in (*places, *same))
    taken = take(f"<sitemapindex>{index}</sitemapindex>")
    assert [request.url for request in taken.next_requests] == places


@given(
    st.sampled_from(["feed", "sitemap", "cdx"]),
    st.lists(
        st.sampled_from(
            ["<urlset>", "<rss>", "<item>", "</item>", "<url>", "</url>", "<loc>", "</loc>", "<link>", "</link>", "http://[",
             "https://bote.example:x/", "https://t.example/?u=", "%", "https://www.bote.example/a", "&",
             "2024-05-14", "?",
             "<sitemapindex>", "<sitemap>", "</sitemap>", "<lastmod>", "</lastmod>", "\u2100", "20240514000000 ", "\n"]
        ),
        max_size=25,
    ),
)  # fmt: skip
def test_no_body_raises_and_the_same_body_gives_the_same(kind: str, parts: list[str]) -> None:
    body = "".join(parts)
    assert take(body, kind) == take(body, kind)
