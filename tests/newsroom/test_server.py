from __future__ import annotations

import datetime as dt
import http.client
import os
import signal
import socket
import subprocess
import sys
import urllib.robotparser
from pathlib import Path

import pytest

import newsroom
from klartext import sources
from newsroom.model import end_of_day
from support.crawls import request

INCLUDE = Path(__file__).resolve().parents[2] / "include"
WHALE = "/wissen/2024-05/buckelwal-flensburger-foerde-rettung"
FIRST_EVENING = dt.datetime(2024, 5, 14, 21, 59, 59, tzinfo=dt.UTC)
SECOND_EVENING = dt.datetime(2024, 5, 15, 21, 59, 59, tzinfo=dt.UTC)


def test_every_page_is_served_whole(press: newsroom.Press) -> None:
    pages = [(site.slug, article) for site in newsroom.load() for article in site.as_of(newsroom.LAST_MOMENT)]
    assert len(pages) > 40
    for slug, article in pages:
        reply = request(press, slug, article.path)
        assert reply.status == 200, article.path
        assert reply.headers["Content-Length"] == str(len(reply.body))
        assert f"charset={article.charset}" in reply.headers["Content-Type"]
        assert article.title in reply.text.replace("&#34;", '"').replace("&#39;", "'"), article.path


def test_a_page_is_not_there_before_it_is_published(press: newsroom.Press) -> None:
    pages = [(site.slug, each) for site in newsroom.load() for each in site.versions if each.modified is None]
    assert len(pages) > 40
    for slug, article in pages:
        published = article.published.astimezone(dt.UTC)
        assert request(press, slug, article.path, published - dt.timedelta(seconds=1)).status == 404, article.path
        assert request(press, slug, article.path, published).status == 200, article.path


def test_an_edited_article_shows_the_version_of_the_moment(press: newsroom.Press) -> None:
    first = request(press, "nordwoche", WHALE, FIRST_EVENING)
    second = request(press, "nordwoche", WHALE, SECOND_EVENING)
    assert "Ein Buckelwal verirrt sich in die Förde" in first.text
    assert "Aktualisiert am" not in first.text
    assert "Der Buckelwal hat die Förde verlassen" in second.text
    assert '<time datetime="2024-05-15T18:40:05+02:00">Aktualisiert am 15. Mai 2024, 18:40 Uhr</time>' in second.text
    assert request(press, "nordwoche", WHALE).text == request(press, "nordwoche", WHALE, newsroom.LAST_MOMENT).text
    assert first.headers["Last-Modified"] == "Tue, 14 May 2024 13:11:42 GMT"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (FIRST_EVENING, "Tue, 14 May 2024 21:59:59 GMT"),
        (dt.datetime(2030, 1, 1, tzinfo=dt.UTC), "Thu, 16 May 2024 21:59:59 GMT"),
        (None, "Thu, 16 May 2024 21:59:59 GMT"),
    ],
)
def test_the_answer_names_the_moment_that_it_shows(
    press: newsroom.Press, asked: dt.datetime | None, shown: str
) -> None:
    reply = request(press, "nordwoche", "/newsfeed/index", asked)
    assert reply.headers["Memento-Datetime"] == shown
    assert reply.headers["Vary"] == "Accept-Datetime"


def test_a_moment_that_is_no_date_is_refused(press: newsroom.Press) -> None:
    assert request(press, "telex8", "/rss", "vorgestern").status == 400


def test_the_same_moment_gives_the_same_bytes(press: newsroom.Press) -> None:
    sites = newsroom.load()
    assert len(sites) == 4
    for site in sites:
        path = site.as_of(FIRST_EVENING)[0].path
        first = request(press, site.slug, path, FIRST_EVENING)
        assert first.status == 200
        assert first.body == request(press, site.slug, path, FIRST_EVENING).body


