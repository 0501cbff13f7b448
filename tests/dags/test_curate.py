"""The DAG `curate`."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import pytest

from support.newsroom_runs import SLUGS, curated, run_partition


def test_the_result_depends_on_the_partition_alone(dags: dict[str, Any], lived: Path) -> None:
    result, _ = curated(dags, f"{SLUGS[0]}|2024-05")
    assert result["articles"] > 0
    view = lived / "lake" / "articles" / f"source={SLUGS[0]}" / "month=2024-05" / "articles.parquet"
    before = view.read_bytes()
    view.unlink()
    assert curated(dags, f"{SLUGS[0]}|2024-05")[0] == result
    assert view.read_bytes() == before


def test_the_event_of_a_rebuilt_month_names_its_batches(dags: dict[str, Any], lived: Path) -> None:
    from klartext.model import SCHEMA_VERSION
    from klartext_airflow.assets import VERSIONS

    batches = {name: {"verdict": name, "partitions": [f"{SLUGS[0]}|2024-05"]} for name in ("passed", "warned")}
    triggers = {VERSIONS: [types.SimpleNamespace(extra={"batches": {name: batch}}) for name, batch in batches.items()]}
    result, event = curated(dags, f"{SLUGS[0]}|2024-05", triggers)
    assert event == {
        "rows": result["articles"], "versions": result["articles"], "schema_version": SCHEMA_VERSION,
        "verdict": "warned", "batches": batches,
    }  # fmt: skip
    assert curated(dags, f"{SLUGS[0]}|1999-01")[1] == {
        "rows": 0, "versions": 0, "schema_version": SCHEMA_VERSION, "verdict": None, "batches": {},
    }  # fmt: skip


@pytest.mark.parametrize("dag", ["curate", "summary"])
@pytest.mark.parametrize("key", [None, "", "kontorblatt", "|2024-05", "kontorblatt|"])
def test_a_run_without_a_partition_fails_and_says_how_to_name_one(
    dag: str, key: str | None, dags: dict[str, Any]
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    with pytest.raises(AirflowFailException, match=r"slug\|YYYY-MM"):
        run_partition(dags, dag, key)
