"""How the captures of a batch are cut: which bytes of which files a chunk reads."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from klartext.batch import Batch
from klartext.extract import chunk_plan, chunks
from klartext.extract.chunk_plan import plan_chunks
from klartext.fetch import import_warc
from klartext.fetch.capture_rows import row_of_record
from klartext.fetch_log import FetchLog
from klartext.lake import Lake
from klartext.sources import Source
from klartext.warc import reader
from support import sample_pages, warc_files

START = dt.datetime(2024, 5, 20, tzinfo=dt.UTC)
INTERVAL = Batch.of_interval(sample_pages.SOURCE, START, START + dt.timedelta(days=1))
OWNER = Source.model_validate({"slug": "hafenkurier", "name": "Hafenkurier", "hosts": ["www.hafenkurier.example"]})
MOVED = (5, 6, 25, 39)
"""Numbers of the pages, of 40, that belong to another source now."""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path / "lake"))


def rows_of(lake: Lake, name: str) -> list[Any]:
    with lake.open_raw(name) as stream:
        return [row_of_record(item, "urn:x", sample_pages.FETCHED) for item in reader.read(stream, name)]


def test_a_batch_without_captures_is_one_empty_chunk(lake: Lake) -> None:
    (chunk,) = plan_chunks(lake, INTERVAL)
    assert (chunk.number, chunk.count, chunk.captures, chunk.ranges) == (0, 1, 0, ())


def test_ranges_cover_every_file_once(lake: Lake) -> None:
    names = []
    for number in range(3):
        local = lake.scratch_folder(INTERVAL) / f"pages-{number}.warc.gz"
        pages = [(f"https://www.deich.example/ort/{4 * number + n}.html", "<p>Text") for n in range(4)]
        names.append(lake.add_raw_file(INTERVAL, warc_files.write(local, pages)))
    log = FetchLog.new(lake, INTERVAL, sample_pages.SOURCE)
    log.add(row for name in names for row in rows_of(lake, name))
    log.save()
    planned = plan_chunks(lake, INTERVAL, 5)
    assert [chunk.captures for chunk in planned] == [5, 5, 2]
    ranges = [part for chunk in planned for part in chunk.ranges]
    assert list(dict.fromkeys(part.file for part in ranges)) == names
    for name in names:
        bounds = [(part.start, part.stop) for part in ranges if part.file == name]
        assert bounds[0][0] == 0
        assert bounds[-1][1] is None
        assert all(before[1] == after[0] for before, after in itertools.pairwise(bounds))


@pytest.mark.parametrize(("captures", "size"), [(0, 250), (2500, 250), (6000, 600), (40_000, 1000), (2_000_000, 2000)])
def test_with_many_captures_chunks_are_larger(captures: int, size: int) -> None:
    assert chunk_plan.chunk_size(captures, 1000) == size


def page_url(number: int) -> str:
    return f"https://www.{'hafenkurier' if number in MOVED else 'inselbote'}.example/ort/deich-{number}.html"


@pytest.fixture
def adopted(lake: Lake, tmp_path: Path) -> Batch:
    """A batch with four pages of the file of another batch; a record in front of each page says where it was found."""
    path = tmp_path / "mixed.warc.gz"
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for number in range(40):
            name, head = f"<urn:uuid:{number}>", StatusAndHeaders("200 OK", [("Content-Type", "text/html")], "HTTP/1.1")
            found = io.BytesIO(f"via: https://www.inselbote.example/seite-{number}\r\n".encode())
            writer.write_record(writer.create_warc_record(
                page_url(number), "metadata", found, warc_headers_dict={"WARC-Concurrent-To": name}
            ))  # fmt: skip
            body = io.BytesIO(b"<p>" + bytes(str(number), "ascii") * 20)
            writer.write_record(writer.create_warc_record(
                page_url(number), "response", body, http_headers=head, warc_headers_dict={"WARC-Record-ID": name}
            ))  # fmt: skip
    (batch,) = import_warc(lake, path)
    moved = Batch.of_import(OWNER, "mixed", START, START)
    log = FetchLog.new(lake, moved, OWNER)
    log.add(row for row in rows_of(lake, lake.raw_files(batch)[0]) if "hafenkurier" in row.url)
    log.save()
    return moved


def records(lake: Lake, batch: Batch, size: int) -> list[tuple[str | None, str | None]]:
    """Address and origin of what the chunks read."""
    read = [each for chunk in plan_chunks(lake, batch, size) for each in chunks._records(lake, batch, chunk)]
    return [(each.url, getattr(each, "via", None)) for each in read]


EXPECTED = [(page_url(n), f"https://www.inselbote.example/seite-{n}") for n in MOVED]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_of_another_batchs_file_only_the_parts_with_own_pages_are_read(
    lake: Lake, adopted: Batch, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk_plan, "GAP", 0)
    assert records(lake, adopted, size) == EXPECTED
    ranges = [part for chunk in plan_chunks(lake, adopted, size) for part in chunk.ranges]
    (whole,) = {lake.raw_size(part.file) for part in ranges}
    read = sum((whole if part.stop is None else part.stop) - part.begin for part in ranges)
    assert read < whole / 4, "four of 40 pages, and those in front of them"


def test_parts_that_are_near_each_other_are_read_as_one(lake: Lake, adopted: Batch) -> None:
    (chunk,) = plan_chunks(lake, adopted)
    assert [(part.stop, part.logged_only) for part in chunk.ranges] == [(None, True)]
    assert records(lake, adopted, 100) == EXPECTED


def test_without_the_log_of_the_other_batch_its_file_is_read_as_a_whole(
    lake: Lake, adopted: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk_plan, "GAP", 0)
    monkeypatch.setattr(chunk_plan, "batch_of_raw_file", lambda *_: None)
    (chunk,) = plan_chunks(lake, adopted)
    assert [(part.begin, part.stop) for part in chunk.ranges] == [(0, None)]
    assert records(lake, adopted, 100) == EXPECTED


def test_a_file_of_one_member_is_read_as_a_whole(lake: Lake, adopted: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunk_plan, "GAP", 0)
    monkeypatch.setattr(chunk_plan, "_begins_record", lambda *_: False)
    (chunk,) = plan_chunks(lake, adopted)
    assert [part.begin for part in chunk.ranges] == [0]
    assert records(lake, adopted, 100) == EXPECTED
