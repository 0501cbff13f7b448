"""Pages that another batch has: asked for once per change, and what the publisher says then."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from klartext import fetch_log
from klartext.batch import Batch
from klartext.crawler import Limits
from klartext.fetch import fetch_batch
from klartext.lake import Lake
from klartext.model import Candidate
from klartext.sources import Source
from support import loopback
from support.loopback import Answer

QUICK = Limits(timeout=2, backoff=0.01, retries=1)
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
BODY = b"<p>Der Deich h\xc3\xa4lt.</p>"


class Twice:
    """A source on loopback with the batches of yesterday and of today; the first is published when it has run."""

    def __init__(self, root: Path, site: loopback.Site, monkeypatch: pytest.MonkeyPatch, **rules: Any) -> None:
        monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", site.host)
        self.lake, self.site = Lake.open(str(root)), site
        self.source = Source.model_validate({"slug": "beispiel", "name": "Beispiel", "hosts": [site.host],
                                             "fetch": {"delay": 0, **rules}})  # fmt: skip
        self.first = Batch.of_interval(self.source, NOW - 2 * DAY, NOW - DAY)
        self.second = Batch.of_interval(self.source, NOW - DAY, NOW)

    def run(self, batch: Batch, *paths: str, now: dt.datetime | None = None, **times: dt.datetime) -> dict[str, Any]:
        self.site.log.clear()
        candidates = [
            Candidate(url=self.site.base + path, discovered_from="https://beispiel.de/feed", title="Deich",
                      published_at=times.get("published"), modified_at=times.get("modified"))
            for path in paths
        ]  # fmt: skip
        self.lake.stage(batch, "candidates", candidates)
        counts = fetch_batch(self.lake, batch, self.source, limits=QUICK, now=now)
        rows = self.lake.staged(batch, "fetches")
        assert rows is not None
        self.lake.publish(batch, "fetches", rows)
        return counts

    def outcomes(self, batch: Batch) -> dict[str, tuple[str, str | None, int | None]]:
        rows = self.lake.published(batch, "fetches")
        return {row["url"].removeprefix(self.site.base): (row["outcome"], row["reason"], row["status"])
                for row in (rows.to_pylist() if rows else [])}  # fmt: skip

    def records(self, batch: Batch) -> list[Any]:
        found = []
        for name in self.lake.raw_files(batch):
            with self.lake.open_raw(name) as file:
                for record in ArchiveIterator(file):
                    http = record.http_headers.headers if record.http_headers else []
                    found.append((record.rec_type, dict(record.rec_headers.headers), dict(http)))
        return found

    def asked(self) -> list[str]:
        return [path for path in self.site.paths() if path not in ("/robots.txt", "/.well-known/tdmrep.json")]


@pytest.fixture
def twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    sites = []

    def made(pages: dict[str, loopback.Page], **rules: Any) -> Twice:
        serving = loopback.serve(pages)
        sites.append(serving)
        return Twice(tmp_path / "lake", serving.__enter__(), monkeypatch, **rules)

    yield made
    for serving in sites:
        serving.__exit__(None, None, None)


def test_a_page_that_another_batch_has_is_not_asked_for_and_not_lost(twice: Any) -> None:
    two = twice({"/1": Answer(BODY), "/2": Answer()})
    two.run(two.first, "/1", published=NOW - 30 * HOUR)
    counts = two.run(two.second, "/1", "/2", published=NOW - 30 * HOUR)
    assert two.asked() == ["/2"]
    assert two.outcomes(two.second) == {"/1": ("unchanged", "known", None), "/2": ("captured", None, 200)}
    assert (counts["candidates"], counts["asked"], counts["captured"], counts["unchanged"]) == (2, 1, 1, 1)
    before = two.lake.staged(two.second, "fetches")
    assert two.run(two.second, "/1", "/2", published=NOW - 30 * HOUR) == {**counts, "asked": 0}
    assert two.lake.staged(two.second, "fetches") == before
    assert two.run(two.first, "/1")["asked"] == 0, "the page stays with the batch that captured it"
    assert two.outcomes(two.first) == {"/1": ("captured", None, 200)}


def test_another_address_of_the_page_is_the_same_page(twice: Any) -> None:
    two = twice({"/1": Answer(BODY), "/um": Answer(b"", 301, {"Location": "/1"})})
    two.run(two.first, "/um")
    two.run(two.second, "/1?utm_source=feed", "/um")
    assert two.asked() == []
    assert {row[:2] for row in two.outcomes(two.second).values()} == {("unchanged", "known")}


def test_a_page_that_changed_by_its_origin_is_asked_for_with_what_is_known_of_it(twice: Any) -> None:
    headers = {"ETag": '"eins"', "Last-Modified": "Tue, 14 May 2024 08:00:00 GMT"}
    two = twice({"/1": [Answer(BODY, headers=headers), Answer(b"", 304, {"ETag": '"eins"'}), Answer(b"<p>Neu</p>")]})
    two.run(two.first, "/1")
    later = dt.datetime.now(dt.UTC) + HOUR
    counts = two.run(two.second, "/1", modified=later, now=later)
    assert two.site.log[-1].headers["if-none-match"] == '"eins"'
    assert two.site.log[-1].headers["if-modified-since"] == "Tue, 14 May 2024 08:00:00 GMT"
    assert two.outcomes(two.second) == {"/1": ("unchanged", "not-modified", 304)}
    assert (counts["captured"], counts["unchanged"]) == (0, 1)
    first = next(h for kind, h, _ in two.records(two.first) if kind == "response")
    [revisit] = [h for kind, h, _ in two.records(two.second) if kind == "revisit"]
    assert revisit["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert revisit["WARC-Refers-To-Target-URI"] == first["WARC-Target-URI"]
    assert revisit["WARC-Refers-To-Date"] == first["WARC-Date"]
    assert revisit["WARC-Payload-Digest"] == first["WARC-Payload-Digest"]
    rows = two.lake.published(two.second, "fetches").to_pylist()
    assert rows[0]["capture"]["file"] == two.lake.raw_files(two.second)[0]
    third = Batch.of_interval(two.source, NOW, NOW + DAY)
    two.run(third, "/1", modified=later, now=later)
    assert two.outcomes(third) == {"/1": ("captured", None, 200)}
    assert two.site.log[-1].headers["if-none-match"] == '"eins"'


def test_a_change_told_as_a_day_is_asked_for_once_when_the_day_is_over(twice: Any) -> None:
    two = twice({"/1": Answer(BODY, headers={"ETag": '"eins"'})})
    two.run(two.first, "/1")
    third, fourth = (Batch.of_interval(two.source, NOW + n * DAY, NOW + (n + 1) * DAY) for n in (0, 1))
    days_end = dt.datetime.now(dt.UTC) + HOUR
    two.run(two.second, "/1", modified=days_end)
    assert two.asked() == [], "the day is not over"
    two.run(two.second, "/1", modified=days_end, now=days_end + HOUR)
    assert two.asked() == [], "the batch has looked"
    days_end = dt.datetime.now(dt.UTC)
    two.run(third, "/1", modified=days_end)
    assert two.asked() == ["/1"]
    assert two.site.log[-1].headers["if-none-match"] == '"eins"'
    assert two.outcomes(third) == {"/1": ("unchanged", "identical", 200)}
    two.run(fourth, "/1", modified=days_end)
    assert two.asked() == [], "it was asked for after the day"


def test_the_same_payload_is_a_revisit(twice: Any) -> None:
    two = twice({"/1": Answer(gzip.compress(BODY, mtime=0), headers={"Content-Encoding": "gzip"})})
    two.run(two.first, "/1")
    two.run(two.second, "/1", modified=dt.datetime.now(dt.UTC))
    assert two.outcomes(two.second) == {"/1": ("unchanged", "identical", 200)}
    assert [kind for kind, *_ in two.records(two.second)] == ["warcinfo", "request", "metadata", "revisit"]
    [(_, revisit, http)] = [r for r in two.records(two.second) if r[0] == "revisit"]
    assert revisit["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    assert http["Content-Encoding"] == "gzip"
    assert "if-none-match" not in two.site.log[-1].headers


def test_the_plan_looks_at_a_page_again_though_no_origin_names_it(twice: Any) -> None:
    two = twice({"/1": [Answer(BODY), Answer(b"<p>Der Deich brach.</p>")], "/2": Answer()}, revisit=["1h", "6h"])
    start = dt.datetime.now(dt.UTC)
    two.first = Batch.of_interval(two.source, start - DAY, start)
    two.second = Batch.of_interval(two.source, start, start + DAY)
    two.run(two.first, "/1", published=start - HOUR / 2)
    two.run(two.second, "/2", published=start, now=start + HOUR / 4)
    assert two.asked() == ["/2"], "it is not yet an hour old"
    two.run(two.second, "/2", published=start, now=start + HOUR)
    assert two.asked() == ["/1"]
    assert two.outcomes(two.second) == {"/1": ("captured", None, 200), "/2": ("captured", None, 200)}
    rows = {row["url"][-2:]: row for row in two.lake.published(two.second, "fetches").to_pylist()}
    assert rows["/1"]["discovered_from"] == "urn:klartext:revisit"
    assert rows["/1"]["candidate_published_at"] == start - HOUR / 2
    old = Batch.of_interval(two.source, start - 9 * DAY, start - 8 * DAY)
    two.run(old, now=start + 8 * HOUR)
    assert two.asked() == [], "the past is not looked at again"


def test_a_publisher_that_keeps_its_past_is_asked_for_each_moment(twice: Any) -> None:
    two = twice({"/1": Answer(BODY)}, memento=True)
    two.run(two.first, "/1")
    two.run(two.second, "/1")
    assert two.asked() == ["/1"]
    assert two.outcomes(two.second) == {"/1": ("captured", None, 200)}


def test_what_failed_is_asked_for_again_though_another_batch_has_it(twice: Any) -> None:
    two = twice({"/1": [Answer(BODY), Answer(status=503), Answer(status=503), Answer(b"<p>Neu</p>")]})
    two.run(two.first, "/1")
    two.run(two.second, "/1", modified=dt.datetime.now(dt.UTC))
    assert two.outcomes(two.second) == {"/1": ("failed", "http-503", 503)}
    two.run(two.second)
    assert [row["outcome"] for row in two.lake.published(two.second, "fetches").to_pylist()] == ["failed", "captured"]


def test_a_placeholder_is_no_capture_for_its_batch_and_for_others(twice: Any) -> None:
    headers = {"ETag": '"a"'}
    two = twice({"/1": [Answer(b"Zustimmen?", headers=headers), Answer(BODY, headers=headers)], "/2": Answer(BODY)})
    two.run(two.first, "/1", "/2")
    log = two.lake.published(two.first, "fetches")
    places = {row["url"][-2:]: (row["capture"]["file"], row["capture"]["offset"]) for row in log.to_pylist()}
    marked = fetch_log.mark_placeholders(log, {places["/1"]: "consent-page"})
    two.lake.stage(two.first, "fetches", marked)
    two.lake.publish(two.first, "fetches", marked)
    assert two.run(two.second, "/1", "/2")["asked"] == 1
    assert two.asked() == ["/1"]
    assert "if-none-match" not in two.site.log[-1].headers, "an unchanged placeholder would be one again"
    assert two.run(two.first, "/1", "/2")["asked"] == 1, "its own batch asks again too"
    assert {row["attempt"]: row["outcome"] for row in two.lake.staged(two.first, "fetches").to_pylist()
            if row["url"].endswith("/1")} == {1: "placeholder", 2: "captured"}  # fmt: skip
    key = two.source.page_key(f"{two.site.base}/2")
    assert fetch_batch(two.lake, two.first, two.source, limits=QUICK, again=[key])["asked"] == 1


def test_a_capture_whose_file_is_gone_is_asked_for_whole(twice: Any) -> None:
    two = twice({"/1": Answer(BODY, headers={"ETag": '"eins"'})})
    two.run(two.first, "/1")
    (two.lake.storage.disk / two.lake.raw_files(two.first)[0]).unlink()
    two.run(two.second, "/1", modified=dt.datetime.now(dt.UTC))
    assert two.outcomes(two.second) == {"/1": ("captured", None, 200)}
    assert "if-none-match" not in two.site.log[-1].headers


def test_a_redirect_onto_another_candidate_captures_it_once(twice: Any) -> None:
    two = twice(
        {"/a": Answer(b"", 301, {"Location": "/b"}), "/b": Answer(BODY), "/c": Answer(b"", 302, {"Location": "/b"})}
    )
    counts = two.run(two.first, "/a", "/b", "/c")
    assert two.asked() == ["/a", "/b", "/c"]
    assert two.outcomes(two.first) == {
        "/a": ("captured", None, 200),
        "/b": ("unchanged", "same-page", None),
        "/c": ("unchanged", "same-page", None),
    }
    assert sum(counts[name] for name in ("captured", "unchanged")) == counts["candidates"] == 3
    two.run(two.first, "/a", "/b", "/c", "/b/")
    assert two.asked() == []
    two.run(two.second, "/c", "/b")
    assert two.asked() == []


def test_addresses_that_differ_in_an_ignored_parameter_are_one_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {path: Answer(BODY) for path in ("/1?cid=feed", "/1?cid=news", "/2?cid=a", "/2?cid=b")}
    with loopback.serve(answers) as site:
        twice = Twice(tmp_path, site, monkeypatch)
        ignoring = {**twice.source.model_dump(), "addresses": {"ignore_parameters": ["cid"]}}
        twice.source = Source.model_validate(ignoring)
        assert twice.run(twice.first, "/1?cid=feed", "/2?cid=a")["captured"] == 2
        counts = twice.run(twice.second, "/1?cid=news", "/2?cid=b")
        assert (counts["asked"], counts["unchanged"], twice.asked()) == (0, 2, [])
        third = Batch.of_interval(twice.source, NOW - 9 * DAY, NOW - 8 * DAY)
        assert twice.run(third, "/3?cid=a", "/3?cid=b")["candidates"] == 1


def test_a_redirect_to_a_page_that_differs_in_an_ignored_parameter_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = Answer(b"", status=301, headers={"Location": "/1?cid=b"})
    with loopback.serve({"/1?cid=a": Answer(BODY), "/9": moved, "/1?cid=b": Answer(BODY)}) as site:
        twice = Twice(tmp_path, site, monkeypatch)
        ignoring = {**twice.source.model_dump(), "addresses": {"ignore_parameters": ["cid"]}}
        twice.source = Source.model_validate(ignoring)
        counts = twice.run(twice.first, "/1?cid=a", "/9")
        assert (counts["captured"], counts["unchanged"], sorted(twice.asked())) == (1, 1, ["/1?cid=a", "/9"])
