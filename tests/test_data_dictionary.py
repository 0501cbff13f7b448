"""The data dictionary in docs/ is the one that the model and the demo's lake give."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

import pytest

from klartext import data_dictionary, model
from klartext.column_facts import ColumnFacts, column_facts
from klartext.lake import Lake
from klartext.sources import PROJECT
from support.sample_lake import publish
from support.sample_rows import article, batch


@pytest.fixture(scope="module")
def page(newsroom_lake: Path) -> str:
    return data_dictionary.markdown(column_facts(Lake.open(str(newsroom_lake / "data"))))


def test_the_page_in_docs_is_what_the_demo_gives(page: str) -> None:
    """With KLARTEXT_WRITE_DOCS=1 it is written."""
    file = PROJECT / "docs" / "columns.md"
    if os.environ.get("KLARTEXT_WRITE_DOCS") == "1":
        file.write_text(page, "utf-8")
    assert file.read_text("utf-8") == page, "run KLARTEXT_WRITE_DOCS=1 pytest tests/test_data_dictionary.py"


def test_every_column_of_every_table_is_explained(page: str) -> None:
    assert len(model.TABLES) > 8
    for row in model.TABLES.values():
        for name in model.schema(row).names:
            assert f"| `{name}` |" in page


def test_nothing_in_it_depends_on_the_machine_or_the_run(page: str) -> None:
    assert not re.search(r"127\.0\.0\.|localhost|:\d{4,5}\b|/tmp/", page)


def test_columns_with_a_value_in_every_row_never_lack_one(page: str) -> None:
    always = [line.split(" | ") for line in page.splitlines() if " | always | " in line and line.count(" | ") > 6]
    assert len(always) > 60
    lacking = {cells[0]: cells[4] for cells in always if cells[4] not in ("0 %", "–")}
    assert lacking == {}, "of rejects the columns of articles are left out"


def test_notes_are_about_columns_that_exist() -> None:
    notes = data_dictionary.notes()
    assert set(notes) == {"caveats", "examples", "changes"}
    everywhere = {name for row in model.PUBLISHED.values() for name in model.schema(row).names}
    for kind in ("caveats", "examples"):
        for table, columns in notes[kind].items():
            known = everywhere if table == "all" else set(model.schema(model.PUBLISHED[table]).names)
            assert columns.keys() <= known, (kind, table)
    assert max(notes["changes"]) <= model.SCHEMA_VERSION


def test_the_present_schema_version_says_what_it_changed(page: str) -> None:
    versions = page.partition("## Schema versions\n")[2].strip().splitlines()
    assert [line.partition(":")[0] for line in versions] == [f"- **{n}**" for n in range(1, model.SCHEMA_VERSION + 1)]
    assert all(len(line) > 10 for line in versions)
    assert "`published_date`" in versions[6]
    since = {field.metadata["since"] for row in model.PUBLISHED.values() for field in dataclasses.fields(row)}
    assert max(since) <= model.SCHEMA_VERSION


def test_facts_are_counts_of_missing_values_and_the_most_frequent_one(tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path))
    rows = [article(1, authors=[], kicker=None), article(2, authors=["B", "A"], kicker="x" * 50),
            article(3, authors=["B"], kicker="an 127.0.0.2:8080")]  # fmt: skip
    publish(lake, batch(), *rows)
    found = column_facts(lake)
    assert found["articles"]["authors"] == ColumnFacts(3, 1, "B")
    assert found["articles"]["kicker"] == ColumnFacts(3, 1, "x" * 39 + "…")
    assert found["articles"]["published_at"].example == "2024-05-01 08:30:00 UTC"
    assert found["articles"]["published_date"].example == "2024-05-01"
    assert found["articles"]["images"] == ColumnFacts(3, 0, None)
    assert found["takedowns"]["why"] == ColumnFacts(0, 0, None)
