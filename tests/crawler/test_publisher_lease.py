"""The publisher lease: one run at a time, with the delay or pause between two of them, also from another machine."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from klartext.crawler import CrawlPoliteness, CrawlRequest, Job, Limits, crawl
from klartext.crawler.publisher_lease import PublisherBusy, lease_publisher
from klartext.lake import Lake, layout
from klartext.lake.lease import LeaseLost
from support import loopback
from support.loopback import Answer
from support.object_store import Bucket

HOLDS = """
import json, sys, time
from klartext.crawler.publisher_lease import lease_publisher
from klartext.lake import Lake
with lease_publisher(Lake.open(sys.argv[1], json.loads(sys.argv[2])).storage, "beispiel", 0.3) as politeness:
    politeness.pause = 1.5
    print("holds", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(params=["disk", "objects"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    """A lake on a disk, and one in an object store."""
    if request.param == "disk":
        return Lake.open(str(tmp_path))
    bucket: Bucket = request.getfixturevalue("bucket")
    return bucket.lake(f"leases-{tmp_path.name}")


@contextlib.contextmanager
def holder(lake: Lake, access: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lease of ``beispiel`` until it reads a line."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, lake.storage.root, json.dumps(access)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout and process.stdout.readline() == "holds\n"
        yield process
        process.kill()


def test_two_processes_of_one_lake_take_turns(lake: Lake, bucket: Bucket) -> None:
    with holder(lake, bucket.access) as process:
        with (
            pytest.raises(PublisherBusy, match="another run makes requests to beispiel") as busy,
            lease_publisher(lake.storage, "beispiel", 0, 0.1),
        ):
            raise AssertionError("two at once")
        assert busy.value.seconds == 60
        with lease_publisher(lake.storage, "anderswo", 0):
            pass
        process.communicate("end\n", timeout=60)
        ended = time.monotonic()
        with lease_publisher(lake.storage, "beispiel", 0, 10):
            assert time.monotonic() - ended > 0.9, "the pause that the other process was asked for"


def test_a_killed_process_holds_nothing_and_leaves_the_delay(lake: Lake, bucket: Bucket) -> None:
    with holder(lake, bucket.access) as process:
        process.kill()
        process.wait()
        with lease_publisher(lake.storage, "beispiel", 0, 5) as politeness:
            politeness.require_lease()


def test_the_delay_lies_between_two_runs_also_after_a_failure(lake: Lake) -> None:
    with pytest.raises(ValueError, match="kaputt"), lease_publisher(lake.storage, "beispiel", 0.5):
        raise ValueError("kaputt")
    ended = time.monotonic()
    with lease_publisher(lake.storage, "beispiel", 0.5):
        assert time.monotonic() - ended >= 0.4


def test_a_clock_that_went_back_and_a_file_that_is_no_lease_hold_no_run_up(tmp_path: Path) -> None:
    storage = Lake.open(str(tmp_path)).storage
    file = tmp_path / layout.lease_file("beispiel")
    contents = ["", "17316\x00", "[]", '{"holder": null, "state": {"pause": "much"}}', '{"state": {"pause": NaN}}',
                '{"state": {"pause": -5}}', '{"holder": {"process": "x"}, "state": 3}']  # fmt: skip
    for text in contents:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        with lease_publisher(storage, "beispiel", 0.05):
            pass
    later = time.time() + 9999
    os.utime(file, (later, later))
    with lease_publisher(storage, "beispiel", 0.05):
        pass


def test_what_was_asked_of_one_run_holds_for_the_next(lake: Lake) -> None:
    with lease_publisher(lake.storage, "beispiel", 0) as politeness:
        politeness.delay = 0.4
    ended = time.monotonic()
    with lease_publisher(lake.storage, "beispiel", 0, 5) as politeness:
        assert time.monotonic() - ended >= 0.3
        politeness.pause = 3600
    for _ in range(2):  # the attempt itself does not make it longer
        with pytest.raises(PublisherBusy, match=r"beispiel asked for a pause, which lasts another 3[56]\d\d s") as busy:
            lease_publisher(lake.storage, "beispiel", 2, 60).__enter__()
        assert 3590 < busy.value.seconds <= 3601
    with lease_publisher(lake.storage, "anderswo", 0) as politeness:
        politeness.pause = 10.0**9
    with pytest.raises(PublisherBusy, match=r"lasts another (86400|8639\d) s"):
        lease_publisher(lake.storage, "anderswo", 0, 0).__enter__()


def test_a_crawl_ends_when_its_lease_is_lost(tmp_path: Path) -> None:
    storage = Lake.open(str(tmp_path)).storage
    with loopback.serve({"/robots.txt": Answer(status=404), **{f"/{n}": Answer() for n in range(9)}}) as site:
        requests = [CrawlRequest(url=f"{site.base}/{n}", via="urn:test") for n in range(9)]
        job = Job(hosts=[site.host], allow=[site.host], delay=0, requests=requests)
        results = []
        lost = pytest.raises(LeaseLost, match="the lease of beispiel could not be renewed")
        with lease_publisher(storage, "beispiel", 0) as politeness, lost:
            for result in crawl(job, politeness):
                results.append(result)
                politeness._lease._taken_over = True  # type: ignore[attr-defined]
    assert len(results) == 1


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
