from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.crawler import Served
from klartext.discover import feeds
from klartext.discover.feeds import Unreadable, declares_entities, read

URL = "https://beispiel.de/feed"
BOMB = (
    '<?xml version="1.0"?><!-- <rss> --><!DOCTYPE rss [<!ENTITY a "Flut"><!ENTITY b "&a;&a;&a;&a;">]>'
    '<rss version="2.0"><channel><item><title>&b;</title><link>https://beispiel.de/1</link></item></channel></rss>'
)


def served(body: str | bytes, content_type: str = "application/xml; charset=utf-8") -> Served:
    return Served(URL, content_type, body.encode() if isinstance(body, str) else body)


def rss(*items: str) -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>B</title>{"".join(items)}</channel></rss>'


def test_rss() -> None:
    [entry] = read(served(rss(
        "<item><title> Müller &amp;\n Söhne </title><link>/artikel/1#kommentare</link>"
        "<pubDate>Fri, 12 Aug 2016 10:30:00 +0200</pubDate></item>"
    )))  # fmt: skip
    assert entry.url == "https://beispiel.de/artikel/1#kommentare"
    assert entry.title == "Müller & Söhne"
    assert entry.published == dt.datetime(2016, 8, 12, 8, 30, tzinfo=dt.UTC)
    assert entry.modified is None


def test_atom() -> None:
    [entry] = read(served(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Deichbruch</title><id>tag:1</id>'
        '<link rel="alternate" href="https://beispiel.de/1"/>'
        "<published>2016-08-12T10:30:00+02:00</published><updated>2016-08-13T08:00:00Z</updated></entry></feed>"
    ))  # fmt: skip
    assert entry.url == "https://beispiel.de/1"
    assert entry.published == dt.datetime(2016, 8, 12, 8, 30, tzinfo=dt.UTC)
    assert entry.modified == dt.datetime(2016, 8, 13, 8, tzinfo=dt.UTC)


def test_a_feed_that_is_a_little_broken_still_speaks() -> None:
    body = rss("<item><title>Kohl & Pinkel</title><link>https://beispiel.de/1</link></item>")
    assert [entry.url for entry in read(served(body))] == ["https://beispiel.de/1"]


def test_latin_1_by_the_header() -> None:
    body = rss("<item><title>Grüße</title><link>https://beispiel.de/1</link></item>").replace("?>", " ?>")
    [entry] = read(served(body.encode("latin-1"), "text/xml; charset=iso-8859-1"))
    assert entry.title == "Grüße"


def test_an_empty_feed_is_no_problem() -> None:
    assert read(served(rss())) == []


def test_entries_without_a_link_are_none_and_wrong_dates_are_no_dates() -> None:
    body = rss(
        "<item><title>ohne</title></item>",
        "<item><guid>https://beispiel.de/2</guid><pubDate>am Freitag</pubDate></item>",
    )
    assert [(entry.url, entry.published) for entry in read(served(body))] == [("https://beispiel.de/2", None)]


@pytest.mark.parametrize("body", ["", "<html><body><p>Wartung</p></body></html>", "Deich", "{}", b"\xff\xfe\x00"])
def test_what_is_no_feed(body: str | bytes) -> None:
    with pytest.raises(Unreadable) as error:
        read(served(body, "text/html"))
    assert error.value.reason == "feed-not-xml"


def test_a_body_that_is_the_name_of_a_file_is_not_opened(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("x") / "feed.xml"
    path.write_text(rss("<item><link>https://beispiel.de/1</link></item>"))
    with pytest.raises(Unreadable):
        read(served(str(path)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_entity_bomb_is_not_lit(encoding: str) -> None:
    with pytest.raises(Unreadable) as error:
        read(served(BOMB.encode(encoding)))
    assert error.value.reason == "entity-bomb"


def test_an_article_about_entities_is_no_bomb() -> None:
    assert not declares_entities(rss("<item><title><![CDATA[<!ENTITY a>]]></title></item>").encode())


def test_of_a_million_entries_the_first_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "ENTRIES", 50)
    items = "".join(f"<item><link>/artikel/{n}</link></item>" for n in range(1_000_000))
    with pytest.raises(Unreadable) as error:
        read(served(rss(items)))
    assert error.value.reason == "too-many-entries"
    assert [entry.url for entry in error.value.entries] == [f"https://beispiel.de/artikel/{n}" for n in range(50)]


def test_a_feed_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "LONGEST", 200)
    with pytest.raises(Unreadable) as error:
        read(served(rss("<item><link>/artikel/1</link></item>", "<item><title>", "x" * 10_000, "</title></item>")))
    assert [entry.url for entry in error.value.entries] == ["https://beispiel.de/artikel/1"]


@given(st.binary(max_size=300))
def test_no_body_is_an_error_of_another_kind(body: bytes) -> None:
    try:
        read(served(b"<rss>" + body))
    except Unreadable as error:
        assert error.reason in ("feed-not-xml", "entity-bomb")