def test_a_page_that_the_client_has_is_not_sent_again(press: newsroom.Press) -> None:
    first = request(press, "nordwoche", WHALE)
    again = request(press, "nordwoche", WHALE, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert request(press, "nordwoche", WHALE, headers=since).status == 304
    assert request(press, "nordwoche", WHALE, headers=since | {"If-None-Match": '"other"'}).status == 200
    earlier = {"If-Modified-Since": "Tue, 14 May 2024 13:11:42 GMT"}
    assert request(press, "nordwoche", WHALE, headers=earlier).status == 200


def test_head_has_the_headers_alone(press: newsroom.Press) -> None:
    reply, page = request(press, "telex8", "/rss", method="HEAD"), request(press, "telex8", "/rss")
    assert reply.body == b""
    assert reply.headers["Content-Length"] == str(len(page.body))


def test_a_connection_serves_several_requests(press: newsroom.Press) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", press.ports["telex8"], timeout=20)
    for target in ("/rss", "/gibt-es-nicht", "/robots.txt"):
        connection.request("GET", target)
        answer = connection.getresponse()
        answer.read()
        assert not answer.will_close
    connection.close()


def test_robots_forbids_a_page_that_is_listed_and_there(press: newsroom.Press) -> None:
    forbidden = "/intern/korrekturen-der-woche-11656520.html"
    robots = urllib.robotparser.RobotFileParser()
    robots.parse(request(press, "spreepegel", "/robots.txt").text.splitlines())
    assert not robots.can_fetch("Klartext", press.url("spreepegel", forbidden))
    assert request(press, "spreepegel", forbidden).status == 200
    assert forbidden in request(press, "spreepegel", "/news.xml").text
    for site in newsroom.load():
        robots = urllib.robotparser.RobotFileParser()
        robots.parse(request(press, site.slug, "/robots.txt").text.splitlines())
        for article in site.versions:
            assert robots.can_fetch("Klartext", press.url(site.slug, article.path)) == (article.path != forbidden)


def test_a_page_that_is_gone_is_listed_still(press: newsroom.Press) -> None:
    gone = "/812431/kranfuehrer-streiken-im-suedhafen"
    assert request(press, "kontorblatt", gone).status == 404
    for listing in ("/feed", "/news-sitemap.xml", "/sitemap/2024-05-15.xml"):
        assert gone in request(press, "kontorblatt", listing).text


def test_every_request_is_logged(press: newsroom.Press) -> None:
    before = len(press.request_log)
    request(
        press,
        "telex8",
        "/rss?a=1",
        FIRST_EVENING,
        headers={"User-Agent": "Test/1"},
    )
    [asked] = press.request_log[before:]
    assert (asked.site, asked.method, asked.target) == ("telex8", "GET", "/rss?a=1")
    assert asked.headers["accept-datetime"] == "Tue, 14 May 2024 21:59:59 GMT"


def test_only_loopback_is_bound(press: newsroom.Press) -> None:
    assert {server.server_address[0] for server in press.servers.values()} == {"127.0.0.1"}


def test_the_source_files_have_the_real_ports_and_borrow_their_rules(
    press: newsroom.Press, press_sources: Path
) -> None:
    found = sources.load()
    for site in newsroom.load():
        source = found[site.slug]
        assert source.hosts == [f"127.0.0.1:{press.ports[site.slug]}"]
        assert source.fetch.memento
        assert source.rules == found[{1: "dwn", 2: "tagesspiegel", 3: "zeit", 4: "ntv"}[site.place]].rules
        origins = [*source.discover.feeds, *source.discover.news_sitemaps, *source.discover.dated_sitemaps]
        assert all(origin.startswith(press.url(site.slug)) for origin in origins)
    assert "hostile" not in found
    assert set(os.environ["KLARTEXT_ALLOW_HOSTS"].split(",")) == set(press.hosts)


def test_the_committed_source_files_follow_the_first_port() -> None:
    found = sources.load([sources.DEFAULT_DIRECTORIES, INCLUDE / "newsroom" / "sources"])
    sites = newsroom.load()
    assert len(sites) == 4
    for number, site in enumerate(sites):
        assert found[site.slug].hosts == [f"127.0.0.1:{8801 + number}"]
        assert found[site.slug].until == dt.date(2024, 5, 17)


def _free_ports() -> int:
    """The first of four ports in a row that are free at this moment."""
    for first in range(20000, 60000, 7):
        taken = []
        try:
            for port in range(first, first + 4):
                taken.append(socket.create_server(("127.0.0.1", port)))
            return first
        except OSError:
            continue
        finally:
            for held in taken:
                held.close()
    raise AssertionError("no four free ports in a row")


def _start(port: int | str, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(INCLUDE), "KLARTEXT_NEWSROOM_PORT": str(port)}
    command = [sys.executable, "-m", "newsroom", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path, ending: signal.Signals) -> None:
    port = _free_ports()
    with _start(port, "--sources", str(tmp_path)) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in newsroom.load()]
        process.send_signal(ending)
        _, errors = process.communicate(timeout=20)
    assert [line.split()[-1] for line in lines] == [f"http://127.0.0.1:{port + n}/" for n in range(4)]
    assert (process.returncode, errors) == (0, "")
    assert f"127.0.0.1:{port + 3}" in (tmp_path / "telex8.yaml").read_text("utf-8")


def test_a_port_in_use_is_said_in_one_sentence() -> None:
    port = _free_ports()
    with socket.create_server(("127.0.0.1", port + 2)), _start(port) as process:
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output) == (1, "")
    assert errors == (f"Port {port + 2} is in use; set KLARTEXT_NEWSROOM_PORT to the first of 4 free ports in a row.\n")


@pytest.mark.parametrize("port", ["achttausend", "0", "65534"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with _start(port) as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert f"a port is a number from 1 to 65532, not '{port}'" in errors


def test_the_end_of_a_day_is_the_last_second_in_berlin() -> None:
    assert end_of_day(dt.datetime(2024, 5, 14, 22, 30, tzinfo=dt.UTC)) == SECOND_EVENING
