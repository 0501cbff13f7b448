"""Every table can be read from the start, by every reader, and its file without rows is in no one's way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from klartext import model
from klartext.lake import Lake, curated_state, empty_files, layout, summary, tables
from klartext.maintenance.changes import changes
from klartext.maintenance.check import check, rebuild
from klartext.maintenance.takedown import take_down
from support.lakes import Place
from support.sample_lake import Killed, dying, publish, republish, stage
from support.sample_rows import article, batch

EMPTY = {table: layout.empty_file(table) for table in model.PUBLISHED}
Reader = Callable[[Path], tuple[int, dict[str, str]]]


def pyarrow(folder: Path) -> tuple[int, dict[str, str]]:
    found = ds.dataset(folder, partitioning="hive").to_table()
    return found.num_rows, {field.name: str(field.type) for field in found.schema}


def pandas(folder: Path) -> tuple[int, dict[str, str]]:
    found = pd.read_parquet(folder, dtype_backend="pyarrow")
    return len(found), {str(name): str(kind) for name, kind in found.dtypes.items()}


def polars(folder: Path) -> tuple[int, dict[str, str]]:
    found = pl.read_parquet(folder, hive_partitioning=True)
    return len(found), {name: str(kind) for name, kind in found.schema.items()}


def of_duckdb(folder: Path) -> tuple[int, dict[str, str]]:
    found = duckdb.sql(f"FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true)")
    return len(found.fetchall()), dict(zip(found.columns, map(str, found.types), strict=True))


READERS: list[Reader] = [pyarrow, pandas, polars, of_duckdb]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("table", model.PUBLISHED)
def test_a_table_without_rows_has_the_columns_and_types_of_one_with_rows(
    tmp_path: Path, table: str, reader: Reader
) -> None:
    lake = Lake.open(str(tmp_path))
    lake.create_tables()
    folder = tmp_path / layout.table_folder(table)
    count, columns = reader(folder)
    assert count == 0
    assert set(columns) == {*model.schema(model.PUBLISHED[table]).names, *layout.partition_columns(table)}
    stored = "current" if table == "articles" else table
    schema = model.schema(model.TABLES[stored])
    one = pa.Table.from_pylist([{schema.names[0]: "x"}], schema)
    name = EMPTY[table].replace("=other", "=dwn").replace("1970-01", "2016-08").replace("empty", "rows")
    lake.storage.put(name, tables.to_parquet(stored, one))
    assert reader(folder) == (1, columns)


def test_no_row_has_the_folders_of_the_file(tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path))
    publish(lake, batch(), article(1))
    frame = pd.read_parquet(tmp_path / "lake" / "articles")
    assert frame["month"].astype(str).tolist() == ["2024-05"]
    assert frame["source"].astype(str).tolist() == ["dwn"]


def test_the_first_thing_that_is_stored_creates_all_tables(lake: Lake) -> None:
    assert not lake.storage.files("", "")
    stage(lake, batch(), [article(1)])
    assert lake.storage.files("lake", "") == sorted(EMPTY.values())
    assert not lake.has_tables()
    assert next(check(lake, captures=False)).file.startswith("staging/"), "what is staged is not published"
    republish(lake, batch())
    assert lake.has_tables()
    assert set(EMPTY.values()) < set(lake.storage.files("lake", ""))
    assert list(check(lake, captures=False)) == []


def test_a_take_down_in_a_lake_without_tables_creates_them(lake: Lake) -> None:
    take_down(lake, article(1).url, "request of the publisher")
    assert set(EMPTY.values()) <= set(lake.storage.files("lake", ""))
    assert list(check(lake)) == []


def test_many_may_create_them_at_once_and_any_may_be_killed(place: Place) -> None:
    once = place("once")
    once.create_tables()
    expected = {name: once.storage.read(name) for name in once.storage.files("", "")}
    for number, dies in enumerate((None, 0, 4, 9)):

        def create(dies: int | None, number: int = number) -> None:
            try:
                dying(place(f"at-once-{number}"), dies).create_tables()
            except Killed:
                return

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(create, [dies, dies, dies, dies]))
        lake = place(f"at-once-{number}")
        lake.create_tables()
        assert {name: lake.storage.read(name) for name in lake.storage.files("", "")} == expected


def test_nothing_else_takes_it_for_a_file_of_rows(lake: Lake) -> None:
    publish(lake, batch(), article(1))
    assert curated_state.published_sources(lake) == ["dwn"]
    assert {row["source"] for row in summary(lake)} == {"dwn"}
    assert curated_state.pending_months(lake, "other") == []
    assert [key[:2] for key in rebuild(lake)] == [("dwn", "2024-05")]
    kinds = [change["change"] for change in changes(lake, dt.datetime(2000, 1, 1, tzinfo=dt.UTC))]
    assert kinds == ["batch", "version", "until"]
    take_down(lake, article(1).url, "request of the publisher")
    assert set(EMPTY.values()) <= set(lake.storage.files("lake", "")), "they stay where the last row goes"
    assert list(check(lake, captures=False)) == []


def test_one_that_is_lost_or_has_rows_is_found_and_written_again(lake: Lake) -> None:
    publish(lake, batch(), article(1))
    lost, wrong = EMPTY["rejects"], EMPTY["versions"]
    whole = lake.storage.read(wrong)
    lake.storage.remove(lost)
    lake.storage.put(wrong, lake.storage.read(layout.published_file(batch(), "versions")) or b"")
    found = {problem.file: problem.what for problem in check(lake, captures=False)}
    assert found.keys() == {lost, wrong}
    assert "`klartext lake rebuild`" in found[lost]
    assert "`klartext lake rebuild`" in found[wrong]
    list(rebuild(lake))
    assert lake.storage.exists(lost)
    assert lake.storage.read(wrong) == whole
    assert list(check(lake, captures=False)) == []


def test_a_lake_of_before_gets_them_with_the_next_batch(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(empty_files, "create", lambda storage, **_: None)
        publish(lake, batch(), article(1))
        assert not any(map(layout.is_empty_file, lake.storage.files("lake", "")))
    later = Lake(lake.storage)
    publish(later, batch("2024-05-02"), article(2))
    assert set(EMPTY.values()) <= set(lake.storage.files("lake", ""))


def test_they_follow_a_later_schema_and_never_go_back(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as later:
        later.setattr(model, "SCHEMA_VERSION", model.SCHEMA_VERSION + 1)
        Lake(lake.storage).create_tables()
        newer = lake.storage.read(EMPTY["keep"])
    Lake(lake.storage).create_tables()
    assert lake.storage.read(EMPTY["keep"]) == newer
    assert newer != empty_files.content("keep")


def test_an_old_partition_of_the_same_name_keeps_its_rows(lake: Lake) -> None:
    """Articles of 1970 are beside the file without rows, in the same folder."""
    old = article(1, article_id="alt.de:1", site="alt.de", published_at=dt.datetime(1970, 1, 5, tzinfo=dt.UTC))
    assert publish(lake, batch(source="other"), old) == ["other|1970-01"]
    assert lake.published_files("articles") == [layout.month_file("other", "1970-01")]
    assert curated_state.published_sources(lake) == ["other"]
    assert list(check(lake, captures=False)) == []
