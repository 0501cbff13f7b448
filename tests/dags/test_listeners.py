"""What follows a published batch: its event, the month made anew, the summary."""

from __future__ import annotations

import shutil
import types
from pathlib import Path
from typing import Any

import pytest

from support.newsroom_runs import SLUGS, by_hand, curated


def test_curating_follows_from_the_partition_alone(dags: dict[str, Any], lived: Path) -> None:
    told, _ = curated(dags, f"{SLUGS[0]}|2024-05")
    assert told["articles"] > 0
    view = lived / "lake" / "articles" / f"source={SLUGS[0]}" / "month=2024-05" / "articles.parquet"
    before = view.read_bytes()
    view.unlink()
    assert curated(dags, f"{SLUGS[0]}|2024-05")[0] == told
    assert view.read_bytes() == before


def test_whoever_listens_is_told_when_the_month_can_be_read(dags: dict[str, Any], lived: Path) -> None:
    from klartext.model import SCHEMA_VERSION
    from klartext_assets import VERSIONS

    batches = {name: {"verdict": name, "partitions": [f"{SLUGS[0]}|2024-05"]} for name in ("passed", "warned")}
    triggers = {VERSIONS: [types.SimpleNamespace(extra={"batches": {name: told}}) for name, told in batches.items()]}
    told, event = curated(dags, f"{SLUGS[0]}|2024-05", triggers)
    assert event == {
        "rows": told["articles"], "versions": told["articles"], "schema_version": SCHEMA_VERSION, "verdict": "warned",
        "batches": batches,
    }  # fmt: skip
    assert curated(dags, f"{SLUGS[0]}|1999-01")[1] == {
        "rows": 0, "versions": 0, "schema_version": SCHEMA_VERSION, "verdict": None, "batches": {},
    }  # fmt: skip


@pytest.mark.parametrize("dag", ["curate", "summary"])
@pytest.mark.parametrize("key", [None, "", "kontorblatt", "|2024-05", "kontorblatt|"])
def test_without_a_partition_it_says_what_is_wanted(dag: str, key: str | None, dags: dict[str, Any]) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    with pytest.raises(AirflowFailException, match=r"slug\|YYYY-MM"):
        by_hand(dags, dag, key)


def test_the_summary_says_what_the_view_says(dags: dict[str, Any], lived: Path) -> None:
    import duckdb

    def daily() -> list[tuple[Any, ...]]:
        with duckdb.connect(str(lived / "summary.duckdb"), read_only=True) as summary:
            return summary.sql("FROM daily ORDER BY ALL").fetchall()

    keys = [f"{slug}|2024-05" for slug in SLUGS[:2]]
    for key in keys:
        curated(dags, key)
        by_hand(dags, "summary", key)
    first = daily()
    view = f"read_parquet('{lived}/lake/articles/**/*.parquet', hive_partitioning = true)"
    days = "(published_at AT TIME ZONE 'Europe/Berlin')::DATE"
    assert (
        first
        == duckdb.sql(
            f"SELECT source, month, {days} AS day, count(*), sum(version_count), median(word_count), "
            "avg((lead IS NOT NULL)::INT), avg((len(authors) > 0 OR len(agencies) > 0)::INT) "
            f"FROM {view} GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    )
    assert {row[0] for row in first} == set(SLUGS[:2])
    for key in reversed(keys):
        by_hand(dags, "summary", key)
    assert daily() == first, "run again and in another order it is the same"
    shutil.rmtree(lived / "lake" / "articles" / f"source={SLUGS[0]}")
    by_hand(dags, "summary", keys[0])
    assert daily() == [row for row in first if row[0] != SLUGS[0]], "a month that is gone leaves nothing"


def test_a_summary_of_an_object_store_needs_a_place(dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    file = dags["summary"].tasks[0].python_callable.__globals__["file"]
    lake = types.SimpleNamespace(storage=types.SimpleNamespace(disk=None))
    with pytest.raises(AirflowFailException, match="KLARTEXT_SUMMARY"):
        file(lake)
    monkeypatch.setenv("KLARTEXT_SUMMARY", "/shared/summary.duckdb")
    assert file(lake) == "/shared/summary.duckdb"


def test_an_event_tells_what_was_published_and_how_it_was_judged() -> None:
    import klartext_assets
    from klartext.model import SCHEMA_VERSION

    published = {"partitions": ["dwn|2016-08"], "articles": 3, "teasers": 7, "rejects": 1, "fetches": 5}
    event = types.SimpleNamespace(extra={}, keys=[], add_partitions=lambda keys: event.keys.extend(keys))
    for name, warnings in {"dwn-a": [], "dwn-b": ["batch-leads"]}.items():
        work = {"batch": {"name": name, "source": "dwn"}, "validate": {"warnings": warnings}}
        klartext_assets.announce(event, work, published)
    assert set(event.keys) == {"dwn|2016-08"}
    told = event.extra["batches"]
    assert told["dwn-a"] == {
        "source": "dwn", "partitions": ["dwn|2016-08"], "schema_version": SCHEMA_VERSION, "verdict": "passed",
        "warnings": [], "rows": {"versions": 3, "teasers": 7, "rejects": 1, "fetches": 5},
    }  # fmt: skip
    assert (told["dwn-b"]["verdict"], told["dwn-b"]["warnings"]) == ("warned", ["batch-leads"])
