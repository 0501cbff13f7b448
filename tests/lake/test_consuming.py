"""All readers of a section of docs/consuming.md give the same, on a lake with everything that a lake may have.

That lake is of another source and of other days than the demo's, which the page names: :data:`NAMES` are replaced. On
the demo's lake the snippets run as they are, see tests/test_documented_snippets.py.
"""

from __future__ import annotations

import ast
import dataclasses
import datetime as dt
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from klartext import model
from klartext.curate import curate
from klartext.lake import Lake
from klartext.link import link_pending
from klartext.maintenance.takedown import take_down
from klartext.sources import PROJECT
from support.object_store import Bucket
from support.sample_lake import republish, stage
from support.sample_rows import article, batch, fetch, moment, reject, teaser

NAMES = {"kontorblatt:812402": "dwn:500001", "kontorblatt": "dwn", "2024-05-16": "2016-08-20",
         "(2024, 5, 16": "(2016, 8, 20", "2024-05": "2016-08"}  # fmt: skip
GUIDE = (PROJECT / "docs" / "consuming.md").read_text("utf-8")
for _demo, _own in NAMES.items():
    GUIDE = GUIDE.replace(_demo, _own)
READERS = ("pyspark", "duckdb", "polars", "pandas", "pyarrow")
"""The reader of a snippet is the first of these that it imports."""


def snippets() -> dict[str, dict[str, str]]:
    """By section and reader."""
    found: dict[str, dict[str, str]] = {}
    for section in GUIDE.split("\n## ")[1:]:
        for code in re.findall(r"```python\n(.*?)```", section, re.DOTALL):
            reader = next((name for name in READERS if f"import {name}" in code or f"from {name}" in code), None)
            if reader is None:  # Spark's, with the session of another snippet: tests/soak/test_spark.py
                continue
            place = f"{section.splitlines()[0]}: {result(code)}"
            assert found.setdefault(place, {}).setdefault(reader, code) is code, f"two of {reader} in {place}"
    return found


def result(code: str) -> str:
    """The name that a snippet gives its result."""
    last = ast.parse(code).body[-1]
    assert isinstance(last, ast.Assign)
    assert isinstance(last.targets[0], ast.Name)
    return last.targets[0].id


SNIPPETS = snippets()
SPARK = "Spark: month"
STORED = "In an object store: stored"
LOCAL = sorted(SNIPPETS.keys() - {SPARK, STORED})


