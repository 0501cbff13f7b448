"""The description for machines: up to date, valid, and a lake can be read by it alone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlcroissant
import pytest

from klartext import croissant, model
from klartext.lake import Lake
from klartext.sources import PROJECT
from support.sample_lake import republish, stage
from support.sample_rows import article, batch, fetch, reject, teaser

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the reader and of what it uses

RECOMMENDED = {"http://mlcommons.org/croissant/citeAs", "https://schema.org/datePublished"}
"""What a live dataset of others' texts does not have."""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> mlcroissant.Dataset:
    """The description beside a small lake."""
    root = tmp_path_factory.mktemp("described")
    lake = Lake.open(str(root / "data"))
    bare = article(2, kicker=None, authors=["A", "B"], images=[], published_at=None, modified_at=None)
    stage(lake, batch(), [article(1), bare], [teaser(1)], [reject(3)], [fetch(1)])
    republish(lake, batch())
    (root / "croissant.json").write_text(croissant.text(), "utf-8")
    return mlcroissant.Dataset(jsonld=str(root / "croissant.json"))


def test_the_file_in_docs_is_what_the_model_gives() -> None:
    assert (PROJECT / "docs" / "croissant.json").read_text("utf-8") == croissant.text()


def test_it_is_valid(described: mlcroissant.Dataset) -> None:
    issues = described.metadata.ctx.issues
    assert not issues.errors
    assert not [it for it in issues.warnings if not any(name in str(it) for name in RECOMMENDED)]


def leaves(fields: list[dict[str, Any]]) -> Iterator[str]:
    for field in fields:
        yield from leaves(field["subField"]) if "subField" in field else [field["@id"]]


def test_every_column_of_every_table_is_described() -> None:
    for record_set, (table, row) in zip(croissant.description()["recordSet"], model.PUBLISHED.items(), strict=True):
        names = [field["@id"] for field in record_set["field"]]
        folders = ["source", "month" if table == "articles" else "date"]
        if table in ("shared_text", "keep"):
            folders = ["month"]
        assert names == [f"{table}/{name}" for name in [*model.schema(row).names, *folders]]
        assert all(len(field["description"]) > 5 for field in record_set["field"])
    assert "articles/images/credit" in set(leaves(croissant.description()["recordSet"][0]["field"]))


@pytest.mark.parametrize("table", ["articles", "versions", "teasers", "rejects", "fetches"])
def test_a_table_is_read_by_it(described: mlcroissant.Dataset, table: str) -> None:
    rows = list(described.records(table))
    assert len(rows) == {"articles": 2, "versions": 2}.get(table, 1)
    for row in rows:
        assert row[f"{table}/source"] == b"dwn"
        assert row[f"{table}/capture"][f"{table}/capture/offset"] > 0


def test_rows_are_what_they_were(described: mlcroissant.Dataset) -> None:
    first, second = described.records("articles")
    assert first["articles/month"] == b"2024-05"
    assert first["articles/published_at"] == dt.datetime(2024, 5, 1, 8, 30, tzinfo=dt.UTC)
    assert first["articles/images"][0]["articles/images/credit"] == b"Foto: dpa"
    assert second["articles/authors"] == [b"A", b"B"]
    assert second["articles/kicker"] is None


def test_another_root_is_named_everywhere(tmp_path: Path) -> None:
    description = json.loads(croissant.text("s3://bucket/press"))
    assert {part["includes"].split("/lake/")[0] for part in description["distribution"]} == {"s3://bucket/press"}
