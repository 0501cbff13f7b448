"""The crawler's process against a server on loopback: what it asks, what it does not, and what it makes of it."""

from __future__ import annotations

import contextlib
import gzip
import os
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import loopback
from klartext import warc
from klartext.crawler import Ask, CrawlerCrashed, Job, Limits, Record, crawl
from loopback import Answer

QUICK = Limits(timeout=2, backoff=0.02, patience=2)


@pytest.fixture(autouse=True)
def _handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The crawler's process finds the handlers of these tests."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))


def run(site: loopback.Site, *paths: str, **rest: Any) -> dict[str, tuple[str, str | None]]:
    """Outcome and reason by path, or by address for one that is none of the site's."""
    asks = [Ask(url=path if ":" in path else site.base + path, via="urn:test") for path in paths]
    fields: dict[str, Any] = {"hosts": [site.host], "delay": 0, "limits": QUICK, "allow": [site.host]}
    answers = crawl(Job(asks=asks, **{**fields, **rest}))
    return {answer.ask.url.removeprefix(site.base): (answer.outcome, answer.reason) for answer in answers}


def test_statuses_become_outcomes() -> None:
    pages: dict[str, loopback.Page] = {f"/{n}": Answer(status=n) for n in (203, 204, 304, 403, 410, 451, 501)}
    with loopback.serve({"/ok": Answer(), **pages}) as site:
        assert run(site, "/ok", "/203", "/404", "/410", "/403", "/451", "/501", "/304") == {
            "/ok": ("captured", None),
            "/203": ("captured", None),
            "/404": ("gone", "http-404"),
            "/410": ("gone", "http-410"),
            "/403": ("failed", "http-403"),
            "/451": ("failed", "http-451"),
            "/501": ("failed", "http-501"),
            "/304": ("failed", "http-304"),
        }
        assert site.paths() == ["/robots.txt", "/ok", "/203", "/404", "/410", "/403", "/451", "/501", "/304"]


def test_says_who_it_is_and_sends_no_cookie_back() -> None:
    cookie = Answer(headers={"Set-Cookie": "spur=1"})
    with loopback.serve({"/a": cookie, "/b": cookie}) as site:
        run(site, "/a", "/b", user_agent="Klartext/1 (+https://wir.example)")
        assert {asked.headers["user-agent"] for asked in site.log} == {"Klartext/1 (+https://wir.example)"}
        assert not any("cookie" in asked.headers or "referer" in asked.headers for asked in site.log)


def test_robots_is_obeyed_for_each_hop() -> None:
    robots = Answer(b"User-agent: *\nDisallow: /geheim\nUser-agent: klartext\nDisallow: /intern\n", type="text/plain")
    to_intern = Answer(status=301, headers={"Location": "/intern/b"})
    with loopback.serve({"/robots.txt": robots, "/geheim": Answer(), "/um": to_intern}) as site:
        assert run(site, "/geheim", "/intern/a", "/um") == {
            "/geheim": ("captured", None),  # the rules for us replace those for all
            "/intern/a": ("disallowed", "robots"),
            "/um": ("disallowed", "robots"),
        }
        assert not any(path.startswith("/intern") for path in site.paths())


def of_each(answers: list[Answer]) -> list[tuple[str, str | None]]:
    """Outcome and reason of ``/a`` on a site for each robots.txt, all in one crawl."""
    with contextlib.ExitStack() as stack:
        sites = [stack.enter_context(loopback.serve({"/robots.txt": robots, "/a": Answer()})) for robots in answers]
        hosts = [site.host for site in sites]
        outcomes = run(sites[0], *(f"{site.base}/a" for site in sites), hosts=hosts, allow=hosts)
        asked = ["/a" in site.paths() for site in sites]
        assert asked == [outcome == "captured" for outcome, _ in outcomes.values()]
        return list(outcomes.values())


def test_robots_that_cannot_be_read_means_wait() -> None:
    circle = Answer(status=302, headers={"Location": "/robots.txt"})
    assert of_each([Answer(status=503), Answer(status=429), circle]) == [("failed", "robots-unreachable")] * 3


def test_robots_that_is_not_there_or_is_a_page_forbids_nothing() -> None:
    rules = b"User-agent: *\nDisallow: /"
    assert of_each([Answer(rules, 404), Answer(rules, 403), Answer()]) == [("captured", None)] * 3


