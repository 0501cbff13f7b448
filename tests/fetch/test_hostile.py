"""A publisher that does all that may go wrong: every address ends as an outcome with its reason, and the batch ends."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import newsroom
from klartext import sources
from klartext.batch import Batch
from klartext.crawler import Limits
from klartext.discover import discover_batch
from klartext.extract import extract_batch
from klartext.fetch import fetch_batch
from klartext.lake import Lake
from klartext.model import Candidate
from klartext.sources import Source
from klartext.validate import BatchRefused, validate_batch
from newsroom.hostile import PAGES

SEEN_NOW = {"/no-charset.html", "/latin1.html", "/no-type.html", "/empty.html"}
"""Pages that the odd feed names: once with a time of that day, and without one that anybody could believe."""


@dataclasses.dataclass(frozen=True)
class Run:
    """What became of the batch: the staged rows of each table."""

    candidates: list[dict[str, Any]]
    fetches: list[dict[str, Any]]
    articles: list[dict[str, Any]]
    rejects: list[dict[str, Any]]


@pytest.fixture(scope="module")
def widrig(press: newsroom.Press, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Source, Batch]]:
    folder = press.sources(tmp_path_factory.mktemp("sources"), hostile=True)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KLARTEXT_SOURCES", os.pathsep.join([str(sources.DEFAULT_DIRECTORIES), str(folder)]))
        environment.setenv("KLARTEXT_ALLOW_HOSTS", ",".join(press.hosts))
        source = sources.load()["hostile"]
        start = dt.datetime(2024, 5, 15, tzinfo=source.zone)
        yield source, Batch.of_interval(source, start, start + dt.timedelta(days=1))


@pytest.fixture(scope="module")
def run(widrig: tuple[Source, Batch], tmp_path_factory: pytest.TempPathFactory) -> Run:
    source, batch = widrig
    lake = Lake.open(str(tmp_path_factory.mktemp("lake")))
    discover_batch(lake, batch, source, now=batch.end)
    counts = fetch_batch(lake, batch, source, limits=Limits(timeout=5, retries=0, at_once=8))
    assert counts["candidates"] == len(PAGES)
    extract_batch(lake, batch, source)
    with contextlib.suppress(BatchRefused):  # so it should be; what is asked here is what became of each page
        validate_batch(lake, batch, source)
    tables = ("candidates", "fetches", "articles", "rejects")
    staged = [lake.staged(batch, name) for name in tables]
    return Run(*(table.to_pylist() if table else [] for table in staged))


def outcomes(run: Run, base: str) -> dict[str, tuple[str, str | None]]:
    return {row["url"].removeprefix(base): (row["outcome"], row["reason"]) for row in run.fetches}


def test_every_page_has_its_outcome(run: Run, press: newsroom.Press) -> None:
    found = outcomes(run, press.hostile.base)
    assert PAGES.keys() <= found.keys()
    assert {path: outcome for path, outcome in found.items() if path in PAGES and outcome[0] != "captured"} == {
        "/soft-404.html": ("placeholder", "error-page"),
        **{
            f"/{name}.html": ("placeholder", "repeated-page")  # one undated text at five addresses
            for name in ("wrong-charset", "no-charset", "latin1", "latin1-undeclared", "no-type")
        },
        "/huge.html": ("failed", "too-large"),
        "/gzip-bomb.html": ("failed", "too-large"),
        "/zeros.html": ("failed", "too-large"),
        "/drip.html": ("failed", "timeout"),
        "/stall.html": ("failed", "timeout"),
        "/stall-head.html": ("failed", "timeout"),
        "/truncated-gzip.html": ("failed", "payload-damaged"),
        "/truncated.html": ("failed", "cut-short"),
        "/hang-up.html": ("failed", "connection"),
        "/no-http.html": ("failed", "connection"),
        "/redirect-loop.html": ("failed", "redirect-loop"),
        "/redirect-loop-2.html": ("failed", "redirect-loop"),
        "/redirect-loopback.html": ("refused", "foreign-host"),
        "/redirect-metadata.html": ("refused", "foreign-host"),
        "/redirect-file.html": ("refused", "scheme"),
        "/status-500.html": ("failed", "http-500"),
        "/status-429.html": ("failed", "http-429"),
    }
    sizes = {row["url"].rpartition("/")[2]: row["bytes"] for row in run.fetches}
    assert sizes["more-than-said.html"] == 4


def test_every_feed_and_sitemap_that_was_not_read_to_its_end_is_told_of(run: Run, press: newsroom.Press) -> None:
    found = outcomes(run, press.hostile.base)
    assert {path: outcome for path, outcome in found.items() if path not in PAGES} == {
        "/feed-no-xml": ("failed", "feed-not-xml"),
        "/feed-bomb.xml": ("failed", "entity-bomb"),
        "/feed-million.xml": ("failed", "too-many-entries"),
        "/sitemap-bomb.xml": ("failed", "entity-bomb"),
    }


def test_odd_entries_are_each_page_once_and_of_now_where_no_time_can_be_believed(
    run: Run, press: newsroom.Press, widrig: tuple[Source, Batch]
) -> None:
    source, batch = widrig
    assert sorted(row["url"].removeprefix(press.hostile.base) for row in run.candidates) == sorted(PAGES)
    asked = [row.target for row in press.request_log if row.site == "hostile"]
    assert {"/sitemaps.xml.gz", "/sitemap-full.xml.gz", "/feed-odd.xml"} <= set(asked)
    odd = source.discover.model_copy(update={"feeds": [f"{press.hostile.base}/feed-odd.xml"], "dated_sitemaps": []})
    from klartext.discover import discover

    def named(now: dt.datetime) -> set[str]:
        found = discover(source.model_copy(update={"discover": odd}), batch.start, batch.end, now=now)
        assert found.problems == []
        return {candidate.url.removeprefix(press.hostile.base) for candidate in found.candidates}

    assert named(batch.end) == SEEN_NOW
    assert named(batch.end + dt.timedelta(days=9)) == {"/no-charset.html"}, "what has no time is seen now, not then"


def test_every_capture_is_an_article_or_a_reject_with_its_reason(run: Run) -> None:
    captured = {row["url"].rpartition("/")[2] for row in run.fetches if row["outcome"] in ("captured", "placeholder")}
    read = {row["url"].rpartition("/")[2]: row["text"] for row in run.articles}
    rejected = {row["url"].rpartition("/")[2]: row["reasons"] for row in run.rejects}
    assert read.keys() | rejected.keys() == captured
    assert all(rejected.values())
    assert rejected["soft-404.html"] == ["error-page"], "an error page that says 200"
    assert {"empty.html", "pdf.html", "broken.html", "more-than-said.html", "deep.html"} <= rejected.keys()
    charsets = {"wrong-charset", "no-charset", "latin1", "latin1-undeclared", "no-type"}
    assert {name for name, text in read.items() if "Fährmann von Übersee grüßte" in text} == {
        f"{name}.html" for name in charsets
    }


@pytest.mark.parametrize(
    ("status", "page", "outcome"),
    [(500, False, ("failed", "robots-unreachable")), (429, False, ("failed", "robots-unreachable")),
     (200, True, ("captured", None)), (404, True, ("captured", None))],
)  # fmt: skip
def test_a_robots_txt_that_is_none(
    status: int, page: bool, outcome: tuple[str, str | None], press: newsroom.Press, widrig: tuple[Source, Batch],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    source, batch = widrig
    monkeypatch.setattr(press.hostile, "robots_status", status)
    monkeypatch.setattr(press.hostile, "robots_page", page)
    lake = Lake.open(str(tmp_path))
    url = f"{press.hostile.base}/no-type.html"
    lake.stage(batch, "candidates", [
        Candidate(url=url, discovered_from=url, title=None, published_at=None, modified_at=None)
    ])  # fmt: skip
    asked = len(press.request_log)
    fetch_batch(lake, batch, source, limits=Limits(timeout=3, retries=1, backoff=0.01))
    rows = lake.staged(batch, "fetches")
    assert rows and [(row["outcome"], row["reason"]) for row in rows.to_pylist()] == [outcome]
    assert ("/no-type.html" in [row.target for row in press.request_log[asked:]]) is (outcome[0] == "captured")
