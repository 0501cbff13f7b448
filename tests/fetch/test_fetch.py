"""Fetching of a batch: against servers on loopback, and against the newsroom."""

from __future__ import annotations

import datetime as dt
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import loopback
import newsroom
from klartext import sources, warc
from klartext.batch import Batch
from klartext.crawler import CrawlerCrashed, Limits
from klartext.discover import discover_batch
from klartext.fetch import fetch_batch, fetch_urls
from klartext.fetch.steps import CandidatesLost
from klartext.lake import Lake
from klartext.model import Candidate, Fetch
from klartext.sources import Source
from loopback import Answer

BERLIN = ZoneInfo("Europe/Berlin")
START, END = dt.datetime(2016, 8, 12, tzinfo=BERLIN), dt.datetime(2016, 8, 13, tzinfo=BERLIN)
QUICK = Limits(timeout=2, backoff=0.01, retries=1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path / "lake"))


def source(host: str, **fetch: Any) -> Source:
    return Source(slug="beispiel", name="Beispiel", hosts=[host], fetch={"delay": 0, **fetch})  # type: ignore[arg-type]


def candidate(url: str) -> Candidate:
    return Candidate(
        url=url,
        discovered_from="https://beispiel.de/feed",
        title=f"Titel {url[-1]}",
        published_at=dt.datetime(2016, 8, 12, 8, tzinfo=dt.UTC),
        modified_at=None,
    )


class Run:
    """One batch of a source on a loopback server."""

    def __init__(self, lake: Lake, site: loopback.Site, monkeypatch: pytest.MonkeyPatch, **rules: Any) -> None:
        monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", site.host)
        self.lake, self.site, self.source = lake, site, source(site.host, **rules)
        self.batch = Batch.of_interval(self.source, START, END)

    def stage(self, *paths: str) -> None:
        self.lake.stage(self.batch, "candidates", [candidate(self.site.base + path) for path in paths])

    def fetch(self, limits: Limits = QUICK) -> dict[str, Any]:
        return fetch_batch(self.lake, self.batch, self.source, limits=limits)

    def rows(self) -> list[dict[str, Any]]:
        table = self.lake.staged(self.batch, "fetches")
        assert table is not None
        return table.to_pylist()

    def told(self) -> list[tuple[str, str, str | None, int]]:
        return [(row["url"].removeprefix(self.site.base), row["outcome"], row["reason"], row["attempt"])
                for row in self.rows()]  # fmt: skip

    def captured(self) -> list[str]:
        found = []
        for name in self.lake.raw_files(self.batch):
            with self.lake.open_raw(name) as file:
                found += [page.url.removeprefix(self.site.base) for page in warc.read(file, name)
                          if isinstance(page, warc.Page) and page.status == 200]  # fmt: skip
        return found