def test_robots_that_stalls_means_wait() -> None:
    with loopback.serve({"/robots.txt": lambda handler: time.sleep(1), "/a": Answer()}) as site:
        limits = Limits(timeout=0.3, retries=0)
        assert run(site, "/a", limits=limits) == {"/a": ("failed", "robots-unreachable")}


def test_robots_that_failed_once_is_asked_again() -> None:
    robots = [Answer(status=500), Answer(b"User-agent: *\nDisallow: /b", type="text/plain")]
    with loopback.serve({"/robots.txt": robots, "/a": Answer(), "/b": Answer()}) as site:
        assert run(site, "/a", "/b") == {"/a": ("captured", None), "/b": ("disallowed", "robots")}


def test_one_thing_at_a_time_with_a_delay_between() -> None:
    with loopback.serve({f"/{n}": Answer() for n in range(4)}) as site:
        run(site, *(f"/{n}" for n in range(4)), delay=0.2)
        gaps = [after.began - before.began for before, after in pairwise(site.log)]
        assert len(gaps) == 4
        assert min(gaps) >= 0.19


def test_crawl_delay_makes_it_slower_up_to_a_bound() -> None:
    robots = Answer(b"User-agent: *\nCrawl-delay: 60\n", type="text/plain")
    with loopback.serve({"/robots.txt": robots, "/a": Answer(), "/b": Answer()}) as site:
        run(site, "/a", "/b", limits=Limits(crawl_delay=0.3))
        assert min(after.began - before.began for before, after in pairwise(site.log)) >= 0.29


def test_what_may_pass_is_tried_again() -> None:
    pages: dict[str, loopback.Page] = {f"/{n}": [Answer(status=n), Answer()] for n in (429, 500, 502, 503, 504)}
    with loopback.serve(pages) as site:
        assert set(run(site, *pages).values()) == {("captured", None)}


def test_tries_have_an_end() -> None:
    with loopback.serve({"/a": Answer(status=503), "/b": Answer(status=403)}) as site:
        assert run(site, "/a", "/b") == {"/a": ("failed", "http-503"), "/b": ("failed", "http-403")}
        assert (site.paths().count("/a"), site.paths().count("/b")) == (3, 1)


def test_retry_after_is_waited_for() -> None:
    with loopback.serve({"/a": [Answer(status=503, headers={"Retry-After": "1"}), Answer()]}) as site:
        assert run(site, "/a") == {"/a": ("captured", None)}
        first, second = (asked for asked in site.log if asked.path == "/a")
        assert second.began - first.ended >= 0.99


def test_a_retry_after_that_is_too_long_ends_the_asking() -> None:
    with loopback.serve({"/a": Answer(status=429, headers={"Retry-After": "3600"}), "/b": Answer()}) as site:
        assert run(site, "/a", "/b") == {"/a": ("failed", "http-429"), "/b": ("deadline", "retry-after")}
        assert site.paths() == ["/robots.txt", "/a"]


def test_what_is_left_after_the_deadline_is_not_asked() -> None:
    def slow(handler: loopback.Handler) -> None:
        time.sleep(0.6)
        handler.send(Answer())

    with loopback.serve({"/a": slow, "/b": Answer()}) as site:
        limits = Limits(deadline=0.5)
        assert run(site, "/a", "/b", limits=limits) == {"/a": ("captured", None), "/b": ("deadline", "deadline")}


def _stall(handler: loopback.Handler) -> None:
    time.sleep(1.5)