def lives(lake: Lake) -> None:
    """Two sources, three months, an edit, an edit taken back, another extractor, cards, and an article taken out."""

    def page(number: int, day: str, **more: Any) -> Any:
        return article(
            number, fetched_at=moment(f"2016-08-{day}T04:00"), published_at=moment("2016-08-12T08:30"), **more
        )

    first = [page(500001, "12", title="Erst so"), page(500002, "12"), page(500003, "12", authors=[], lead=None)]
    late = [page(500001, "19", title="Dann anders"), page(500002, "19", extractor="klartext 9", title="Anders gelesen")]
    later = [page(500001, "25", title="Erst so"), page(500004, "25")]
    old = dataclasses.replace(
        article(500005), published_at=moment("2016-07-03T10:00"), fetched_at=moment("2016-08-12T05:00")
    )
    bare = dataclasses.replace(article(500006), published_at=None, fetched_at=moment("2016-09-01T04:00"))
    for day, rows in {"2016-08-11": [*first, old], "2016-08-18": late, "2016-08-24": [*later, bare]}.items():
        cards = [teaser(500002, 1, target_url=first[0].canonical_url, title="Mehr dazu"), teaser(500002, 2),
                 teaser(500002, 3, target_url=first[1].canonical_url, is_self=True)]  # fmt: skip
        stage(lake, batch(day), rows, cards, [reject(500009)], [fetch(500001)])
        republish(lake, batch(day))
    stage(lake, batch("2016-08-11", source="faz.net"), [dataclasses.replace(first[1], article_id="faz.net:1")])
    republish(lake, batch("2016-08-11", source="faz.net"))
    link_pending(lake)
    take_down(lake, "https://deutsche-wirtschafts-nachrichten.de/500010/fort", "a test")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which ``data`` is a lake, and ``copy.parquet`` one of its view before its last batch came."""
    root = tmp_path_factory.mktemp("consumer")
    lake = Lake.open(str(root / "data"))
    lives(lake)
    rows = ds.dataset(root / "data/lake/articles").to_table(columns=["article_id", "version_id"]).to_pylist()
    former = [row | ({"version_id": "another"} if row["article_id"] == "dwn:500001" else {}) for row in rows
              if row["article_id"] != "dwn:500004"]  # fmt: skip
    pq.write_table(pa.Table.from_pylist([*former, {"article_id": "dwn:1", "version_id": "1"}]), root / "copy.parquet")
    return root


def rows(found: Any) -> list[dict[str, Any]]:
    """A result of any reader."""
    if isinstance(found, pd.DataFrame):
        plain = found.astype({name: "str" for name in ("source", "month", "date") if name in found})
        found = pa.Table.from_pandas(plain, preserve_index=False)
    elif isinstance(found, pl.DataFrame):
        found = found.to_arrow()
    elif not isinstance(found, pa.Table):
        found = found.to_arrow_table()
    return [{name: same(value) for name, value in row.items()} for row in found.to_pylist()]


def same(value: Any) -> Any:
    """A value without the reader's own type for it."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: same(part) for key, part in value.items()}
    return [same(part) for part in value] if isinstance(value, list) else value


def run(code: str) -> list[dict[str, Any]]:
    names: dict[str, Any] = {}
    exec(compile(code, "docs/consuming.md", "exec"), names)
    return sorted(rows(names[result(code)]), key=repr)


EXPECTED = {
    "Everything: articles": 7, "A month of a source: month": 4, "One article: article": 1, "Edits: edits": 2,
    "Teasers and where they lead: cards": 3, "The state at a point in time: then": 5, "What has changed: changed": 2,
    "What has changed: gone": 1, "What has changed: mirrored": 10, "With pandas' defaults: recent": 5,
    "With pandas' defaults: pictures": 7, "Articles that share text: copies": 15, "Without duplicates: unique": 2,
}  # fmt: skip
"""How many rows each section gives."""


def agree(place: str) -> list[dict[str, Any]]:
    found = {reader: run(code) for reader, code in SNIPPETS[place].items()}
    columns = set.intersection(*(set(rows[0]) for rows in found.values()))
    assert columns >= {"article_id"} or columns >= {"stood_on", "leads_to"}
    (first, *others) = [sorted(({c: row[c] for c in columns} for row in rows), key=lambda r: repr(sorted(r.items())))
                        for rows in found.values()]  # fmt: skip
    assert all(other == first for other in others)
    return first


def test_every_section_is_run() -> None:
    assert sorted(EXPECTED) == LOCAL
    for place in ("Everything: articles", "A month of a source: month", "One article: article", STORED):
        assert set(SNIPPETS[place]) == {"pandas", "polars", "duckdb", "pyarrow"}


