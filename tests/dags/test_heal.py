"""The DAG `heal`: months of which an event was lost are rebuilt."""

from __future__ import annotations

import os
import time
import types
from pathlib import Path
from typing import Any

from klartext.lake import Lake
from klartext.lake.curated_state import pending_months
from support.newsroom_runs import SLUGS, Event, curated

LOST = f"{SLUGS[1]}|2024-05"


def heal(dags: dict[str, Any]) -> tuple[list[str], list[str], list[str]]:
    """Runs the task; the partitions that failed, were rebuilt and were announced."""
    from klartext_airflow.assets import ARTICLES

    event, pushed = Event(), {}
    instance = types.SimpleNamespace(xcom_push=lambda key, value: pushed.update({key: value}))
    failed = dags["heal"].get_task("heal").python_callable(outlet_events={ARTICLES: event}, ti=instance)
    return failed, pushed["healed"], event.keys


def test_a_published_batch_that_no_run_heard_of_is_curated(dags: dict[str, Any], lived: Path) -> None:
    curated(dags, f"{SLUGS[0]}|2024-05")
    assert heal(dags) == ([], [], []), "the run that rebuilds the other may be under way"
    long_ago = time.time() - 3600
    for file in (lived / "lake" / "versions").rglob("*"):
        os.utime(file, (long_ago, long_ago))
    curated(dags, f"{SLUGS[0]}|2024-05")
    assert pending_months(Lake.open(), SLUGS[1]) == ["2024-05"]
    assert heal(dags) == ([], [LOST], [LOST])
    assert (lived / "lake" / "articles" / f"source={SLUGS[1]}" / "month=2024-05" / "articles.parquet").exists()
    assert heal(dags) == ([], [], [])
