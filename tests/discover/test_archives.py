"""What others have captured of the press: CC-NEWS and a Wayback Machine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import newsroom
from klartext import sources
from klartext.batch import Batch
from klartext.discover import discover_batch
from klartext.discover.covering_origins import NothingCovers
from klartext.extract import extract_batch
from klartext.fetch import fetch_batch
from klartext.lake import Lake
from klartext.maintenance.takedown import take_down
from klartext.sources import Discover, Source
from klartext.warc import reader

BERLIN = ZoneInfo("Europe/Berlin")
DAY = dt.datetime(2024, 5, 15, tzinfo=BERLIN)
GONE = "/812431/kranfuehrer-streiken-im-suedhafen"


@pytest.fixture(scope="module")
def kept_press() -> Iterator[newsroom.Press]:
    with newsroom.serve(archive=True) as running:
        yield running


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path / "lake"))


@pytest.fixture
def paper(kept_press: newsroom.Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """A paper of the press whose archives are configured; its file says nothing of them yet."""
    folder = kept_press.sources(tmp_path / "sources")
    monkeypatch.setenv("KLARTEXT_SOURCES", f"{sources.DEFAULT_DIRECTORIES}:{folder}")
    monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", ",".join(kept_press.hosts))
    monkeypatch.setenv("KLARTEXT_CC_NEWS", kept_press.archive)
    monkeypatch.setenv("KLARTEXT_WAYBACK", f"{kept_press.archive}/")
    return sources.load()["kontorblatt"]


def asking(paper: Source, **rules: Any) -> Source:
    """The paper with other origins, and without its past: it shows today's pages."""
    fetch = paper.fetch.model_copy(update={"memento": False})
    return paper.model_copy(update={"discover": Discover(**rules), "fetch": fetch})


def day_of(source: Source, start: dt.datetime = DAY) -> Batch:
    return Batch.of_interval(source, start, start + dt.timedelta(days=1))


def rows(lake: Lake, batch: Batch, table: str) -> list[dict[str, Any]]:
    staged = lake.staged(batch, table)
    return staged.to_pylist() if staged is not None else []


def pages(lake: Lake, batch: Batch) -> list[reader.Page]:
    found = []
    for name in lake.raw_files(batch):
        with lake.open_raw(name) as file:
            found += [item for item in reader.read(file, name) if isinstance(item, reader.Page)]
    return found


def requests(press: newsroom.Press, site: str, since: int) -> list[str]:
    return [asked.target for asked in press.request_log[since:] if asked.site == site]


@pytest.mark.usefixtures("extraction_here")
def test_cc_news_brings_our_captures_of_the_interval_as_they_are(
    kept_press: newsroom.Press, paper: Source, lake: Lake
) -> None:
    source = asking(paper, cc_news=True)
    batch, since = day_of(source), len(kept_press.request_log)
    counts = discover_batch(lake, batch, source)
    assert counts["problems"] == 0
    assert counts["origins"] == 3  # the list and its two files
    host = source.hosts[0]
    found = pages(lake, batch)
    assert {page.url.split("/")[2] for page in found} == {host}
    assert all(batch.start <= page.fetched_at < batch.end for page in found)
    assert GONE in {page.url.partition(host)[2] for page in found}
    assert {page.via for page in found} <= {
        f"{kept_press.archive}{asked}" for asked in requests(kept_press, "archive", since)
    }
    assert all(page.via and page.via.endswith(".warc.gz") for page in found)
    counts = fetch_batch(lake, batch, source)
    assert (counts["asked"], counts["captured"]) == (0, len(found))
    assert requests(kept_press, "kontorblatt", since) == []
    fetches = rows(lake, batch, "fetches")
    assert {row["discovered_from"] for row in fetches} == {page.via for page in found}
    assert {row["fetched_at"] for row in fetches} == {page.fetched_at for page in found}
    assert extract_batch(lake, batch, source)["articles"] >= 5
    for table in ("fetches", "teasers"):
        lake.publish(batch, table, lake.staged(batch, table))
    cards = {row["target_url"] for row in rows(lake, batch, "teasers") if row["target_url"] and not row["is_self"]}
    after, since = day_of(source, DAY + dt.timedelta(days=1)), len(kept_press.request_log)
    assert discover_batch(lake, after, asking(paper, teasers=True))["origins"] == 0
    named = rows(lake, after, "candidates")
    assert named, "what the teasers on these pages lead to is for the next run"
    assert {row["url"] for row in named} <= cards - {page.url for page in found}
    assert {row["discovered_from"] for row in named} <= {page.url for page in found}
    assert kept_press.request_log[since:] == []


