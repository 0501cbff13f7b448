"""The dataset card of the demo's lake: what it says is so, and Hugging Face and Croissant read all tables by it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import mlcroissant
import pyarrow.dataset as ds
import pytest
import yaml

from klartext import croissant, dataset_card, huggingface, model, sources
from klartext.curate import curate
from klartext.lake import Lake, curated_state, layout
from klartext.maintenance.takedown import take_down
from support.sample_lake import publish
from support.sample_rows import article, batch

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the readers and of what they use


@pytest.fixture(scope="module")
def demo(newsroom_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the demo's lake in which every table has rows, and its description."""
    root = tmp_path_factory.mktemp("demo") / "data"
    shutil.copytree(newsroom_lake / "data", root)
    with pytest.MonkeyPatch.context() as patch:
        folders = [str(sources.DEFAULT_DIRECTORIES), str(newsroom_lake / "sources")]
        patch.setenv("KLARTEXT_SOURCES", os.pathsep.join(folders))
        lake = Lake.open(str(root))
        (url,) = duckdb.sql(f"SELECT min(url) FROM '{root}/lake/versions/*/*/*.parquet'").fetchall()[0]
        take_down(lake, url, "request of the publisher")
        assert dataset_card.write(lake)
        yield root


@pytest.fixture(scope="module")
def huggingface_datasets(demo: Path) -> Any:
    """The package, without a network (see tests/conftest.py)."""
    import datasets

    assert datasets.config.HF_HUB_OFFLINE
    datasets.disable_progress_bars()
    return datasets


def stored(root: Path, table: str) -> list[dict[str, Any]]:
    return ds.dataset(root / "lake" / table, partitioning="hive").to_table().to_pylist()


@pytest.mark.parametrize("table", model.PUBLISHED)
def test_hugging_face_loads_each_table_by_its_name(
    demo: Path, tmp_path: Path, huggingface_datasets: Any, table: str
) -> None:
    found = huggingface_datasets.load_dataset(str(demo), table, split="train", cache_dir=str(tmp_path))
    rows = stored(demo, table)
    assert found.num_rows == len(rows) > 0
    schema = model.schema(model.PUBLISHED[table])
    assert found.column_names == schema.names
    assert found.features.arrow_schema.equals(schema)
    name = schema.names[0]
    assert sorted(found[name]) == sorted(row[name] for row in rows)
    if table == "articles":
        assert {(row["in_source"], row["in_month"], row["site"]) for row in found} == {
            (row["source"], row["month"], row["site"]) for row in rows
        }


@pytest.mark.parametrize("table", model.PUBLISHED)
def test_croissant_in_the_root_gives_the_records_of_each_table(demo: Path, table: str) -> None:
    described = mlcroissant.Dataset(jsonld=str(demo / layout.CROISSANT))
    found, rows = list(described.records(table)), stored(demo, table)
    assert len(found) == len(rows) > 0
    name = model.schema(model.PUBLISHED[table]).names[0]
    wanted = (name, *layout.partition_columns(table))
    assert sorted(tuple((row[f"{table}/{key}"] or b"").decode() for key in wanted) for row in found) == sorted(
        tuple(row[key] or "" for key in wanted) for row in rows
    )
    if table == "articles":
        assert {row["articles/published_date"].date() for row in found} == {row["published_date"] for row in rows}


def test_the_features_are_those_that_hugging_face_makes_of_the_schema(huggingface_datasets: Any) -> None:
    for row in model.PUBLISHED.values():
        schema = model.schema(row)
        made = huggingface_datasets.Features.from_arrow_schema(schema)
        assert huggingface.features(schema) == made._to_yaml_list()


def header(card: str) -> dict[str, Any]:
    return dict(yaml.safe_load(card.split("---\n")[1]))


def test_its_numbers_are_those_of_the_lake(demo: Path) -> None:
    card = (demo / layout.DATASET_CARD).read_text("utf-8")
    view = f"read_parquet('{demo}/lake/articles/**/*.parquet', hive_partitioning = true)"
    counts = duckdb.sql(f"SELECT source, left(month, 4), count(*) FROM {view} GROUP BY ALL ORDER BY ALL").fetchall()
    assert len(counts) == 4
    for source, year, count in counts:
        (line,) = (line for line in card.splitlines() if line.startswith(f"| `{source}` |"))
        assert line.endswith(f"| {count} | {count} |"), (line, year)
    assert f"**{sum(count for *_, count in counts)} articles of 4 sources**" in card
    assert "One article was removed so far." in card
    head = header(card)
    assert [config["config_name"] for config in head["configs"]] == list(model.PUBLISHED)
    assert [config["config_name"] for config in head["configs"] if config.get("default")] == ["articles"]
    assert head["size_categories"] == ["n<1K"]
    assert head["language"] == ["de"]
    assert all(f"| `{name}` |" in card for name in model.schema(model.Current).names)