def test_every_candidate_gets_a_row_and_every_page_a_record(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    um = Answer(b"", 301, {"Location": "/ziel"})
    with loopback.serve(
        {"/1": Answer(), "/um": um, "/ziel": Answer(b"<p>Ziel</p>"), "/500": Answer(status=500)}
    ) as site:
        run = Run(lake, site, monkeypatch)
        run.stage("/1", "/2", "/um", "/500")
        counts = run.fetch()
        assert counts == {"candidates": 4, "asked": 4, "captured": 2, "unchanged": 0, "disallowed": 0, "gone": 1,
                          "failed": 1, "refused": 0, "deadline": 0}  # fmt: skip
        assert run.told() == [
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
        page = next(warc.read(file, "x"))
    assert isinstance(page, warc.Page)
    assert (page.body, page.capture.digest) == (b"<p>Ziel</p>", last["capture"]["digest"])
    assert list(lake.scratch(run.batch).glob("*.warc.gz")) == []


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
        assert run.told() == [
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
        lake.replace("fetches", f"lake/fetches/source=beispiel/date={run.batch.date}/{run.batch.name}.parquet", staged)
        for file in lake.scratch(run.batch).iterdir():
            file.unlink()
        run.stage("/2")
        run.fetch()
        assert [row[:2] for row in run.told()] == [("/1", "captured"), ("/2", "captured")]
        assert run.rows()[0] == staged.to_pylist()[0]


def test_more_than_the_batchs_limit_is_refused(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.serve({f"/{n}": Answer() for n in range(5)}) as site:
        run = Run(lake, site, monkeypatch, limit=3)
        run.stage(*(f"/{n}" for n in range(5)))
        run.fetch()
        assert [row[1:3] for row in run.told()] == [("captured", None)] * 3 + [("refused", "limit")] * 2


def test_the_past_is_asked_for_and_gives_the_time(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    then = Answer(headers={"Memento-Datetime": "Fri, 12 Aug 2016 21:00:00 GMT"})
    with loopback.serve({"/1": then}) as site:
        run = Run(lake, site, monkeypatch, memento=True)
        run.stage("/1")
        run.fetch()
        assert site.log[-1].headers["accept-datetime"] == "Fri, 12 Aug 2016 21:59:59 GMT"
        assert run.rows()[0]["fetched_at"] == dt.datetime(2016, 8, 12, 21, tzinfo=dt.UTC)


def test_what_was_captured_before_a_crash_is_kept(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.serve({"/1": Answer(), "/2": Answer(), "/3": Answer()}) as site:
        run = Run(lake, site, monkeypatch)
        run.stage("/1", "/2", "/3")
        children = Path("/proc/self/task")

        def kill(handler: loopback.Handler) -> None:
            pids = [pid for task in children.iterdir() for pid in (task / "children").read_text().split()]
            for pid in pids:
                if b"klartext.crawler" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    subprocess.run(["kill", "-KILL", pid], check=True)

        site.pages["/2"] = kill
        with pytest.raises(CrawlerCrashed, match="-9"):
            run.fetch()
        assert run.told() == [("/1", "captured", None, 1)]
        site.pages["/2"] = Answer()
        run.fetch()
        assert run.told() == [(f"/{n}", "captured", None, 1) for n in (1, 2, 3)]
        assert sorted(run.captured()) == ["/1", "/2", "/3"]
        assert site.paths().count("/1") == 1


def test_a_candidate_without_an_outcome_is_an_error(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.serve({}) as site:
        run = Run(lake, site, monkeypatch)
        run.stage("/1")
        monkeypatch.setattr("klartext.fetch.asking.crawl", lambda *_: iter(()))
        with pytest.raises(CandidatesLost, match=r"1 candidates of beispiel-.* have no outcome"):
            run.fetch()


KILLED = """
import sys
from pathlib import Path
from klartext.batch import Batch
from klartext.fetch import fetch_batch
from klartext.lake import Lake
from klartext.sources import Source
import json
source, batch = Source.model_validate_json(sys.argv[2]), Batch.from_dict(json.loads(sys.argv[3]))
fetch_batch(Lake.open(sys.argv[1]), batch, source)
"""


def test_killed_in_the_middle_the_next_run_goes_on(lake: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def stall(handler: loopback.Handler) -> None:
        time.sleep(60)

    with loopback.serve({"/1": Answer(), "/2": Answer(), "/3": stall, "/4": Answer()}) as site:
        run = Run(lake, site, monkeypatch)
        run.stage("/1", "/2", "/3", "/4")
        program = [sys.executable, "-c", KILLED, str(tmp_path / "lake"), run.source.model_dump_json(),
                   json.dumps(run.batch.to_dict())]  # fmt: skip
        process = subprocess.Popen(program)
        left = lake.scratch(run.batch) / "fetch.warc.gz"
        for _ in range(1000):
            if site.paths()[-2:] == ["/1", "/2"] and left.exists():
                break
            time.sleep(0.02)
        else:
            raise AssertionError("it has not come that far")
        process.send_signal(signal.SIGKILL)
        process.wait()
        left.write_bytes(left.read_bytes()[:-1] + b"halb")  # and the record it was writing is torn
        assert run.rows() == []
        site.pages["/3"] = Answer()
        run.fetch()
        assert run.told() == [(f"/{n}", "captured", None, 1) for n in (1, 2, 3, 4)]
        assert sorted(run.captured()) == ["/1", "/2", "/3", "/4"]
        assert site.paths().count("/1") == 1


@pytest.mark.usefixtures("press_sources")
def test_a_day_of_the_newsroom(press: newsroom.Press, lake: Lake) -> None:
    for slug in press.ports.keys() - {"hostile"}:
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


def test_addresses_by_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    out = tmp_path / "hand.warc.gz"
    with loopback.serve({"/1": Answer()}) as site, loopback.serve({"/2": Answer()}) as other:
        monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", f"{site.host},{other.host}")
        one = source(site.host)
        rows = fetch_urls([f"{site.base}/1", candidate(f"{site.base}/3"), f"{other.base}/2"], out, one, limits=QUICK)
        told = [(row.url.rpartition("/")[2], row.outcome, row.reason) for row in rows]
        assert sorted(told) == [("1", "captured", None), ("2", "refused", "foreign-host"), ("3", "gone", "http-404")]
        with pytest.raises(FileExistsError, match="never replaced"):
            fetch_urls([f"{site.base}/1"], out, one)
        rows = fetch_urls([f"{site.base}/1", f"{other.base}/2", "keine"], tmp_path / "two.warc.gz", limits=QUICK)
    assert all(isinstance(row, Fetch) for row in rows)
    assert {(row.url[-2:], row.outcome, row.reason) for row in rows} == {
        ("/1", "captured", None),
        ("/2", "captured", None),
        ("ne", "refused", "address"),
    }
