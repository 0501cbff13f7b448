"""Files of other schemas: an earlier one with a column less, a later one with a column more, and one that means
something else."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from klartext import model
from klartext.curate import curate
from klartext.fetch_log import FetchLog
from klartext.lake import Lake, layout, report, schema_migration, summary, tables
from klartext.maintenance.check import check, rebuild
from klartext.maintenance.takedown import take_down
from klartext.publish import publish_batch
from klartext.urls import site_of
from support.sample_lake import Killed, contents, dying, publish, republish, stage
from support.sample_rows import SOURCE, article, batch, fetch, moment, reject, teaser

OTHER = batch("2024-05-20")
LINKED = ("shared_text", "keep", "shingles")
MAY, APRIL = layout.month_file("dwn", "2024-05"), layout.month_file("dwn", "2024-04")


def filled(lake: Lake) -> None:
    """Two months, and something in every table."""
    rows = [article(1), article(2, published_at=moment("2024-04-10T08:00"))]
    stage(lake, batch(), rows, [teaser(1)], [reject(9)], [fetch(1)])
    republish(lake, batch())


def files(lake: Lake, root: str = "lake") -> dict[str, pq.ParquetFile]:
    names = [name for name in lake.storage.files(root, "") if not layout.is_empty_file(name)]
    return {name: pq.ParquetFile(pa.BufferReader(lake.storage.read(name))) for name in names}


def with_more(row: type[Any]) -> type[Any]:
    """A table's class with columns more: a word, a list, and a field in the place of the bytes."""
    return dataclasses.make_dataclass(
        row.__name__,
        [("paper", str | None, model.column("issue of the printed paper")),
         ("places", list[str], model.column("places named"))],
        bases=(row,), slots=True, kw_only=True,
    )  # fmt: skip


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Goes over to a schema in which every table has columns more."""

    def update() -> None:
        more = functools.cache(with_more)
        for each in ("TABLES", "PUBLISHED"):
            before: Mapping[str, type[Any]] = getattr(model, each)
            own = {name: row if name in LINKED else more(row) for name, row in before.items()}
            monkeypatch.setattr(model, each, own)
        monkeypatch.setattr(model, "Article", more(model.Article))
        monkeypatch.setattr(model, "Current", model.TABLES["current"])
        monkeypatch.setattr(model, "SCHEMA_VERSION", model.SCHEMA_VERSION + 1)

    return update


def test_with_a_column_more_the_next_rebuild_brings_every_file_to_it(
    lake: Lake, next_version: Callable[[], None]
) -> None:
    filled(lake)
    former = {name: file.schema_arrow.names for name, file in files(lake).items()}
    next_version()
    problems = [problem.what for problem in check(lake, captures=False)]
    assert len(problems) == len(former) + len(model.PUBLISHED)
    assert len(former) == 7
    assert all(f"is of schema {model.SCHEMA_VERSION - 1}, now {model.SCHEMA_VERSION}:" in what for what in problems)
    stage(lake, OTHER, [{**dataclasses.asdict(article(3)), "places": []}])  # type: ignore[list-item]
    republish(lake, OTHER)
    found = files(lake)
    assert former.keys() < found.keys()
    for name, file in found.items():
        assert file.schema_arrow.equals(model.schema(model.PUBLISHED[name.split("/")[1]])), name
        assert file.read()["paper"].null_count == file.metadata.num_rows
        if name in former:
            assert set(map(tuple, file.read()["places"].to_pylist())) == {()}, "lists are never null"
    assert list(check(lake, captures=False)) == []
    before = contents(lake)
    republish(lake, OTHER)
    assert contents(lake) == before


def test_what_an_earlier_version_wrote_is_read_by_every_step(lake: Lake, next_version: Callable[[], None]) -> None:
    """Staged by the version before, published by this one; the account goes on, and the summary counts."""
    filled(lake)
    stage(lake, OTHER, [article(3)], [teaser(3)], [reject(8)], [fetch(3)])
    counted = summary(lake)
    next_version()
    rows = lake.staged(OTHER, "versions")
    assert rows is not None
    assert rows["paper"].to_pylist() == [None]
    assert summary(lake) == counted
    former = [pq.ParquetFile(pa.BufferReader(lake.storage.read(name))) for name in (MAY, APRIL)]
    assert all("paper" not in file.schema_arrow.names for file in former)
    assert publish_batch(lake, OTHER)["articles"] == 1
    assert curate(lake, "dwn", "2024-05") == 2


def test_a_reader_of_the_version_before_goes_on_working(
    lake: Lake, next_version: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context():
        filled(lake)
        before = tables.from_parquet("current", lake.storage.read(MAY) or b"")
        account = FetchLog.open(lake, batch(), SOURCE).rows
        next_version()
        list(rebuild(lake))
        assert pq.ParquetFile(pa.BufferReader(lake.storage.read(MAY))).schema_arrow.names[-1] == "places"
        monkeypatch.undo()
    assert tables.from_parquet("current", lake.storage.read(MAY) or b"").equals(before)
    assert FetchLog.open(lake, batch(), SOURCE).rows == account


def test_rewriting_gives_way_to_a_run_that_publishes(
    lake: Lake, next_version: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(lake)
    next_version()
    name, decode, once = layout.published_file(batch(), "versions"), tables.from_parquet, []

    def overtaken(table: str, data: bytes) -> pa.Table:
        rows = decode(table, data)
        if table == "versions" and not once:
            once.append(name)
            lake.publish(batch(), "versions", decode("versions", data).slice(0, 1))
        return rows

    monkeypatch.setattr(tables, "from_parquet", overtaken)
    schema_migration.migrate_source(lake, "dwn", lambda month: None)
    assert once
    assert decode("versions", lake.storage.read(name) or b"").num_rows == 1


def test_killed_while_it_writes_files_anew_the_next_rebuild_goes_on(
    tmp_path: Path, next_version: Callable[[], None]
) -> None:
    filled(Lake.open(str(tmp_path / "former")))
    next_version()
    clean = Lake.open(str(shutil.copytree(tmp_path / "former", tmp_path / "clean")))
    for month in ("2024-05", "2024-04"):
        curate(clean, "dwn", month)
    for dies in itertools.count():
        lake = Lake.open(str(shutil.copytree(tmp_path / "former", tmp_path / str(dies))))
        try:
            curate(dying(lake, dies), "dwn", "2024-05")
        except Killed:
            for month in ("2024-05", "2024-04"):
                curate(lake, "dwn", month)
            assert contents(lake) == contents(clean)
        else:
            break
    assert dies >= 7


def test_tables_of_a_new_major_version_have_their_own_folder(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(lake)
    publish(lake, OTHER, article(3))
    take_down(lake, article(2).url, "request of the publisher")
    former = contents(lake)
    monkeypatch.setattr(model, "MAJOR_VERSION", 2)
    publish(lake, OTHER, article(3, title="Neu gelesen"), article(2))
    list(rebuild(lake))
    assert contents(lake) == former, "readers of the former version find what was there"
    found = {name: file.read() for name, file in files(lake, "lake-v2").items()}
    assert {name.split("/")[1] for name in found} == {"articles", "versions", "batches", "shared_text", "keep"}
    titles = [rows["title"].to_pylist() for name, rows in found.items() if "/articles/" in name]
    assert titles == [["Neu gelesen"]], "take-downs of the former version are in force"
    assert [p for p in check(lake, captures=False) if "lake-v2" in p.file] == []


def test_files_of_before_the_column_site_get_it_from_the_address(lake: Lake) -> None:
    filled(lake)
    for name, file in files(lake).items():
        rows = file.read()
        if "site" in rows.column_names:
            sink = pa.BufferOutputStream()
            former = rows.drop_columns(["site"]).replace_schema_metadata({"klartext.schema_version": "4"})
            pq.write_table(former, sink)
            lake.storage.put(name, sink.getvalue())
    lake.storage.remove(layout.schema_marker("dwn"))
    assert report.read_month(lake, "dwn", "2024-05", ["site"])["site"].to_pylist() != []
    publish(lake, OTHER, article(3))
    checked = 0
    for name, file in files(lake).items():
        rows = file.read()
        if name.split("/")[1] in ("articles", "versions", "rejects"):
            assert rows["site"].to_pylist() == [site_of(url) for url in rows["url"].to_pylist()], name
            checked += rows.num_rows
    assert checked > 2
    assert list(check(lake, captures=False)) == []


def test_files_of_before_the_day_of_publication_get_it_in_the_zone_of_the_publisher(lake: Lake) -> None:
    def page(name: str, at: str | None, precision: str | None = "second") -> Any:
        time = moment(at) if at else None
        return article(name, article_id=name, published_at=time, published_precision=precision, published_date=None)

    rows = [
        page("dwn:1", "2024-05-01T22:30"), page("dwn:2", "2024-05-01T21:30"), page("dwn:3", None),
        page("zeitung.de:1", "2024-05-01T22:30"), page("paper.com:1", "2024-05-01T22:30"),
        page("paper.com:2", "2024-05-01T22:00", "day"),
    ]  # fmt: skip
    former = tables.as_table("versions", rows).drop_columns(["published_date"])
    read = tables.to_current_schema("versions", former)
    days = [2, 1, None, 2, 1, 2]
    assert read["published_date"].to_pylist() == [day and dt.date(2024, 5, day) for day in days]
    assert read.schema.equals(model.schema(model.Article))
    sink = pa.BufferOutputStream()
    pq.write_table(former, sink)
    alone = tables.read_columns("versions", pa.BufferReader(sink.getvalue()), ["url", "published_date"])
    assert alone.column_names == ["url", "published_date"]
    assert alone["published_date"].equals(read["published_date"])
