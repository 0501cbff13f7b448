"""The publisher lock: one run at a time, with the delay or pause between two of them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from klartext.crawler import CrawlPoliteness, CrawlRequest, Job, Limits, crawl
from klartext.crawler.publisher_lock import PublisherBusy, lock_publisher
from support import loopback
from support.loopback import Answer

HOLDS = """
import sys, time
from pathlib import Path
from klartext.crawler.publisher_lock import lock_publisher
with lock_publisher(Path(sys.argv[1]), "beispiel", 0):
    print("holds", flush=True)
    time.sleep(60)
"""


def test_another_process_waits_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "holds\n"
        with (
            pytest.raises(PublisherBusy, match="another run makes requests to beispiel"),
            lock_publisher(tmp_path, "beispiel", 0, 0.1),
        ):
            raise AssertionError("two at once")
        with lock_publisher(tmp_path, "anderswo", 0):
            pass
        process.kill()
        process.wait()
        with lock_publisher(tmp_path, "beispiel", 0, 5):
            pass


def test_the_delay_lies_between_two_turns_also_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="kaputt"), lock_publisher(tmp_path, "beispiel", 0.5):
        raise ValueError("kaputt")
    ended = time.time()
    with lock_publisher(tmp_path, "beispiel", 0.5):
        assert time.time() - ended >= 0.45


def test_a_clock_that_went_back_and_a_torn_file_hold_nobody_up(tmp_path: Path) -> None:
    for text in (f"{time.time() + 9999} 0.05\n", "17316\x00", "1731600000.1\n", ""):
        (tmp_path / "beispiel").write_text(text)
        with lock_publisher(tmp_path, "beispiel", 0.05):
            pass
        assert float((tmp_path / "beispiel").read_text().split()[0]) <= time.time() + 0.01


def test_what_was_asked_of_one_run_holds_for_the_next(tmp_path: Path) -> None:
    with lock_publisher(tmp_path, "beispiel", 0) as politeness:
        politeness.delay = 0.4
    ended = time.time()
    with lock_publisher(tmp_path, "beispiel", 0, 1) as politeness:
        assert time.time() - ended >= 0.35
        politeness.pause = 3600
    with pytest.raises(PublisherBusy, match=r"beispiel asked for a pause, which lasts another 3[56]\d\d s"):
        lock_publisher(tmp_path, "beispiel", 2, 60).__enter__()
    assert time.time() - ended < 2, "no run waits for an hour"
    with lock_publisher(tmp_path, "anderswo", 0) as politeness:
        politeness.pause = 10.0**9
    assert float((tmp_path / "anderswo").read_text().split()[1]) == 24 * 3600


def test_a_crawl_tells_what_it_was_asked_for() -> None:
    robots = Answer(b"User-agent: *\nCrawl-delay: 60\n", type="text/plain")
    long = Answer(status=429, headers={"Retry-After": "3600"})
    with loopback.serve({"/robots.txt": robots, "/a": Answer(), "/b": long, "/c": Answer()}) as site:
        requests = [CrawlRequest(url=f"{site.base}/{n}", via="urn:test") for n in "abc"]
        job = Job(hosts=[site.host], allow=[site.host], delay=0, requests=requests, limits=Limits(crawl_delay=0.3))
        politeness = CrawlPoliteness()
        outcomes = {answer.request.url[-1]: (answer.outcome, answer.reason) for answer in crawl(job, politeness)}
    assert outcomes == {"a": ("captured", None), "b": ("failed", "http-429"), "c": ("deadline", "retry-after")}
    assert politeness == CrawlPoliteness(delay=0.3, pause=3600)
