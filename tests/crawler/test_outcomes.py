"""The outcome of each request of the crawler to a server on loopback."""

from __future__ import annotations

import gzip
from pathlib import Path

from klartext.crawler import Limits
from klartext.warc.exchange import WarcOutput
from support import loopback
from support.crawler_runs import checks, run
from support.loopback import Answer


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


def test_addresses_of_redirects() -> None:
    followed = {"/1": "\\ziel", "/2": "ziel", "/3": "/a/../ziel#x", "/4": "/ziel mit leer", "/5": "/zi%65l?\\"}
    broken = ["http://[::1", "http://b.de:99999/", "http://b.de:x/", "javascript:alert(1)"]
    pages: dict[str, loopback.Page] = {
        **{path: Answer(status=301, headers={"Location": to}) for path, to in followed.items()},
        **{f"/b{number}": Answer(status=302, headers={"Location": to}) for number, to in enumerate(broken)},
        "/ziel": Answer(), "/ziel%20mit%20leer": Answer(), "/zi%65l?%5C": Answer(),
    }  # fmt: skip
    asked = [path for path in pages if "ziel" not in path and "%" not in path]
    with loopback.serve(pages) as site:
        outcomes = run(site, *asked)
        assert {path: outcomes[path] for path in followed} == dict.fromkeys(followed, ("captured", None))
        assert set(outcomes.values()) == {("captured", None), ("failed", "bad-redirect")}
        assert "/ziel%20mit%20leer" in site.paths()


def test_says_who_it_is_and_sends_no_cookie_back() -> None:
    cookie = Answer(headers={"Set-Cookie": "spur=1"})
    with loopback.serve({"/a": cookie, "/b": cookie}) as site:
        run(site, "/a", "/b", user_agent="Klartext/1 (+https://wir.example)")
        assert {asked.headers["user-agent"] for asked in site.log} == {"Klartext/1 (+https://wir.example)"}
        assert not any("cookie" in asked.headers or "referer" in asked.headers for asked in site.log)


def test_what_may_pass_is_tried_again() -> None:
    pages: dict[str, loopback.Page] = {f"/{n}": [Answer(status=n), Answer()] for n in (429, 500, 502, 503, 504)}
    with loopback.serve(pages) as site:
        assert set(run(site, *pages).values()) == {("captured", None)}


def test_tries_have_an_end() -> None:
    with loopback.serve({"/a": Answer(status=503), "/b": Answer(status=403)}) as site:
        assert run(site, "/a", "/b") == {"/a": ("failed", "http-503"), "/b": ("failed", "http-403")}
        assert (site.paths().count("/a"), site.paths().count("/b")) == (3, 1)


def test_bodies_that_are_too_large_or_packed_in_no_way_that_was_asked_for(tmp_path: Path) -> None:
    """What else bad servers do, the hostile site of the newsroom does: see tests/fetch/test_hostile.py."""
    packed = {"Content-Encoding": "gzip, gzip"}
    pages: dict[str, loopback.Page] = {
        "/large-chunked": Answer(bytes(5000), chunked=True),
        "/bomb": Answer(gzip.compress(bytes(5000)), headers={"Content-Encoding": "gzip"}),
        "/nested": Answer(gzip.compress(gzip.compress(bytes(10**6))), headers=packed),
        "/not-packed": Answer(headers={"Content-Encoding": "zstd"}),
        "/unknown": Answer(bytes(range(256)), headers={"Content-Encoding": "rot13"}),
        "/last": Answer(),
    }
    with loopback.serve(pages) as site:
        hosts = [site.host, "127.0.0.1:9"]
        limits, output = Limits(timeout=2, retries=0, size=4000), WarcOutput(path=str(tmp_path / "x.warc.gz"))
        outcomes = run(site, *pages, "http://127.0.0.1:9/", limits=limits, hosts=hosts, allow=hosts, output=output)
    assert outcomes == {
        "/large-chunked": ("failed", "too-large"),
        "/bomb": ("failed", "too-large"),
        "/nested": ("failed", "too-large"),
        "/not-packed": ("captured", None),
        "/unknown": ("failed", "coding-unknown"),
        "/last": ("captured", None),
        "http://127.0.0.1:9/": ("failed", "robots-unreachable"),
    }
    assert checks(tmp_path / "x.warc.gz")
