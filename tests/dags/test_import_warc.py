"""Imports of WARC files: every task as Airflow runs it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from klartext.extract import chunk_plan, chunks
from klartext.lake import Lake
from klartext.lake.curated_state import published_sources
from klartext.sources import Source
from support import sample_pages, warc_files
from support.newsroom_runs import SLUGS


@pytest.fixture(autouse=True)
def _readable(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of the tests may be imported."""
    monkeypatch.setenv("KLARTEXT_IMPORTS", str(tmp_path_factory.getbasetemp()))


@pytest.fixture(scope="module")
def warc(two_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WARC file with pages of two publishers."""
    file = tmp_path_factory.mktemp("warc") / "two publishers.warc.gz"
    with file.open("wb") as out:
        for part in sorted((two_days / "raw").rglob("*.warc.gz")):
            out.write(part.read_bytes())
    return file


def extras_of_events() -> dict[str, dict[str, Any]]:
    """The extras of all asset events, by the run that caused them."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session

    with create_session() as session:
        return {event.source_run_id: dict(event.extra) for event in session.query(AssetEvent)}


def landed(lake: Path) -> set[str]:
    """The sources with published versions."""
    return set(published_sources(Lake.open(str(lake))))


def test_an_import_publishes_every_source_of_the_file(warc: Path, dags: dict[str, Any], lake: Path) -> None:
    imported = dags["import_warc"].test(logical_date=None, run_conf={"path": str(warc)})
    assert imported.state == "success"
    assert landed(lake) == set(SLUGS[:2])
    assert imported.run_id in extras_of_events()


def test_a_refused_part_fails_the_import_after_the_others_are_published(
    warc: Path, dags: dict[str, Any], lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext import validate

    checked = validate.validate_batch

    def refuse_the_first(lake: Any, batch: Any, source: Source) -> dict[str, Any]:
        if source.slug == SLUGS[0]:
            raise validate.BatchRefused("nine of ten pages have no text")
        return checked(lake, batch, source)

    monkeypatch.setattr("klartext.validate.validate_batch", refuse_the_first)
    imported = dags["import_warc"].test(logical_date=None, run_conf={"path": str(warc)})
    states = {ti.task_id: str(ti.state) for ti in imported.get_task_instances()}
    green = ["files", "split", "plan", "extract", "validate", "publish"]
    assert states == dict.fromkeys(green, "success") | {"verdict": "failed"}
    assert landed(lake) == {SLUGS[1]}


@pytest.fixture(scope="module")
def folder(warc: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two files: one of two publishers, one of pages of six hosts without a source file."""
    found = tmp_path_factory.mktemp("incoming")
    (found / "a.warc.gz").write_bytes(warc.read_bytes())
    pages = [(f"https://www.blatt{n % 6}.example/ort/deich-{n}.html", _story(n)) for n in range(12)]
    warc_files.write(found / "b.warc.gz", pages)
    return found


def _story(number: int) -> str:
    title = f"<h1>{sample_pages.TITLE}"
    return sample_pages.page(sample_pages.lines(sample_pages.STORY)).replace(title, f"{title} ({number})")


def test_a_folder_is_imported_by_file_and_chunk_and_hosts_without_a_file_are_one_batch(
    folder: Path, dags: dict[str, Any], lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk_plan, "LEAST", 5)
    extract, extracted = chunks.extract_chunk, []

    def counted(lake: Any, batch: Any, source: Source, chunk: chunk_plan.Chunk) -> Any:
        extracted.append((batch.source, chunk.number, chunk.count))
        if batch.source == "other" and chunk.number == 1 and extracted.count((batch.source, 1, 3)) == 1:
            raise OSError("the worker's disk is full")
        return extract(lake, batch, source, chunk)

    monkeypatch.setattr(chunks, "extract_chunk", counted)
    mapped = dags["import_warc"].get_task("extract")
    monkeypatch.setitem(mapped.partial_kwargs, "retry_delay", dt.timedelta(0))
    imported = dags["import_warc"].test(logical_date=None, run_conf={"path": str(folder)})
    assert imported.state == "success"
    instances = [ti.task_id for ti in imported.get_task_instances()]
    assert (instances.count("split"), instances.count("extract"), instances.count("validate")) == (2, 5, 1)
    others = [each[1:] for each in extracted if each[0] == "other"]
    assert sorted(others) == [(0, 3), (1, 3), (1, 3), (2, 3)], "the chunk that failed, and no other, is repeated"
    assert landed(lake) == {*SLUGS[:2], "other"}
    (file,) = (lake / "lake" / "versions" / "source=other").rglob("other-import-*.parquet")
    rows = pq.ParquetFile(file).read().to_pylist()
    assert [row["site"] for row in rows] == sorted(f"www.blatt{n % 6}.example" for n in range(12))
    assert len(list((lake / "quality" / "source=other").rglob("index.html"))) == 1


def test_a_file_outside_of_the_configured_folders_is_not_imported(
    warc: Path, dags: dict[str, Any], lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLARTEXT_IMPORTS", str(tmp_path))
    imported = dags["import_warc"].test(logical_date=None, run_conf={"path": str(warc)})
    states = {ti.task_id: str(ti.state) for ti in imported.get_task_instances()}
    assert states["files"] == "failed"
    assert states["split"] == "upstream_failed"
    assert not (lake / "raw").exists()
