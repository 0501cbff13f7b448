"""Fetching of a batch: against servers on loopback, and against the newsroom."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest

import newsroom
from klartext import sources
from klartext.batch import Batch
from klartext.crawler import Limits
from klartext.crawler.publisher_lease import PublisherBusy, lease_publisher
from klartext.discover import discover_batch
from klartext.fetch import fetch_batch
from klartext.fetch.step import CandidatesLost
from klartext.lake import Lake
from klartext.warc import reader
from support import loopback
from support.fetch_batches import BERLIN, QUICK, Run
from support.loopback import Answer


def test_every_candidate_gets_a_row_and_every_page_a_record(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    um = Answer(b"", 301, {"Location": "/ziel"})
    with loopback.serve(
        {"/1": Answer(), "/um": um, "/ziel": Answer(b"<p>Ziel</p>"), "/500": Answer(status=500)}
    ) as site:
        run = Run(lake, site, monkeypatch)
        run.stage("/1", "/2", "/um", "/500")
        counts = run.fetch()
        assert counts == {"candidates": 4, "asked": 4, "left": 0, "captured": 2, "unchanged": 0, "disallowed": 0,
                          "gone": 1, "failed": 1, "refused": 0, "deadline": 0, "placeholder": 0}  # fmt: skip
        assert run.outcomes() == [
            ("/1", "captured", None, 1),
            ("/2", "gone", "http-404", 1),
            ("/500", "failed", "http-500", 1),
            ("/um", "captured", None, 1),
        ]
        last = run.rows()[-1]
    assert last["final_url"] == f"{site.base}/ziel"
    assert (last["status"], last["bytes"], last["candidate_title"]) == (200, 11, "Titel m")
    assert last["discovered_from"] == "https://beispiel.de/feed"
    assert last["candidate_published_at"] == dt.datetime(2016, 8, 12, 8, tzinfo=dt.UTC)
    with lake.open_raw(last["capture"]["file"]) as file:
        file.seek(last["capture"]["offset"])
        page = next(reader.read(file, "x"))
    assert isinstance(page, reader.Page)
    assert (page.body, page.capture.digest) == (b"<p>Ziel</p>", last["capture"]["digest"])
    assert list(lake.scratch_folder(run.batch).glob("*.warc.gz")) == []


def test_a_rerun_with_nothing_new_asks_nothing_and_leaves_the_same(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    robots = Answer(b"User-agent: *\nDisallow: /3", type="text/plain")
    with loopback.serve({"/1": Answer(), "/robots.txt": robots}) as site:
        run = Run(lake, site, monkeypatch)
        run.stage("/1", "/2", "/3")
        first = run.fetch()
        before, asked, raw = run.lake.staged(run.batch, "fetches"), len(site.log), run.lake.raw_files(run.batch)
        assert run.fetch() == {**first, "asked": 0}
        assert run.lake.staged(run.batch, "fetches") == before
        assert (len(site.log), run.lake.raw_files(run.batch)) == (asked, raw)


def test_what_failed_is_tried_again_by_the_next_run(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    flaky: loopback.Page = [Answer(status=503), Answer(status=503), Answer()]
    with loopback.serve({"/1": Answer(), "/2": flaky, "/4": Answer(status=403)}) as site:
        run = Run(lake, site, monkeypatch)
        run.stage("/1", "/2", "/4")
        run.fetch()
        run.stage("/3")  # the origins have moved on: what failed is not forgotten
        assert run.fetch()["asked"] == 2
        assert run.outcomes() == [
            ("/1", "captured", None, 1),
            ("/2", "failed", "http-503", 1),
            ("/2", "captured", None, 2),
            ("/3", "gone", "http-404", 1),
            ("/4", "failed", "http-403", 1),  # will not pass
        ]
        assert sorted(run.captured()) == ["/1", "/2"]


def test_rows_of_a_published_batch_are_kept(lake: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with loopback.serve({"/1": Answer(), "/2": Answer()}) as site:
        run = Run(lake, site, monkeypatch)
        run.stage("/1")
        run.fetch()
        staged = lake.staged(run.batch, "fetches")
        assert staged is not None
        lake.publish(run.batch, "fetches", staged)
        for file in lake.scratch_folder(run.batch).iterdir():
            file.unlink()
        run.stage("/2")
        run.fetch()
        assert [row[:2] for row in run.outcomes()] == [("/1", "captured"), ("/2", "captured")]
        assert run.rows()[0] == staged.to_pylist()[0]


def test_more_than_the_batchs_limit_is_refused(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.serve({f"/{n}": Answer() for n in range(5)}) as site:
        run = Run(lake, site, monkeypatch, limit=3)
        run.stage(*(f"/{n}" for n in range(5)))
        run.fetch()
        assert [row[1:3] for row in run.outcomes()] == [("captured", None)] * 3 + [("refused", "limit")] * 2


def test_the_past_is_asked_for_and_gives_the_time(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    then = Answer(headers={"Memento-Datetime": "Fri, 12 Aug 2016 21:00:00 GMT"})
    with loopback.serve({"/1": then}) as site:
        run = Run(lake, site, monkeypatch, memento=True)
        run.stage("/1")
        run.fetch()
        assert site.log[-1].headers["accept-datetime"] == "Fri, 12 Aug 2016 21:59:59 GMT"
        assert run.rows()[0]["fetched_at"] == dt.datetime(2016, 8, 12, 21, tzinfo=dt.UTC)


def test_while_another_run_asks_the_publisher_this_one_waits(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.serve({"/1": Answer()}) as site:
        run = Run(lake, site, monkeypatch, delay=0.3)
        run.stage("/1")
        with (
            lease_publisher(lake.storage, "beispiel", 0),
            pytest.raises(PublisherBusy, match="another run makes requests to beispiel"),
        ):
            run.fetch(patience=0.1)
        ended = time.time()
        assert site.log == []
        assert run.fetch()["captured"] == 1
        assert time.time() - ended >= 0.3


def test_what_the_deadline_left_the_next_run_takes(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(handler: loopback.Handler) -> None:
        time.sleep(1.5)
        handler.send(Answer())

    with loopback.serve({"/0": slow, "/1": Answer(), "/2": Answer()}) as site:
        run = Run(lake, site, monkeypatch)
        run.stage("/0", "/1", "/2")
        counts = run.fetch(Limits(timeout=5, deadline=1.0))
        assert (counts["captured"], counts["deadline"], counts["left"]) == (1, 2, 2)
        assert counts["candidates"] == sum(counts[name] for name in ("captured", "deadline"))
        counts = run.fetch()
        assert (counts["captured"], counts["left"]) == (3, 0)
        assert site.paths().count("/0") == 1


def test_a_candidate_without_an_outcome_is_an_error(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.serve({}) as site:
        run = Run(lake, site, monkeypatch)
        run.stage("/1")
        monkeypatch.setattr("klartext.fetch.run.crawl", lambda *_: iter(()))
        with pytest.raises(CandidatesLost, match=r"1 candidates of beispiel-.* have no outcome"):
            run.fetch()


@pytest.mark.usefixtures("press_sources")
def test_a_day_of_the_newsroom(press: newsroom.Press, lake: Lake) -> None:
    slugs = press.ports.keys() - {"hostile"}
    assert len(slugs) == 4
    for slug in slugs:
        publisher = sources.load()[slug]
        start = dt.datetime(2024, 5, 15, tzinfo=BERLIN)
        batch = Batch.of_interval(publisher, start, start + dt.timedelta(days=1))
        found = discover_batch(lake, batch, publisher)["candidates"]
        counts = fetch_batch(lake, batch, publisher, limits=QUICK)
        assert counts["candidates"] == counts["asked"] == found
        assert counts["captured"] + counts["gone"] + counts["disallowed"] == found
        rows = lake.staged(batch, "fetches")
        assert rows is not None
        times = {row["fetched_at"] for row in rows.to_pylist() if row["capture"]}
        assert times == {batch.end - dt.timedelta(seconds=1)}
