"""Four readers see the same lake: rows, columns, types, partitions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from klartext import model
from klartext.lake import Lake
from support.sample_lake import republish, stage
from support.sample_rows import article, batch, fetch, moment, reject, teaser


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sources, three months, rows with and without what may be missing, and a batch still in staging."""
    root = tmp_path_factory.mktemp("readers")
    lake = Lake.open(str(root))
    for source in ("dwn", "faz.net"):
        bare = article(
            2, kicker=None, lead=None, authors=[], agencies=[], topics=[], images=[], section=None, language=None,
            published_at=None, modified_at=None, discovered_from=None,
        )  # fmt: skip
        rows = [article(1), bare, article(3, published_at=moment("2024-04-01T10:00")), article(4)]
        stage(lake, batch(source=source), rows, [teaser(1)], [reject(5)], [fetch(n) for n in range(1, 6)])
        republish(lake, batch(source=source))
    stage(lake, batch("2024-05-09"), [article(7)])
    return root


def read(reader: str, folder: Path) -> tuple[list[str], list[dict[str, Any]]]:
    """Columns and rows as a consumer who only knows the folder reads them."""
    if reader == "pyarrow":
        table = ds.dataset(folder, format="parquet", partitioning="hive").to_table()
    elif reader == "pandas":
        return _pandas(pd.read_parquet(folder, dtype_backend="pyarrow"))
    elif reader == "polars":
        table = pl.read_parquet(folder, hive_partitioning=True).to_arrow()
    else:
        glob = f"{folder}/**/*.parquet"
        table = duckdb.sql(f"SELECT * FROM read_parquet('{glob}', hive_partitioning = true)").to_arrow_table()
    return table.column_names, table.to_pylist()


def _pandas(frame: pd.DataFrame) -> tuple[list[str], list[dict[str, Any]]]:
    plain = frame.astype({name: "str" for name in ("source", "month", "date") if name in frame})
    return list(frame.columns), pa.Table.from_pandas(plain, preserve_index=False).to_pylist()


def _same(value: Any) -> Any:
    """A value without the reader's own type for it."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _same(part) for key, part in value.items()}
    return [_same(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("table", ["articles", "versions", "teasers", "rejects", "fetches"])
def test_readers_agree_on_rows_and_columns(root: Path, table: str) -> None:
    found = {}
    for reader in ("pyarrow", "pandas", "polars", "duckdb"):
        columns, rows = read(reader, root / "lake" / table)
        assert set(columns) == {
            *model.schema(model.PUBLISHED[table]).names, "source", "month" if table == "articles" else "date"
        }, reader  # fmt: skip
        found[reader] = sorted((_same(row) for row in rows), key=repr)
    first = found.pop("pyarrow")
    assert len(first) == {"articles": 8, "versions": 8, "teasers": 2, "rejects": 2, "fetches": 10}[table]
    for reader, rows in found.items():
        assert rows == [{key: row[key] for key in rows[0]} for row in first], reader


def test_readers_agree_on_types(root: Path) -> None:
    folder = root / "lake" / "articles"
    schema = model.schema(model.Current)
    arrow = ds.dataset(folder, format="parquet", partitioning="hive").schema
    assert all(arrow.field(field.name).type == field.type for field in schema)
    assert arrow.field("month").type == arrow.field("source").type == pa.string()
    pandas = pd.read_parquet(folder, dtype_backend="pyarrow")
    assert all(pandas[field.name].dtype.pyarrow_dtype == field.type for field in schema)
    polars = pl.read_parquet(folder, hive_partitioning=True).schema
    duck = dict(
        duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true)")
        .project("column_name, column_type")
        .fetchall()
    )
    expected = {
        "title": (pl.String(), "VARCHAR"),
        "published_at": (pl.Datetime("us", "UTC"), "TIMESTAMP WITH TIME ZONE"),
        "word_count": (pl.Int64(), "BIGINT"),
        "version_count": (pl.Int64(), "BIGINT"),
        "changed_at": (pl.Datetime("us", "UTC"), "TIMESTAMP WITH TIME ZONE"),
        "authors": (pl.List(pl.String()), "VARCHAR[]"),
        "month": (pl.String(), "VARCHAR"),
        "capture": (
            pl.Struct({"file": pl.String(), "offset": pl.Int64(), "digest": pl.String()}),
            'STRUCT(file VARCHAR, "offset" BIGINT, digest VARCHAR)',
        ),
    }
    for name, (of_polars, of_duckdb) in expected.items():
        assert polars[name] == of_polars, name
        assert duck[name] == of_duckdb, name


def test_the_count_that_everyone_makes_first(root: Path) -> None:
    counts = duckdb.sql(
        f"SELECT source, month, count(*) FROM read_parquet('{root}/lake/articles/**/*.parquet', "
        "hive_partitioning = true) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert counts == [
        ("dwn", "2024-04", 1), ("dwn", "2024-05", 3), ("faz.net", "2024-04", 1), ("faz.net", "2024-05", 3)
    ]  # fmt: skip


def test_tables_hold_parquet_files_only(root: Path) -> None:
    assert {path.suffix for path in (root / "lake").rglob("*") if path.is_file()} == {".parquet"}
