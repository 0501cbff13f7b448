"""An event loop that stands still: the process is ended, the address has failed, the crawl goes on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from klartext.crawler import CrawlRequest, process
from klartext.crawler.heartbeat import Heartbeat, Monitor
from klartext.warc.exchange import WarcOutput
from support import loopback
from support.crawler_runs import QUICK, checks, run
from support.loopback import Answer

IMPATIENT = dataclasses.replace(QUICK, silence=2.0)


def test_what_stalls_has_failed_and_the_rest_is_asked() -> None:
    pages = {"/": Answer(b"eins"), "/zwei": Answer(b"stall"), "/drei": Answer(b"drei"), "/vier": Answer(b"vier")}
    with loopback.serve(pages) as site:
        outcomes = run(site, "/", "/vier", handler="support.crawler_handlers:Stalls", limits=IMPATIENT)
        assert site.paths().count("/") == 1
    assert outcomes == {
        "/": ("captured", None),
        "/zwei": ("failed", "crawler-stalled"),
        "/drei": ("captured", None),
        "/vier": ("captured", None),
    }


def test_a_recording_goes_on_in_another_file(tmp_path: Path) -> None:
    with loopback.serve({"/a": Answer(b"a"), "/b": Answer(b"stall"), "/c": Answer(b"c")}) as site:
        output = WarcOutput(path=str(tmp_path / "x.warc.gz"))
        outcomes = run(
            site, "/a", "/b", "/c", handler="support.crawler_handlers:Stalls", limits=IMPATIENT, output=output
        )
    assert outcomes == {"/a": ("captured", None), "/b": ("failed", "crawler-stalled"), "/c": ("captured", None)}
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["x.warc.gz", "x~r1.warc.gz"]
    assert [checks(file) for file in files] == [True, True]


def test_what_stalls_too_often_is_left_for_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    pages: dict[str, loopback.Page] = {f"/{n}": Answer(b"stall") for n in range(3)}
    monkeypatch.setattr(process, "STALLS", 2)
    with loopback.serve(pages) as site:
        outcomes = run(site, *pages, handler="support.crawler_handlers:Stalls", limits=IMPATIENT)
    assert outcomes == {
        "/0": ("failed", "crawler-stalled"),
        "/1": ("failed", "crawler-stalled"),
        "/2": ("deadline", "crawler-stalled"),
    }


def test_a_body_that_takes_all_memory_has_failed() -> None:
    with loopback.serve({"/a": Answer(b"grow"), "/b": Answer(b"b")}) as site:
        limits = dataclasses.replace(QUICK, memory=2 * 1024**3)
        outcomes = run(site, "/a", "/b", handler="support.crawler_handlers:Grows", limits=limits)
    assert outcomes == {"/a": ("failed", "memory-limit"), "/b": ("captured", None)}


def test_the_parent_reads_what_the_child_is_at() -> None:
    ended: list[bool] = []
    monitor = Monitor(0.2, lambda: ended.append(True))
    child = Heartbeat(monitor.descriptor)
    assert monitor.stalled_at() is None
    request = CrawlRequest(url="https://b.de/" + "ü" * 500, via="v", context={"kind": "feed"})
    child.at(request)
    assert monitor.stalled_at() == request
    child.beat()
    monitor.is_waiting = True
    monitor.start()
    monitor._thread.join(10)
    assert (ended, monitor.has_stalled) == ([True], True)
    monitor.close()
