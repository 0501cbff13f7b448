"""The crawler's process: what goes in and comes out, how it ends, and how it dies."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from klartext.crawler import CrawlerCrashed, CrawlRequest, Job, Limits, crawl
from klartext.warc.exchange import WarcOutput
from support import loopback
from support.crawler_runs import run
from support.loopback import Answer


def _stall(handler: loopback.Handler) -> None:
    time.sleep(1.5)


def test_a_handler_takes_bodies_apart_and_asks_further() -> None:
    with loopback.serve({"/": Answer(b"eins", type="text/x"), "/zwei": Answer(b"zwei")}) as site:
        job = Job(hosts=[site.host], allow=[site.host], delay=0, requests=[CrawlRequest(url=site.base + "/", via="v")],
                  handler="support.crawler_handlers:Follow", arguments={"word": "Wort"})  # fmt: skip
        first, second = crawl(job)
    assert first.rows == [{"word": "Wort", "body": "eins", "type": "text/x"}]
    assert (first.outcome, second.outcome, second.reason) == ("captured", "failed", "second")
    assert second.rows[0]["body"] == "zwei"
    assert second.request.via == site.base + "/"


@pytest.mark.parametrize(("handler", "says"), [("Raises", "daran hat niemand gedacht"), ("Dies", "letzte Worte")])
def test_a_crash_says_what_the_process_said(handler: str, says: str) -> None:
    with loopback.serve({"/": Answer()}) as site:
        job = Job(hosts=[site.host], allow=[site.host], delay=0, requests=[CrawlRequest(url=site.base + "/", via="v")],
                  handler=f"support.crawler_handlers:{handler}")  # fmt: skip
        with pytest.raises(CrawlerCrashed, match=says):
            list(crawl(job))


def test_what_the_process_says_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "klartext.crawler")
    with loopback.serve({"/riesig": Answer(bytes(9000))}) as site:
        assert run(site, "/riesig", limits=Limits(size=100)) == {"/riesig": ("failed", "too-large")}
    assert "larger than download max size" in caplog.text


def test_a_record_that_cannot_be_written_is_a_crash(tmp_path: Path) -> None:
    with loopback.serve({"/a": Answer()}) as site, pytest.raises(CrawlerCrashed, match="No such file"):
        run(site, "/a", output=WarcOutput(path=str(tmp_path / "fehlt" / "x.warc.gz")))


def test_the_process_ends_with_whoever_started_it() -> None:
    with loopback.serve({"/a": _stall, "/robots.txt": Answer(b"")}) as site:
        answers = crawl(
            Job(
                hosts=[site.host],
                allow=[site.host],
                delay=0,
                limits=Limits(timeout=30, retries=0),
                requests=[CrawlRequest(url=url, via="v") for url in (f"{site.base}/a", "nichts")],
            )
        )
        assert next(answers).reason == "address"
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
        crawlers = [c for c in children if b"klartext.crawler" in Path(f"/proc/{c}/cmdline").read_bytes()]
        assert len(crawlers) == 1
        answers.close()  # type: ignore[attr-defined]
        assert not Path(f"/proc/{crawlers[0]}").exists()
