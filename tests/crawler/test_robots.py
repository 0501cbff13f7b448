"""robots.txt: obeyed, waited for, and not taken for what it is not."""

from __future__ import annotations

import contextlib
import time

from klartext.crawler import Limits
from support import loopback
from support.crawler_runs import run
from support.loopback import Answer


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
