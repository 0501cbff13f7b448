"""Copies of a table: the rows that were asked for, the same bytes again, up to date after any change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow.dataset
import pytest

from klartext.lake import Lake
from klartext.lake.lake import open_storage
from klartext.lake.storage import Storage
from klartext.maintenance.export import MANIFEST, Selection, export_table
from klartext.maintenance.takedown import take_down
from support.command_line import run
from support.lakes import Place
from support.sample_lake import contents, publish
from support.sample_rows import article, batch, moment

JUNE = moment("2024-06-02T08:00")


@pytest.fixture
def lived(lake: Lake) -> Lake:
    publish(lake, batch(), article(1), article(2, language="en"), article(3, published_at=JUNE))
    return lake


@pytest.fixture
def target(place: Place) -> Storage:
    return place("copy").storage


def rows_of(target: Storage) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for name in target.files("articles", ".jsonl")
        for line in (target.read(name) or b"").decode().splitlines()
    ]


def test_a_copy_in_parquet_is_read_like_the_lake(lived: Lake, tmp_path: Path) -> None:
    target = open_storage(str(tmp_path / "copy"))
    done = export_table(lived, target, Selection("articles", None, "parquet"))
    assert (done.written, done.rows) == (2, 3)
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == ["articles", MANIFEST]
    copied = pyarrow.dataset.dataset(tmp_path / "copy" / "articles", partitioning="hive").to_table()
    assert sorted(copied["article_id"].to_pylist()) == ["dwn:1", "dwn:2", "dwn:3"]
    assert set(copied["month"].to_pylist()) == {"2024-05", "2024-06"}
    copies = contents(Lake(target), "articles")
    assert {f"lake/{name}": digest for name, digest in copies.items()} == contents(lived, "lake/articles")


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("language = 'en'", ["dwn:2"]),
        ("month = '2024-06' AND source = 'dwn'", ["dwn:3"]),
        ("list_contains(authors, 'nobody of this name')", []),
        ("published_at >= TIMESTAMPTZ '2024-06-01' -- of June", ["dwn:3"]),
    ],
)
def test_a_condition_selects_rows(where: str, ids: list[str], lived: Lake, target: Storage) -> None:
    done = export_table(lived, target, Selection("articles", where, "jsonl"))
    assert [row["article_id"] for row in rows_of(target)] == ids
    assert done.rows == len(ids)
    assert all(row["source"] == "dwn" and row["month"] == row["published_at"][:7] for row in rows_of(target))


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_done_again_only_what_changed_is_written(form: str, lived: Lake, target: Storage) -> None:
    of = Selection("articles", None, form)
    export_table(lived, target, of)
    before = contents(Lake(target), "articles")
    again = export_table(lived, target, of)
    assert (again.written, again.unchanged, again.removed) == (0, 2, 0)
    publish(lived, batch("2024-06-03"), article(4, published_at=JUNE))
    later = export_table(lived, target, of)
    assert (later.written, later.unchanged, later.rows) == (1, 1, 4)
    after = contents(Lake(target), "articles")
    assert {name for name in after if after[name] != before.get(name)} == {
        f"articles/source=dwn/month=2024-06/articles.{form}"
    }


def test_what_was_taken_down_leaves_the_copy(lived: Lake, target: Storage) -> None:
    of = Selection("articles", None, "jsonl")
    export_table(lived, target, of)
    take_down(lived, article(3).url, "request of the publisher")
    done = export_table(lived, target, of)
    assert (done.removed, [row["article_id"] for row in rows_of(target)]) == (1, ["dwn:1", "dwn:2"])
    assert article(3).url.encode() not in b"".join(target.read(name) or b"" for name in target.files("", ""))


def test_an_interrupted_export_goes_on(lived: Lake, target: Storage) -> None:
    of = Selection("articles", None, "jsonl")

    def interrupted(items: Iterable[Any], *_: Any) -> Iterable[Any]:
        yield next(iter(items))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_table(lived, target, of, interrupted)
    done = export_table(lived, target, of)
    assert (done.written, done.unchanged, done.rows) == (1, 1, 3)


def test_every_table_can_be_exported(lived: Lake, place: Place) -> None:
    for table in ("versions", "teasers", "rejects", "fetches", "batches"):
        export_table(lived, place(table).storage, Selection(table, "source = 'dwn'", "jsonl"))
    assert place("versions").storage.files("versions/source=dwn", ".jsonl")


@pytest.mark.parametrize(
    ("of", "message"),
    [
        (lambda: Selection("artikel", None, "parquet"), "no table 'artikel'; tables are articles, versions"),
        (lambda: Selection("articles", None, "csv"), "no format 'csv'; formats are parquet, jsonl"),
        (lambda: Selection("articles", "sprache = 'de'", "jsonl"), "--where .*sprache.* give a condition as in SQL"),
        (lambda: Selection("articles", "1) FROM read_text('/etc/passwd') --", "jsonl"), "give a condition as in SQL"),
        (
            lambda: Selection("articles", "length((SELECT content FROM read_text('/etc/passwd'))) > 0", "jsonl"),
            "--where",
        ),
    ],
)
def test_what_cannot_be_exported_is_said_before_anything_is_written(of: Callable[[], Selection], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        of()


def test_a_folder_of_something_else_is_left_alone(lived: Lake, target: Storage) -> None:
    target.put("notes.txt", b"mine")
    with pytest.raises(ValueError, match="is no export"):
        export_table(lived, target, Selection("articles", None, "jsonl"))
    assert target.files("", "") == ["notes.txt"]


def test_another_selection_is_not_mixed_in(lived: Lake, target: Storage) -> None:
    export_table(lived, target, Selection("articles", None, "jsonl"))
    with pytest.raises(ValueError, match="of another selection"):
        export_table(lived, target, Selection("articles", "language = 'de'", "jsonl"))


def test_the_command(tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path / "lake"))
    publish(lake, batch(), article(1), article(2))
    shown = run("export", "--to", str(tmp_path / "copy"), "--data", lake.storage.root, "--format", "jsonl")
    assert (shown.exit_code, "2 rows in" in shown.stderr) == (0, True)
    refused = run("export", "--to", lake.storage.root, "--data", lake.storage.root)
    assert "is the lake itself" in str(refused.exception)


def test_a_copy_without_rows_can_be_read(lived: Lake, tmp_path: Path) -> None:
    target = open_storage(str(tmp_path / "copy"))
    assert export_table(lived, target, Selection("articles", "false", "parquet")).rows == 0
    found = pyarrow.dataset.dataset(tmp_path / "copy" / "articles", partitioning="hive").to_table()
    assert found.num_rows == 0
    assert {"title", "source", "month"} <= set(found.column_names)
