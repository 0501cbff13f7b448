"""The DAG `summary`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from support.newsroom_runs import SLUGS, curated, run_partition


def test_the_summary_agrees_with_the_articles(dags: dict[str, Any], lived: Path) -> None:
    import duckdb

    def daily() -> list[tuple[Any, ...]]:
        with duckdb.connect(str(lived / "summary.duckdb"), read_only=True) as summary:
            return summary.sql("FROM daily ORDER BY ALL").fetchall()

    keys = [f"{slug}|2024-05" for slug in SLUGS[:2]]
    for key in keys:
        curated(dags, key)
        run_partition(dags, "summary", key.replace("2024-05", "*"))
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
        run_partition(dags, "summary", key)
    assert daily() == first, "another run in another order gives the same"
    shutil.rmtree(lived / "lake" / "articles" / f"source={SLUGS[0]}")
    run_partition(dags, "summary", keys[0])
    assert daily() == [row for row in first if row[0] != SLUGS[0]], "a month without articles has no rows"
