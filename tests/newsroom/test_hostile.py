from __future__ import annotations

import gzip
import http.client
import re
import zlib

import feedparser
import pytest

import newsroom
from klartext import sources
from newsroom import hostile
from support.crawls import request


def test_the_feed_names_every_hostile_page(press: newsroom.Press) -> None:
    feed = feedparser.parse(request(press, "hostile", "/feed.xml").body)
    assert not feed.bozo
    assert [entry.link for entry in feed.entries] == [press.url("hostile", path) for path in hostile.PAGES]


def test_its_source_file_is_written_when_asked_for(press: newsroom.Press, tmp_path: object) -> None:
    folder = press.sources(tmp_path, hostile=True)  # type: ignore[arg-type]
    found = sources.load([sources.DEFAULT_DIRECTORIES, folder])["hostile"]
    assert found.hosts == [f"127.0.0.1:{press.ports['hostile']}"]
    assert all(origin.startswith(press.hostile.base) for origin in found.discover.feeds)


def test_the_large_page_is_large(press: newsroom.Press) -> None:
    assert len(request(press, "hostile", "/huge.html").body) >= 50 * 1024 * 1024


def test_the_packed_page_is_large_when_it_is_unpacked(press: newsroom.Press) -> None:
    reply = request(press, "hostile", "/gzip-bomb.html")
    assert len(reply.body) < 200_000
    assert len(gzip.decompress(reply.body)) == 100 * 2**20


def test_ten_thousand_megabytes_of_zeros_are_ten_when_they_are_packed(press: newsroom.Press) -> None:
    reply = request(press, "hostile", "/zeros.html")
    assert len(reply.body) < 12 * 2**20
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    unpacked = zlib.decompressobj(31).decompress(reply.body, 50 * 2**20)
    assert unpacked == bytes(50 * 2**20)


def test_the_deep_page_is_deep(press: newsroom.Press) -> None:
    assert request(press, "hostile", "/deep.html").body.count(b"<div>") == 10_000


@pytest.mark.parametrize("path", ["/feed-bomb.xml", "/sitemap-bomb.xml"])
def test_a_bomb_is_small_and_refers_to_itself(press: newsroom.Press, path: str) -> None:
    body = request(press, "hostile", path).body
    assert len(body) < 2000
    assert body.count(b"<!ENTITY") == 10
    assert b"&e8;" in body


def test_charsets_lie_or_are_missing(press: newsroom.Press) -> None:
    wrong = request(press, "hostile", "/wrong-charset.html")
    assert wrong.headers.get_content_charset() == "utf-8"
    with pytest.raises(UnicodeDecodeError):
        wrong.body.decode("utf-8")
    missing = request(press, "hostile", "/no-charset.html")
    assert missing.headers.get_content_charset() is None
    assert "Fährmann" in missing.body.decode("utf-8")
    assert b"charset" not in missing.body
    latin = request(press, "hostile", "/latin1.html")
    assert "Fährmann" in latin.body.decode(str(latin.headers.get_content_charset()))
    assert "Content-Type" not in request(press, "hostile", "/no-type.html").headers


def test_what_is_no_page_says_that_it_is_one(press: newsroom.Press) -> None:
    pdf = request(press, "hostile", "/pdf.html")
    assert pdf.body.startswith(b"%PDF")
    assert pdf.headers.get_content_type() == "text/html"
    assert request(press, "hostile", "/empty.html").body == b""


def test_cut_answers_are_cut(press: newsroom.Press) -> None:
    with pytest.raises(EOFError):
        gzip.decompress(request(press, "hostile", "/truncated-gzip.html").body)
    half = zlib.decompressobj(31).decompress(request(press, "hostile", "/truncated-gzip.html").body)
    assert half.startswith(b"<!DOCTYPE html>")
    with pytest.raises(http.client.IncompleteRead):
        request(press, "hostile", "/truncated.html")


def test_redirects_lead_where_nobody_should_go(press: newsroom.Press) -> None:
    loop = request(press, "hostile", "/redirect-loop.html")
    assert (loop.status, loop.headers["Location"]) == (302, "/redirect-loop-2.html")
    targets = [request(press, "hostile", path).headers["Location"] for path in hostile.PAGES if "redirect" in path]
    assert any(re.match("http://169.254", target) for target in targets)
    assert "http://127.0.0.2/" in targets


def test_errors_say_what_they_are(press: newsroom.Press) -> None:
    assert request(press, "hostile", "/status-500.html").status == 500
    slow = request(press, "hostile", "/status-429.html")
    assert (slow.status, slow.headers["Retry-After"]) == (429, "1")
    assert request(press, "hostile", "/gibt-es-nicht").status == 404


def test_robots_can_fail_on_demand(press: newsroom.Press) -> None:
    assert request(press, "hostile", "/robots.txt").status == 200
    press.hostile.robots_status = 500
    try:
        assert request(press, "hostile", "/robots.txt").status == 500
    finally:
        press.hostile.robots_status = 200


def test_the_slow_page_begins_at_once_and_comes_in_drops(press: newsroom.Press) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", press.ports["hostile"], timeout=20)
    connection.request("GET", "/drip.html")
    answer = connection.getresponse()
    assert answer.read(15) == b"<!DOCTYPE html>"
    assert int(answer.headers["Content-Length"]) > 10 * hostile.DRIPS
    connection.close()