def _drip(handler: loopback.Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(30):
        handler.wfile.write(b".")
        time.sleep(0.05)


def _lie(handler: loopback.Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"zu wenig")
    handler.close_connection = True


def _hang_up(handler: loopback.Handler) -> None:
    handler.close_connection = True


def test_bad_servers_are_outcomes() -> None:
    pages: dict[str, loopback.Page] = {
        "/stall": _stall,
        "/drip": _drip,
        "/lie": _lie,
        "/hang-up": _hang_up,
        "/large": Answer(bytes(5000)),
        "/large-chunked": Answer(bytes(5000), chunked=True),
        "/bomb": Answer(gzip.compress(bytes(5000)), headers={"Content-Encoding": "gzip"}),
        "/cut": Answer(gzip.compress(b"Deich" * 99)[:-9], headers={"Content-Encoding": "gzip"}),
        "/brotli": Answer(headers={"Content-Encoding": "br"}),
        "/last": Answer(),
    }
    with loopback.serve(pages) as site:
        limits = Limits(timeout=0.5, retries=0, size=4000)
        assert run(site, *pages, "http://127.0.0.1:9/", limits=limits, hosts=[site.host, "127.0.0.1:9"],
                   allow=[site.host, "127.0.0.1:9"]) == {
            "/stall": ("failed", "timeout"),
            "/drip": ("failed", "timeout"),
            "/lie": ("failed", "cut-short"),
            "/hang-up": ("failed", "connection"),
            "/large": ("failed", "too-large"),
            "/large-chunked": ("failed", "too-large"),
            "/bomb": ("failed", "too-large"),
            "/cut": ("failed", "payload-damaged"),
            "/brotli": ("failed", "payload-damaged"),
            "/last": ("captured", None),
            "http://127.0.0.1:9/": ("failed", "robots-unreachable"),
        }  # fmt: skip


def test_redirects_are_followed_within_limits() -> None:
    def to(target: str, status: int = 302) -> Answer:
        return Answer(b"", status, {"Location": target})

    with loopback.serve({
        "/eins": to("/zwei", 308), "/zwei": to("ziel"), "/ziel": Answer(),
        "/kreis": to("/kreis2"), "/kreis2": to("/kreis"),
        **{f"/weit{n}": to(f"/weit{n + 1}") for n in range(9)},
        "/fremd": to("https://fremd.example/"), "/datei": to("file:///etc/hostname"), "/ohne": Answer(b"", 302),
        "/privat": to("http://169.254.169.254/latest/meta-data/"),
    }) as site:  # fmt: skip
        assert run(site, "/eins", "/kreis", "/weit0", "/fremd", "/datei", "/ohne", "/privat",
                   hosts=[site.host, "169.254.169.254"]) == {
            "/eins": ("captured", None),
            "/kreis": ("failed", "redirect-loop"),
            "/weit0": ("failed", "too-many-redirects"),
            "/fremd": ("refused", "foreign-host"),
            "/datei": ("refused", "scheme"),
            "/ohne": ("failed", "http-302"),
            "/privat": ("refused", "private-address"),
        }  # fmt: skip
        assert site.paths().count("/kreis") == 1
        assert "/weit6" not in site.paths()


def test_private_networks_other_schemes_and_foreign_hosts_are_refused() -> None:
    with loopback.serve({}) as site:
        port = site.host.partition(":")[2]
        private = [
            f"http://localhost:{port}/", f"http://127.1:{port}/", f"http://2130706433:{port}/", "http://10.0.0.1/",
            "http://192.168.0.1/", "http://100.64.0.1/", "http://169.254.169.254/", "http://0.0.0.0/",
        ]  # fmt: skip
        hosts = [address.split("/")[2] for address in private]
        answers = run(site, "/", *private, "https://fremd.example/", "ftp://127.0.0.1/", "nichts:", f"http://a:b@{site.host}/",
                      allow=[], hosts=[site.host, *hosts])  # fmt: skip
        assert answers == {
            "/": ("refused", "private-address"),
            **dict.fromkeys(private, ("refused", "private-address")),
            "https://fremd.example/": ("refused", "foreign-host"),
            "ftp://127.0.0.1/": ("refused", "scheme"),
            "nichts:": ("refused", "address"),
            f"http://a:b@{site.host}/": ("refused", "address"),
        }
        assert site.log == []


def test_only_the_allowed_port_of_a_private_host_is_open() -> None:
    with loopback.serve({"/a": Answer()}) as site, loopback.serve({}) as other:
        assert run(site, "/a", other.base + "/", hosts=[site.host, other.host]) == {
            "/a": ("captured", None),
            other.base + "/": ("refused", "private-address"),
        }


def test_every_exchange_is_a_record_that_checks(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    body = "<p>Grüße</p>".encode()
    with loopback.serve({
        "/um?q=1": Answer(b"", 301, {"Location": "/ziel"}),
        "/ziel": Answer(gzip.compress(body), headers={"Content-Encoding": "gzip", "X-Name": "J\xfcrgen"}),
        "/st%C3%BCck": Answer(body, chunked=True),
        "/kaputt": [Answer(b"kaputt", 500), Answer(body)],
        "/riesig": Answer(bytes(9000)),
    }) as site:  # fmt: skip
        record = Record(path=str(path), info={"isPartOf": "test"})
        limits = Limits(size=4000, backoff=0.01)
        run(site, "/um?q=1", "/st%C3%BCck", "/kaputt", "/404", "/riesig", limits=limits, record=record)
    with path.open("rb") as file:
        pages = list(warc.read(file, "x"))
    assert all(isinstance(page, warc.Page) for page in pages)
    base = site.base
    assert {(p.url.removeprefix(base), p.status, p.via, (p.seed or "").removeprefix(base)) for p in pages} == {
        ("/um?q=1", 301, "urn:test", "/um?q=1"),
        ("/ziel", 200, "urn:test", "/um?q=1"),
        ("/st%C3%BCck", 200, "urn:test", "/st%C3%BCck"),
        ("/kaputt", 500, "urn:test", "/kaputt"),
        ("/404", 404, "urn:test", "/404"),
        ("/kaputt", 200, "urn:test", "/kaputt"),
    }  # fmt: skip
    assert [page.body for page in pages if page.status == 200] == [body] * 3
    from warcio.checker import Checker

    class Options:
        verbose, inputs = False, [str(path)]

    assert Checker(Options()).process_all() in (None, 0)


def test_a_handler_takes_bodies_apart_and_asks_further() -> None:
    with loopback.serve({"/": Answer(b"eins", type="text/x"), "/zwei": Answer(b"zwei")}) as site:
        job = Job(hosts=[site.host], allow=[site.host], delay=0, asks=[Ask(url=site.base + "/", via="v")],
                  handler="crawler.handlers:Follow", arguments={"word": "Wort"})  # fmt: skip
        first, second = crawl(job)
    assert first.found == [{"word": "Wort", "body": "eins", "type": "text/x"}]
    assert (first.outcome, second.outcome, second.reason) == ("captured", "failed", "second")
    assert second.found[0]["body"] == "zwei"
    assert second.ask.via == site.base + "/"


@pytest.mark.parametrize(("handler", "says"), [("Raises", "daran hat niemand gedacht"), ("Dies", "letzte Worte")])
def test_a_crash_says_what_the_process_said(handler: str, says: str) -> None:
    with loopback.serve({"/": Answer()}) as site:
        job = Job(hosts=[site.host], allow=[site.host], delay=0, asks=[Ask(url=site.base + "/", via="v")],
                  handler=f"crawler.handlers:{handler}")  # fmt: skip
        with pytest.raises(CrawlerCrashed, match=says):
            list(crawl(job))


def test_what_the_process_says_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "klartext.crawler")
    with loopback.serve({"/riesig": Answer(bytes(9000))}) as site:
        assert run(site, "/riesig", limits=Limits(size=100)) == {"/riesig": ("failed", "too-large")}
    assert "larger than download max size" in caplog.text


def test_a_record_that_cannot_be_written_is_a_crash(tmp_path: Path) -> None:
    with loopback.serve({"/a": Answer()}) as site, pytest.raises(CrawlerCrashed, match="No such file"):
        run(site, "/a", record=Record(path=str(tmp_path / "fehlt" / "x.warc.gz")))


def test_the_process_ends_with_whoever_started_it() -> None:
    with loopback.serve({"/a": _stall, "/robots.txt": Answer(b"")}) as site:
        answers = crawl(Job(hosts=[site.host], allow=[site.host], delay=0, limits=Limits(timeout=30, retries=0),
                            asks=[Ask(url=site.base + "/a", via="v"), Ask(url="nichts", via="v")]))  # fmt: skip
        assert next(answers).reason == "address"
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
        crawlers = [c for c in children if b"klartext.crawler" in Path(f"/proc/{c}/cmdline").read_bytes()]
        assert len(crawlers) == 1
        answers.close()  # type: ignore[attr-defined]
        assert not Path(f"/proc/{crawlers[0]}").exists()