def test_cc_news_is_read_once_and_lands_once(
    kept_press: newsroom.Press, paper: Source, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = asking(paper, cc_news=True)
    batch = day_of(source)
    discover_batch(lake, batch, source)
    raw, since = lake.raw_files(batch), len(kept_press.request_log)
    discover_batch(lake, batch, source)
    assert requests(kept_press, "archive", since) == ["/crawl-data/CC-NEWS/2024/05/warc.paths.gz"]
    assert lake.raw_files(batch) == raw
    (lake.scratch_folder(batch) / "cc-news.json").unlink()  # staging was cleared: read again, and nothing twice
    discover_batch(lake, batch, source)
    assert len(requests(kept_press, "archive", since)) == 4
    assert lake.raw_files(batch) == raw


def test_what_was_taken_down_is_not_copied_from_cc_news(kept_press: newsroom.Press, paper: Source, lake: Lake) -> None:
    source = asking(paper, cc_news=True)
    batch, since = day_of(source), len(kept_press.request_log)
    take_down(lake, f"http://{source.hosts[0]}{GONE}", "asked for")
    discover_batch(lake, batch, source)
    assert pages(lake, batch)
    assert not [page.url for page in pages(lake, batch) if page.url.endswith(GONE)]
    assert fetch_batch(lake, batch, source)["refused"] == 1
    assert requests(kept_press, "kontorblatt", since) == []


def test_every_capture_lands_in_exactly_one_day(paper: Source, lake: Lake) -> None:
    source = asking(paper, cc_news=True)
    urls = []
    for number in range(-1, 3):
        batch = day_of(source, DAY + dt.timedelta(days=number))
        discover_batch(lake, batch, source)
        urls += [(page.url, page.fetched_at) for page in pages(lake, batch)]
    site = next(site for site in newsroom.load() if site.slug == "kontorblatt")
    assert len(urls) == len(set(urls)) == len(site.versions) + len(site.gone)


def test_without_its_address_or_the_sources_word_no_archive_is_asked(
    kept_press: newsroom.Press, paper: Source, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = len(kept_press.request_log)
    with pytest.raises(NothingCovers, match="Add dated_sitemaps, cc_news or wayback to its file"):
        discover_batch(lake, day_of(paper), asking(paper))
    monkeypatch.delenv("KLARTEXT_CC_NEWS")
    monkeypatch.setenv("KLARTEXT_WAYBACK", " ")
    settings = "Set KLARTEXT_CC_NEWS=https://data.commoncrawl.org or KLARTEXT_WAYBACK=https://web.archive.org"
    with pytest.raises(NothingCovers, match=settings):
        discover_batch(lake, day_of(paper), asking(paper, cc_news=True, wayback=True))
    assert requests(kept_press, "archive", since) == []


def test_the_wayback_machine_names_pages_and_gives_them_as_they_were(
    kept_press: newsroom.Press, paper: Source, lake: Lake
) -> None:
    source = asking(paper, wayback=True)
    batch, since = day_of(source), len(kept_press.request_log)
    counts = discover_batch(lake, batch, source)
    candidates = rows(lake, batch, "candidates")
    assert counts == {"origins": 1, "candidates": len(candidates), "problems": 0, "left": 0}
    assert len(candidates) >= 5
    for candidate in candidates:
        assert candidate["discovered_from"].startswith(f"{kept_press.archive}/web/202405")
        assert candidate["discovered_from"].endswith(f"id_/{candidate['url']}")
    counts = fetch_batch(lake, batch, source)
    assert counts["captured"] == len(candidates)
    assert requests(kept_press, "kontorblatt", since) == []
    captured = {page.url: page for page in pages(lake, batch)}
    for row in rows(lake, batch, "fetches"):
        assert row["discovered_from"].split("id_/")[1] == row["url"]
        page = captured[row["url"]]
        assert row["fetched_at"] == page.fetched_at
        assert batch.start <= page.fetched_at < batch.end
        assert page.via == row["discovered_from"]
    again = len(kept_press.request_log)
    assert fetch_batch(lake, batch, source)["captured"] == len(candidates)
    assert len(kept_press.request_log) == again


def test_what_a_dated_sitemap_names_and_is_gone_comes_from_the_archive(
    kept_press: newsroom.Press, paper: Source, lake: Lake
) -> None:
    source = asking(paper, dated_sitemaps=paper.discover.dated_sitemaps, wayback=True)
    batch = day_of(source)
    discover_batch(lake, batch, source)
    since = len(kept_press.request_log)
    counts = fetch_batch(lake, batch, source)
    assert counts["gone"] == 0
    asked = requests(kept_press, "archive", since)
    assert len([target for target in asked if target.startswith("/web/")]) == 1
    fetches = {row["attempt"]: row for row in rows(lake, batch, "fetches") if row["url"].endswith(GONE)}
    assert [(fetches[n]["outcome"], fetches[n]["reason"]) for n in (1, 2)] == [("gone", "http-404"), ("captured", None)]
    assert fetches[2]["discovered_from"].startswith(f"{kept_press.archive}/web/20240515")
    assert fetches[2]["fetched_at"] == dt.datetime(2024, 5, 15, 9, 31, 7, tzinfo=dt.UTC)
    again = len(kept_press.request_log)
    fetch_batch(lake, batch, source)
    assert len(kept_press.request_log) == again