def test_it_has_no_text_and_no_address_of_an_article(demo: Path) -> None:
    card = (demo / layout.DATASET_CARD).read_text("utf-8") + (demo / layout.CROISSANT).read_text("utf-8")
    rows = stored(demo, "versions")
    assert len(rows) > 10
    for row in rows:
        parts = [row["title"], row["lead"], row["url"], row["canonical_url"], *row["text"].splitlines()]
        assert not [part for part in parts if part and len(part) > 12 and part in card]


def test_the_same_lake_has_the_same_card_wherever_it_is(demo: Path, tmp_path: Path) -> None:
    before = (demo / layout.DATASET_CARD).read_bytes()
    copy = Lake.open(str(shutil.copytree(demo / "lake", tmp_path / "lake").parent))
    assert dataset_card.text(copy).encode() == before, "also without what is recorded of the months"
    shutil.copytree(demo / "index", tmp_path / "index")
    assert dataset_card.text(copy).encode() == before


def test_its_examples_run_in_the_folder_that_it_is_in(
    demo: Path, tmp_path: Path, huggingface_datasets: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(demo.parent)
    monkeypatch.setattr(huggingface_datasets.config, "HF_DATASETS_CACHE", tmp_path)
    snippets = re.findall(r"```python\n(.*?)```", (demo / layout.DATASET_CARD).read_text("utf-8"), re.DOTALL)
    assert len(snippets) == 3
    for code in snippets:
        names: dict[str, Any] = {}
        exec(compile(code, layout.DATASET_CARD, "exec"), names)
        assert len(names["articles"]) == len(stored(demo, "articles"))


def test_a_lake_without_articles_has_a_card(lake: Lake) -> None:
    lake.create_tables()
    dataset_card.write(lake)
    card = (lake.storage.read(layout.DATASET_CARD) or b"").decode()
    assert "**0 articles of 0 sources**" in card
    assert "There is no article yet." in card
    assert lake.storage.read(layout.CROISSANT) == croissant.text("").encode()


def test_curating_writes_it_once_an_hour(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def card() -> str:
        return (lake.storage.read(layout.DATASET_CARD) or b"").decode()

    publish(lake, batch(), article(1))
    assert "**1 article of 1 source**, first published in 2024-05.\n" in card()
    publish(lake, batch("2024-05-02"), article(2))
    assert "**1 article of" in card()
    monkeypatch.setattr(dataset_card, "EVERY", 0.0)
    curate(lake, "dwn", "2024-05")
    assert "**2 articles of 1 source**" in card()


def test_a_file_of_someone_else_stays(lake: Lake) -> None:
    lake.storage.put(layout.DATASET_CARD, b"# Our notes\n")
    publish(lake, batch(), article(1))
    assert lake.storage.read(layout.DATASET_CARD) == b"# Our notes\n"
    assert dataset_card.write(lake) is False


def test_a_card_that_cannot_be_written_stops_nothing(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(lake: Lake) -> str:
        raise PermissionError("you may not write here")

    monkeypatch.setattr(dataset_card, "write", refused)
    publish(lake, batch(), article(1))
    assert curated_state.pending_months(lake, "dwn") == []
    assert "you may not write here" in caplog.text


def test_a_source_whose_file_cannot_be_used_and_one_without_a_file_are_named(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dwn.yaml").write_text("slug: dwn\nnonsense: 1\n", "utf-8")
    monkeypatch.setenv("KLARTEXT_SOURCES", str(tmp_path))
    for source in ("dwn", "zeitung.pl", "other"):
        publish(lake, batch(source=source), article(1, article_id=f"{source}:1"))
    found = {each.slug: (each.name, each.zone, each.articles) for each in dataset_card.numbers(lake)}
    assert found == {
        "dwn": ("dwn", "Europe/Berlin", 1), "zeitung.pl": ("zeitung.pl", "Europe/Warsaw", 1),
        "other": ("publishers without a source file", "UTC", 1),
    }  # fmt: skip
