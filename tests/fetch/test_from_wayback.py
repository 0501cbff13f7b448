"""The Wayback Machine asked as a publisher is; a server on loopback stands in for one that is not well."""

from __future__ import annotations

import datetime as dt
import os
import signal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from klartext import wayback
from klartext.batch import Batch
from klartext.crawler import CrawlerCrashed, Limits
from klartext.crawler.publisher_lease import PublisherBusy, lease_publisher
from klartext.fetch import fetch_batch
from klartext.lake import Lake, layout
from klartext.model import Candidate
from klartext.sources import Source
from support import loopback
from support.loopback import Answer

START = dt.datetime(2016, 8, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
STAMP = "20160812100000"
QUICK = Limits(timeout=2, backoff=0.01, retries=1)


def path(number: int) -> str:
    """Where the archive has a page."""
    return f"/web/{STAMP}id_/http://www.b.de/{number}"


class Kept:
    """A batch whose pages an archive has named. ``b.de`` itself is never requested: it has no address here."""

    def __init__(self, root: Path, site: loopback.Site, **rules: Any) -> None:
        self.lake, self.site = Lake.open(str(root)), site
        self.source = Source.model_validate({
            "slug": "b", "name": "B", "hosts": ["www.b.de"], "discover": {"wayback": True},
            "fetch": {"delay": 0, **rules},
        })  # fmt: skip
        self.batch = Batch.of_interval(self.source, START, START + DAY)

    def run(self, *numbers: int, batch: Batch | None = None, limits: Limits = QUICK, **rest: Any) -> dict[str, Any]:
        named = [Candidate(url=f"http://www.b.de/{n}", discovered_from=self.site.base + path(n), title=f"Titel {n}",
                           published_at=START, modified_at=None) for n in numbers]  # fmt: skip
        self.lake.stage(batch or self.batch, "candidates", named)
        return fetch_batch(self.lake, batch or self.batch, self.source, limits=limits, **rest)

    def rows(self, batch: Batch | None = None) -> list[dict[str, Any]]:
        table = self.lake.staged(batch or self.batch, "fetches")
        return table.to_pylist() if table else []

    def outcomes(self, batch: Batch | None = None) -> list[tuple[str, str, str | None, int]]:
        return [(row["url"][-1], row["outcome"], row["reason"], row["attempt"]) for row in self.rows(batch)]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    sites = []

    def made(pages: dict[str, loopback.Page], **rules: Any) -> Kept:
        serving = loopback.serve(pages)
        sites.append(serving)
        site = serving.__enter__()
        monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", site.host)
        monkeypatch.setenv("KLARTEXT_WAYBACK", site.base)
        return Kept(tmp_path / f"lake{len(sites)}", site, **rules)

    yield made
    for serving in sites:
        serving.__exit__(None, None, None)


def test_robots_delay_and_tries_are_those_of_a_publisher(kept: Any) -> None:
    forbidden = Answer(f"User-agent: *\nDisallow: {path(4)}\n".encode(), type="text/plain")
    away = Answer(b"", 302, {"Location": "http://www.b.de/5"})
    one = kept({"/robots.txt": forbidden, path(1): Answer(), path(2): [Answer(status=503), Answer()], path(4): Answer(),
                path(5): away}, delay=0.2)  # fmt: skip
    counts = one.run(1, 2, 3, 4, 5)
    assert one.outcomes() == [
        ("1", "captured", None, 1),
        ("2", "captured", None, 1),
        ("3", "gone", "not-archived", 1),
        ("4", "disallowed", "robots", 1),
        ("5", "refused", "foreign-host", 1),
    ]
    assert counts["candidates"] == counts["asked"] == 5
    assert path(4) not in one.site.paths()
    assert one.site.pause() >= 0.18
    asked = len(one.site.log)
    assert one.run(1, 2, 3, 4, 5)["asked"] == 0
    assert len(one.site.log) == asked


def test_a_rest_that_the_archive_asks_for_is_kept(kept: Any) -> None:
    tired = Answer(status=429, headers={"Retry-After": "600"})
    one = kept({path(1): Answer(), path(2): [tired, Answer()], path(3): Answer()})
    one.run(1, 2, 3)
    first = [("1", "captured", None, 1), ("2", "failed", "http-429", 1), ("3", "deadline", "retry-after", 1)]
    assert one.outcomes() == first
    asked = len(one.site.log)
    with pytest.raises(PublisherBusy, match="asked for a pause"):
        one.run(1, 2, 3)
    assert (len(one.site.log), one.outcomes()) == (asked, first)
    one.lake.storage.remove(layout.lease_file(one.site.host))  # ten minutes later
    assert one.run(1, 2, 3)["captured"] == 3
    assert one.site.paths().count(path(1)) == 1


def test_while_another_run_asks_the_archive_this_one_waits(kept: Any) -> None:
    one = kept({path(1): Answer()})
    with (
        lease_publisher(one.lake.storage, one.site.host, 0),
        pytest.raises(PublisherBusy, match=f"makes requests to {one.site.host}"),
    ):
        one.run(1, patience=0.1)
    assert one.site.log == []
    assert one.run(1)["captured"] == 1


def test_the_deadline_is_the_batchs(kept: Any) -> None:
    one = kept({path(n): Answer() for n in (1, 2)})
    assert one.run(1, 2, limits=Limits(deadline=0.0))["deadline"] == 2
    assert one.run(1, 2)["captured"] == 2


def test_what_another_batch_has_is_not_fetched_again(kept: Any) -> None:
    one = kept({path(1): Answer(), path(2): Answer()})
    one.run(1)
    one.lake.publish(one.batch, "fetches", one.lake.staged(one.batch, "fetches"))
    later = Batch.of_interval(one.source, START + DAY, START + 2 * DAY)
    one.run(1, 2, batch=later)
    assert one.outcomes(later) == [("1", "unchanged", "known", 1), ("2", "captured", None, 1)]
    assert one.site.paths().count(path(1)) == 1


def test_a_killed_crawl_leaves_the_same_rows_as_another(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(handler: loopback.Handler) -> None:
        for task in Path("/proc/self/task").iterdir():
            for pid in (task / "children").read_text().split():
                if b"klartext.crawler" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(int(pid), signal.SIGKILL)

    one, other = kept({path(1): Answer(), path(2): Answer()}), kept({path(1): Answer(), path(2): kill})
    with pytest.raises(CrawlerCrashed):
        other.run(1, 2)
    assert other.outcomes() == [("1", "captured", None, 1)]
    other.site.pages[path(2)] = Answer()
    other.run(1, 2)
    monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", one.site.host)
    monkeypatch.setenv("KLARTEXT_WAYBACK", one.site.base)
    one.run(1, 2)

    def without(of: Kept) -> list[dict[str, Any]]:
        return [{**row, "discovered_from": wayback.page_url(row["discovered_from"]),
                 "capture": row["capture"]["digest"]} for row in of.rows()]  # fmt: skip

    assert without(one) == without(other)
    assert {row["fetched_at"] for row in one.rows()} == {START + dt.timedelta(hours=10)}
    assert {row["final_url"] for row in one.rows()} == {"http://www.b.de/1", "http://www.b.de/2"}


def test_a_page_that_is_gone_is_looked_for_unless_another_batch_has_it(kept: Any) -> None:
    one = kept({})
    base = one.site.base

    def index(handler: loopback.Handler) -> None:
        page = parse_qs(urlsplit(handler.path).query)["url"][0]
        handler.send(Answer(f"{STAMP} {page}\nbroken\n".encode() if page.endswith("/1") else b"", type="text/plain"))

    pages = {wayback.index_query(base, f"{base}/{n}", START, None).removeprefix(base): index for n in (1, 2, 3)}
    one.site.pages |= {**pages, f"/web/{STAMP}id_/{base}/1": Answer()}
    one.source = one.source.model_copy(update={"hosts": [one.site.host]})
    named = [Candidate(url=f"{base}/{n}", discovered_from=f"{base}/feed", title=None, published_at=START,
                       modified_at=None) for n in (1, 2)]  # fmt: skip
    one.lake.stage(one.batch, "candidates", named)
    fetch_batch(one.lake, one.batch, one.source, limits=QUICK)
    assert [row[:3] for row in one.outcomes()] == [
        ("1", "gone", "http-404"), ("1", "captured", None), ("2", "gone", "http-404"), ("2", "gone", "not-archived")
    ]  # fmt: skip
    skipped = one.lake.staged(one.batch, "skipped_by_fetch")
    assert [(row["reason"], row["count"]) for row in skipped.to_pylist()] == [("index-line-broken", 1)]
    one.lake.publish(one.batch, "fetches", one.lake.staged(one.batch, "fetches"))
    later, asked = Batch.of_interval(one.source, START + DAY, START + 2 * DAY), len(one.site.log)
    changed = dt.datetime.now(dt.UTC)  # so it is asked for again, and is gone
    one.lake.stage(later, "candidates", [Candidate(url=f"{base}/1", discovered_from=f"{base}/feed", title=None,
                                                   published_at=START, modified_at=changed)])  # fmt: skip
    fetch_batch(one.lake, later, one.source, limits=QUICK)
    assert one.outcomes(later) == [("1", "gone", "http-404", 1)]
    assert [path for path in one.site.paths()[asked:] if "cdx" in path] == []
