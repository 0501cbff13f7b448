"""An article that was taken down, and the steps that meet it again: rerun, replay, import."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from warcio.archiveiterator import ArchiveIterator

import newsroom
from klartext import sources
from klartext.batch import Batch
from klartext.curate import curate
from klartext.discover import discover_batch
from klartext.extract import extract_batch, pool, worker
from klartext.fetch import fetch_batch, import_warc
from klartext.lake import Lake
from klartext.maintenance.check import check
from klartext.maintenance.takedown import take_down
from klartext.publish import publish_batch
from klartext.sources import DEFAULT_DIRECTORIES, Source
from klartext.validate import validate_batch

DAY = dt.datetime(2024, 5, 15, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture(scope="module")
def source(press: newsroom.Press, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    """A publisher of the newsroom; pages are extracted in this process."""

    def here(tasks: Iterator[pool.Task], **_: object) -> Iterator[tuple[int, worker.Result]]:
        for index, task in enumerate(tasks):
            yield index, worker.work(*task)

    folder = press.sources(tmp_path_factory.mktemp("press"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "extract_all", here)
        patch.setenv("KLARTEXT_SOURCES", os.pathsep.join([str(DEFAULT_DIRECTORIES), str(folder)]))
        patch.setenv("KLARTEXT_ALLOW_HOSTS", ",".join(press.hosts))
        yield sources.load()["kontorblatt"]


@pytest.fixture(scope="module")
def batch(source: Source) -> Batch:
    return Batch.of_interval(source, DAY, DAY + dt.timedelta(days=1))


@pytest.fixture(scope="module")
def lived(source: Source, batch: Batch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with a day of the publisher."""
    root = tmp_path_factory.mktemp("lived")
    made(Lake.open(str(root)), batch, source)
    return root


@pytest.fixture
def lake(lived: Path, tmp_path: Path) -> Lake:
    shutil.copytree(lived, tmp_path / "lake")
    return Lake.open(str(tmp_path / "lake"))


def made(lake: Lake, batch: Batch, source: Source, *, replay: bool = False) -> None:
    discover_batch(lake, batch, source, replay=replay)
    fetch_batch(lake, batch, source, replay=replay)
    finished(lake, batch, source)


def finished(lake: Lake, batch: Batch, source: Source) -> None:
    extract_batch(lake, batch, source)
    validate_batch(lake, batch, source)  # refuses a batch whose account does not add up
    for key in publish_batch(lake, batch)["partitions"]:
        curate(lake, *key.split("|"))


def rows(lake: Lake, batch: Batch, table: str) -> list[dict[str, Any]]:
    found = lake.published(batch, table)
    return found.to_pylist() if found is not None else []


def is_out(lake: Lake, batch: Batch, gone: dict[str, Any], others: int) -> None:
    assert list(check(lake)) == []
    assert len(rows(lake, batch, "versions")) == others
    assert gone["article_id"] not in {row["article_id"] for row in rows(lake, batch, "versions")}
    assert sorted(row["outcome"] for row in rows(lake, batch, "fetches")).count("refused") == 1
    titles = [row["candidate_title"] for row in rows(lake, batch, "fetches")]
    assert gone["title"] not in titles


@pytest.mark.parametrize("captures", [False, True], ids=["captures-kept", "captures-removed"])
def test_no_step_brings_it_back(
    press: newsroom.Press, source: Source, batch: Batch, lake: Lake, captures: bool
) -> None:
    versions, account = rows(lake, batch, "versions"), rows(lake, batch, "fetches")
    gone, others = versions[2], len(versions) - 1
    take_down(lake, gone["url"], "asked for", captures=captures)
    is_out(lake, batch, gone, others)
    asked = len(press.request_log)
    made(lake, batch, source)
    is_out(lake, batch, gone, others)
    assert not [
        it.target for it in list(press.request_log)[asked:] if gone["url"].endswith(it.target) and it.target != "/"
    ]
    assert lake.storage.disk
    shutil.rmtree(lake.storage.disk / "staging" / batch.name)  # the captures and what is published are enough
    made(lake, batch, source, replay=True)
    is_out(lake, batch, gone, others)
    assert len(rows(lake, batch, "fetches")) == len(account), "the account has a row for it still"


def test_a_publisher_is_not_asked_for_what_was_taken_down_before(
    press: newsroom.Press, source: Source, batch: Batch, tmp_path: Path
) -> None:
    lake = Lake.open(str(tmp_path))
    discover_batch(lake, batch, source)
    candidates = lake.staged(batch, "candidates")
    assert candidates is not None
    url = candidates["url"][0].as_py()
    take_down(lake, url, "asked for")
    asked = len(press.request_log)
    counts = fetch_batch(lake, batch, source)
    assert (counts["refused"], counts["candidates"]) == (1, candidates.num_rows)
    assert not [it.target for it in list(press.request_log)[asked:] if url.endswith(it.target) and it.target != "/"]
    assert discover_batch(lake, batch, source)["candidates"] == candidates.num_rows, "named again it is not another one"
    assert fetch_batch(lake, batch, source)["refused"] == 1


def test_an_import_leaves_it_out_and_all_else_where_it_is(
    source: Source, batch: Batch, lake: Lake, tmp_path: Path
) -> None:
    archive = tmp_path / "archive.warc.gz"
    shutil.copy(tmp_path / "lake" / lake.raw_files(batch)[0], archive)
    first = min(rows(lake, batch, "versions"), key=lambda row: row["fetched_at"])
    whole, without = (Lake.open(str(tmp_path / name)) for name in ("whole", "without"))
    take_down(without, first["url"], "asked for")
    (imported,), (again,) = import_warc(whole, archive), import_warc(without, archive)
    assert imported == again, "the batch has the same name and day"
    places = [
        {(row["capture"]["file"], row["capture"]["offset"]) for row in table.to_pylist() if row["capture"]}
        for each in (whole, without)
        if (table := each.staged(imported, "fetches")) is not None
    ]
    assert len(places[0] - places[1]) == 1
    assert not places[1] - places[0]
    (name,) = without.raw_files(imported)
    with without.open_raw(name) as stream:
        assert first["url"] not in {it.rec_headers.get_header("WARC-Target-URI") for it in ArchiveIterator(stream)}
    finished(without, imported, source)
    is_out(without, imported, first, len(rows(lake, batch, "versions")) - 1)
