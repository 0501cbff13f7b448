"""An article that was taken down, and the steps that meet it again: rerun, replay, import, another batch."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import newsroom
from klartext import sources
from klartext.batch import Batch
from klartext.discover import discover_batch
from klartext.extract import extract_batch
from klartext.fetch import fetch_batch, import_warc
from klartext.lake import Lake, curate, publish_batch
from klartext.lake.check import check
from klartext.lake.takedown import take_down
from klartext.quality import validate_batch
from klartext.sources import Source

DAY = dt.datetime(2024, 5, 15, tzinfo=ZoneInfo("Europe/Berlin"))


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


@pytest.mark.usefixtures("press_sources")
@pytest.mark.parametrize("captures", [False, True], ids=["captures-kept", "captures-removed"])
def test_no_step_brings_it_back(press: newsroom.Press, tmp_path: Path, captures: bool) -> None:
    lake, source = Lake.open(str(tmp_path / "lake")), sources.load()["kontorblatt"]
    batch = Batch.of_interval(source, DAY, DAY + dt.timedelta(days=1))
    made(lake, batch, source)
    before, account = rows(lake, batch, "versions"), rows(lake, batch, "fetches")
    gone = before[2]
    archive = tmp_path / "before.warc.gz"
    shutil.copy(tmp_path / "lake" / lake.raw_files(batch)[0], archive)
    take_down(lake, gone["url"], "asked for", captures=captures)

    def is_out(of: Batch) -> None:
        assert list(check(lake)) == []
        for name in lake.storage.files("lake", ".parquet") + lake.storage.files("staging", ".parquet"):
            assert gone["title"] not in str(lake.storage.read(name)), name
        assert gone["article_id"] not in {row["article_id"] for row in rows(lake, of, "versions")}
        assert Counter(row["outcome"] for row in rows(lake, of, "fetches"))["refused"] == 1

    is_out(batch)
    asked = len(press.request_log)
    for replay in (False, True):
        made(lake, batch, source, replay=replay)
        is_out(batch)
        assert len(rows(lake, batch, "versions")) == len(before) - 1
        assert len(rows(lake, batch, "fetches")) == len(account)
    shutil.rmtree(tmp_path / "lake" / "staging" / batch.name)
    made(lake, batch, source, replay=True)
    is_out(batch)
    paths = [entry.path for entry in list(press.request_log)[asked:]]
    assert not [path for path in paths if path in gone["url"] and len(path) > 1], "nobody asks for it again"
    (imported,) = import_warc(lake, archive)
    finished(lake, imported, source)
    is_out(imported)
    assert len(rows(lake, imported, "versions")) == len(before) - 1


@pytest.mark.usefixtures("press_sources")
def test_a_publisher_is_not_asked_for_what_was_taken_down_before(press: newsroom.Press, tmp_path: Path) -> None:
    lake, source = Lake.open(str(tmp_path / "lake")), sources.load()["kontorblatt"]
    batch = Batch.of_interval(source, DAY, DAY + dt.timedelta(days=1))
    discover_batch(lake, batch, source)
    candidates = lake.staged(batch, "candidates")
    assert candidates is not None
    url = candidates["url"][0].as_py()
    take_down(lake, url, "asked for")
    asked = len(press.request_log)
    told = fetch_batch(lake, batch, source)
    assert (told["refused"], told["candidates"]) == (1, candidates.num_rows)
    assert not [entry for entry in list(press.request_log)[asked:] if url.endswith(entry.path) and entry.path != "/"]
    discover_batch(lake, batch, source)  # the feed names it again
    assert (lake.staged(batch, "candidates") or candidates).num_rows == candidates.num_rows
    assert fetch_batch(lake, batch, source)["refused"] == 1


@pytest.mark.usefixtures("press_sources")
def test_an_import_has_the_same_places_with_it_and_without(press: newsroom.Press, tmp_path: Path) -> None:
    lake, source = Lake.open(str(tmp_path / "lake")), sources.load()["kontorblatt"]
    batch = Batch.of_interval(source, DAY, DAY + dt.timedelta(days=1))
    made(lake, batch, source)
    archive = tmp_path / "archive.warc.gz"
    shutil.copy(tmp_path / "lake" / lake.raw_files(batch)[0], archive)
    first = min(rows(lake, batch, "versions"), key=lambda row: row["fetched_at"])
    whole, without = (Lake.open(str(tmp_path / name)) for name in ("whole", "without"))
    take_down(without, first["url"], "asked for")
    (imported,), (again,) = import_warc(whole, archive), import_warc(without, archive)
    assert imported == again, "the batch has the same name and day"
    places = [
        {(row["capture"]["file"], row["capture"]["offset"]) for row in table.to_pylist() if row["capture"]}
        for lake in (whole, without)
        if (table := lake.staged(imported, "fetches")) is not None
    ]
    assert len(places[0] - places[1]) == 1 and not places[1] - places[0]
    (name,) = without.raw_files(imported)
    assert first["url"].encode() not in b"".join(archive_of(without, name))


def archive_of(lake: Lake, name: str) -> list[bytes]:
    from warcio.archiveiterator import ArchiveIterator

    with lake.open_raw(name) as stream:
        return [str(it.rec_headers).encode() for it in ArchiveIterator(stream)]
