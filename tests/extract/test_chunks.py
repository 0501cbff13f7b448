"""Captures cut into chunks: together they give what one extraction of all gives, whatever is repeated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from klartext import sources
from klartext.batch import Batch
from klartext.extract import chunks, pool, worker
from klartext.extract.chunk_plan import Chunk, plan_chunks
from klartext.extract.chunks import extract_chunk, gather
from klartext.fetch import import_warc
from klartext.lake import Lake, LakeError, tables
from klartext.sources import OTHER
from support import sample_pages, warc_files

NOTE = "Unsere Leserinnen und Leser finden das Gezeitenbuch am Kiosk an der Mole."
SITES = ("www.deich-a.example", "www.deich-b.example")
TABLES = (*chunks.TABLES, "removed", "selectors", "skipped_by_extract")


def page(number: int) -> tuple[str, str]:
    """An article of one of two sites; those of the first have a line in common."""
    lines = [f"{line} Das gilt auch für Abschnitt {number}." if len(line) > 60 else line for line in sample_pages.STORY]
    note = f"<p>{NOTE}</p>" if number % 2 == 0 else ""
    html = sample_pages.page(sample_pages.lines(lines, inside=note).replace("<h2>", f"<h2>{number}. "))
    html = html.replace(f"<h1>{sample_pages.TITLE}", f"<h1>{sample_pages.TITLE} ({number})")
    return f"https://{SITES[number % 2]}/ort/deich-{number}.html", html


def no_page(number: int) -> tuple[str, str | bytes, int]:
    return f"https://{SITES[0]}/nichts-{number}.html", b"" if number % 2 else "weg", 200 if number % 2 else 404


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path / "lake"))


@pytest.fixture
def batch(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """An imported batch of two sites without a file. Pages are read in this process."""

    def in_process(tasks: Iterable[pool.Task], **_: object) -> Iterator[tuple[int, worker.Result]]:
        yield from ((index, worker.work(*task)) for index, task in enumerate(tasks))

    monkeypatch.setattr(pool, "extract_all", in_process)
    pages = [each for n in range(10) for each in (page(n), no_page(n))]
    [found] = import_warc(lake, warc_files.write(tmp_path / "mixed.warc.gz", pages))
    return found


def staged(lake: Lake, batch: Batch) -> dict[str, bytes]:
    found = {}
    for name in TABLES:
        rows = lake.staged(batch, name)
        assert rows is not None
        found[name] = tables.to_parquet(name, rows).to_pybytes()
    return found


@pytest.mark.parametrize("size", [1, 3, 7, 19, 100])
def test_chunks_of_any_size_give_the_same_rows(lake: Lake, batch: Batch, size: int) -> None:
    counts = chunks.extract_batch(lake, batch, OTHER)
    assert counts["articles"] == 10
    assert counts["rejects"] == 5
    assert counts["removed_characters"]["recurring"] == 5 * len(NOTE)
    whole = staged(lake, batch)
    planned = plan_chunks(lake, batch, size)
    assert len(planned) == -(-20 // size)
    assert sum(chunk.captures for chunk in planned) == 20
    for chunk in reversed(planned):
        extract_chunk(lake, batch, OTHER, Chunk.from_dict(chunk.to_dict()))
    assert gather(lake, batch, OTHER, planned) == counts
    assert staged(lake, batch) == whole


def test_a_chunk_that_was_killed_is_repeated_alone(lake: Lake, batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = plan_chunks(lake, batch, 5)
    for chunk in planned:
        extract_chunk(lake, batch, OTHER, chunk)
    gather(lake, batch, OTHER, planned)
    whole, read = staged(lake, batch), []
    stage = lake.stage

    def die(batch: Batch, table: str, *more: Any) -> int:
        if table == "rejects":
            raise KeyboardInterrupt
        return stage(batch, table, *more)

    with monkeypatch.context() as patch:
        patch.setattr(lake, "stage", die)
        with pytest.raises(KeyboardInterrupt):
            extract_chunk(lake, batch, OTHER, planned[2])
    with pytest.raises(LakeError, match="chunks 2 are not extracted"):
        gather(lake, batch, OTHER, planned)
    work = worker.work
    monkeypatch.setattr(worker, "work", lambda task, *more: read.append(task.url) or work(task, *more))
    extract_chunk(lake, batch, OTHER, planned[2])
    assert 0 < len(read) <= planned[2].captures
    gather(lake, batch, OTHER, planned)
    assert staged(lake, batch) == whole


def test_the_chunks_of_another_plan_are_not_taken_for_those_of_this_one(lake: Lake, batch: Batch) -> None:
    for chunk in plan_chunks(lake, batch, 5):
        extract_chunk(lake, batch, OTHER, chunk)
    with pytest.raises(LakeError, match="not extracted"):
        gather(lake, batch, OTHER, plan_chunks(lake, batch, 6))


def test_a_batch_without_captures_has_no_rows(lake: Lake) -> None:
    start = dt.datetime(2024, 5, 20, tzinfo=dt.UTC)
    empty = Batch.of_interval(sample_pages.SOURCE, start, start + dt.timedelta(days=1))
    (chunk,) = plan_chunks(lake, empty)
    assert extract_chunk(lake, empty, sample_pages.SOURCE, chunk) == {"articles": 0, "teasers": 0, "rejects": 0}
    assert gather(lake, empty, sample_pages.SOURCE, [chunk])["articles"] == 0


def test_pages_have_the_publisher_and_the_number_of_their_own_site(lake: Lake, batch: Batch) -> None:
    chunks.extract_batch(lake, batch, OTHER)
    rows = lake.staged(batch, "articles")
    assert rows is not None
    for row in rows.to_pylist():
        source = sources.of_url(row["url"])
        assert (row["site"], row["article_id"]) == (source.slug, source.article_id(row["url"]))
