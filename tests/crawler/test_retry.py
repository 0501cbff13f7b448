"""Delays between requests, waits before retries, and when a crawl ends."""

from __future__ import annotations

import time
from itertools import pairwise

from klartext.crawler import Limits
from support import loopback
from support.crawler_runs import run
from support.loopback import Answer


def test_one_thing_at_a_time_with_a_delay_between() -> None:
    with loopback.serve({f"/{n}": Answer() for n in range(4)}) as site:
        run(site, *(f"/{n}" for n in range(4)), delay=0.2)
        assert len(site.log) == 5
        assert site.pause() >= 0.19
        assert all(before.ended <= after.began for before, after in pairwise(site.log))


def test_crawl_delay_makes_it_slower_up_to_a_bound() -> None:
    robots = Answer(b"User-agent: *\nCrawl-delay: 60\n", type="text/plain")
    with loopback.serve({"/robots.txt": robots, "/a": Answer(), "/b": Answer()}) as site:
        run(site, "/a", "/b", limits=Limits(crawl_delay=0.3))
        assert site.pause() >= 0.25


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