@pytest.mark.parametrize("place", LOCAL)
def test_readers_agree(root: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    assert len(agree(place)) == EXPECTED[place]


def test_edits_are_those_that_the_view_counts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    edits = [row["article_id"] for row in agree("Edits: edits")]
    counts = {row["article_id"]: row["version_count"] - 1 for row in agree("Everything: articles")}
    assert {name: edits.count(name) for name in counts} == counts


def test_the_lake_as_of_now_is_the_view(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    columns = model.schema(model.Article).names
    articles = [{c: row[c] for c in columns} for row in agree("Everything: articles")]
    snippets = SNIPPETS["The state at a point in time: then"]
    assert len(snippets) > 1
    assert articles
    for code in snippets.values():
        now = run(code.replace("2016-08-20", "2026-01-01").replace("2016, 8, 20", "2026, 1, 1"))
        assert sorted(({c: row[c] for c in columns} for row in now), key=repr) == sorted(articles, key=repr)


def test_what_it_was_at_a_time_is_what_the_view_was_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake.open(str(tmp_path / "data"))
    lives(lake)
    monkeypatch.chdir(tmp_path)
    then = {row["article_id"]: row["version_id"] for row in agree("The state at a point in time: then")}
    stage(lake, batch("2016-08-24"))  # nothing came after the 20th
    republish(lake, batch("2016-08-24"))
    for month in ("2016-07", "2016-08"):
        curate(lake, "dwn", month)
    assert {row["article_id"]: row["version_id"] for row in agree("Everything: articles")} == then


def test_mirrors_stay_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a new batch, a batch that was run again, a take-down, and one that has only begun."""
    lake = Lake.open(str(tmp_path / "data"))
    lives(lake)
    monkeypatch.chdir(tmp_path)
    snippets = SNIPPETS["What has changed: mirrored"]
    assert set(snippets) == {"duckdb", "polars"}

    def mirrored() -> set[tuple[str, str]]:
        found = [{(row["article_id"], row["title"]) for row in run(code)} for code in snippets.values()]
        assert found[0] == found[1]
        return found[0]

    def versions() -> set[tuple[str, str]]:
        rows = ds.dataset("data/lake/versions").to_table(columns=["article_id", "title"]).to_pylist()
        return {(row["article_id"], row["title"]) for row in rows}

    assert mirrored() == mirrored() == versions()
    assert len(versions()) > 5
    for day, of_batch in {"2016-08-30": [article(500020, title="Neu")], "2016-08-24": [article(500021)]}.items():
        stage(lake, batch(day), of_batch)
        republish(lake, batch(day))
    assert mirrored() == versions() >= {("dwn:500020", "Neu")}
    gone = article(500003)
    take_down(lake, gone.url, "a test")
    assert mirrored() == versions()
    assert gone.article_id not in dict(versions())
    begun = next((tmp_path / "data/lake/takedowns/source=dwn").rglob("*.parquet"))
    rows = pq.ParquetFile(begun).read().to_pylist()
    named = [rows[0] | {"article_id": "dwn:500020", "names": ["dwn:500021"], "done_at": None}]
    pq.write_table(model.table(model.Takedown, named), begun.with_name("begun.parquet"))
    assert mirrored() == versions() - {row for row in versions() if row[0] in ("dwn:500020", "dwn:500021")}
    assert len(mirrored()) < len(versions())


def test_a_mirror_that_was_interrupted_is_completed(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").symlink_to(root / "data")
    monkeypatch.chdir(tmp_path)
    snippets = SNIPPETS["What has changed: mirrored"]
    for reader, last in {"duckdb": "    DELETE FROM versions WHERE article_id", "polars": 'Path("mirror.new")'}.items():
        begun = snippets[reader].partition(last)[0].removesuffix('mirror.execute("""\n')
        exec(compile(begun, "docs/consuming.md", "exec"), {})
        found = [(row["article_id"], row["version_id"]) for row in run(snippets[reader])]
        rows = ds.dataset("data/lake/versions").to_table(columns=["article_id", "version_id"]).to_pylist()
        assert sorted(found) == sorted((row["article_id"], row["version_id"]) for row in rows), reader
        assert len(found) == EXPECTED["What has changed: mirrored"]


def test_what_the_page_says_of_pandas_own_types(root: Path) -> None:
    frame = pd.read_parquet(root / "data/lake/articles")
    assert [str(frame[name].dtype) for name in ("source", "month")] == ["category"] * 2
    with pytest.raises(TypeError):
        frame["month"] >= "2016-08"  # noqa: B015
    with pytest.raises(TypeError):
        frame.drop_duplicates()
    assert frame["in_month"].ge("2016-08").any()
    assert str(frame["stated_word_count"].dtype) == "float64"
    assert isinstance(frame["images"].iloc[0], np.ndarray)
    assert isinstance(frame["images"].iloc[0][0], dict)
    assert isinstance(frame["capture"].iloc[0], dict)
    arrow = pd.read_parquet(root / "data/lake/articles", dtype_backend="pyarrow")
    assert isinstance(arrow["images"].iloc[0], list)
    assert "int64" in str(arrow["stated_word_count"].dtype)


def test_a_month_is_read_from_its_own_file(root: Path) -> None:
    field = ds.field
    dataset = ds.dataset(root / "data/lake/articles", partitioning="hive")
    named = (field("source") == "dwn") & (field("month") == "2016-08")
    files = [fragment.path for fragment in dataset.get_fragments(filter=named)]
    assert [path.split("/articles/")[1] for path in files] == ["source=dwn/month=2016-08/articles.parquet"]


def test_readers_agree_on_a_lake_in_an_object_store(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
                       "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": bucket.endpoint,
                       "AWS_ALLOW_HTTP": "true"}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    lives(Lake.open("s3://klartext/press"))
    assert len(agree(STORED)) == EXPECTED["Everything: articles"]


def test_what_the_table_of_types_says(root: Path) -> None:
    types = {cells[0]: cells[1:] for line in GUIDE.split("## Types")[1].splitlines() if line.count("|") == 5
            for cells in [[cell.strip() for cell in line.strip("|").split("|")]]}  # fmt: skip
    import duckdb

    whole = "FROM read_parquet('{}/**/*.parquet', hive_partitioning = true)"
    for number, (table, name) in enumerate([("articles", "source"), ("articles", "month"), ("versions", "date")]):
        folder = root / "data" / "lake" / table
        seen = {
            "pyarrow": str(ds.dataset(folder, partitioning="hive").schema.field(name).type),
            "pandas": str(pd.read_parquet(folder, dtype_backend="pyarrow")[name].dtype),
            "polars": str(pl.scan_parquet(folder, hive_partitioning=True).collect_schema()[name]),
            "DuckDB": str(duckdb.sql(whole.format(folder))[name].types[0]),
        }  # fmt: skip
        for reader, kind in seen.items():
            assert types[reader][number].split(";")[0].lower() in kind.lower().replace("dictionary", "category")
    folder = root / "data" / "lake" / "versions"
    assert (
        pl.scan_parquet(folder, hive_partitioning=True, try_parse_hive_dates=False).collect_schema()["date"]
        == pl.String
    )
    text = f"FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)"
    assert str(duckdb.sql(text)["date"].types[0]) == "VARCHAR"


def test_what_the_page_says_of_spark_holds_for_the_files(root: Path) -> None:
    """Spark itself is not here: what its options rest on is."""
    code = SNIPPETS[SPARK]["pyspark"]
    assert 'spark.read.option("mergeSchema", "false").parquet("data/lake/articles")' in code
    files = sorted((root / "data/lake/articles").rglob("*.parquet"))
    schemas = {pq.read_schema(file).remove_metadata() for file in files}
    assert len(schemas) == 1, "files of more than one schema would have to be merged"
    (schema,) = schemas
    assert not {"source", "month"} & set(schema.names), "a column of the folders in the file is ambiguous"
    assert [re.sub(r"=.*", "", part) for part in files[0].relative_to(root / "data/lake/articles").parts[:-1]] == [
        "source", "month"
    ]  # fmt: skip
    kinds = {str(pq.ParquetFile(files[0]).schema.column(n).logical_type) for n in range(len(schema.names))}
    assert any("isAdjustedToUTC=true, timeUnit=microseconds" in kind for kind in kinds), "a Spark timestamp"


def test_every_table_that_is_published_stands_in_the_guide() -> None:
    first = GUIDE.split("\n## ")[0]
    assert [name for name in model.PUBLISHED if f"`{name}`" not in first] == []
