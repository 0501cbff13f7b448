"""The DAG `curate`: one run for all months of a source that were announced."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import pytest

from klartext.lake import current_view
from support.newsroom_runs import SLUGS, curated, run_partition

MONTH = f"{SLUGS[0]}|2024-05"


def triggers(*keys: str, extra: dict[str, Any] | None = None) -> dict[Any, list[Any]]:
    """Events of published batches, one for each partition."""
    from klartext_airflow.assets import VERSIONS

    return {VERSIONS: [types.SimpleNamespace(partition_key=key, extra=extra) for key in keys]}


def view(lake: Path) -> Path:
    return lake / "lake" / "articles" / f"source={SLUGS[0]}" / "month=2024-05" / "articles.parquet"


def test_the_result_depends_on_the_partition_alone(dags: dict[str, Any], lived: Path) -> None:
    assert curated(dags, MONTH)[0] == ([], [MONTH])
    before = view(lived).read_bytes()
    view(lived).unlink()
    curated(dags, MONTH)
    assert view(lived).read_bytes() == before


def test_one_run_takes_all_months_that_events_have_named(dags: dict[str, Any], lived: Path) -> None:
    keys = [f"{SLUGS[0]}|2024-04", MONTH]
    (failed, announced), extra = curated(dags, f"{SLUGS[0]}|*", triggers(*keys, *keys))
    assert (failed, announced) == ([], keys)
    assert view(lived).exists()
    assert extra["months"] == 2


def test_a_run_by_hand_takes_one_month_or_all(dags: dict[str, Any], lived: Path) -> None:
    assert curated(dags, f"{SLUGS[0]}|*")[0] == ([], [MONTH])
    assert curated(dags, f"{SLUGS[0]}|1999-01")[0] == ([], [f"{SLUGS[0]}|1999-01"])


def test_a_month_that_fails_does_not_hold_up_the_others_and_is_named(
    dags: dict[str, Any], lived: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext_airflow.assets import ARTICLES

    read = current_view.read_months

    def broken(lake: Any, source: str, months: Any) -> Any:
        if "2024-04" in months:
            raise OSError("the disk has a bad sector")
        return read(lake, source, months)

    monkeypatch.setattr(current_view, "read_months", broken)
    lost = f"{SLUGS[0]}|2024-04"
    assert curated(dags, f"{SLUGS[0]}|*", triggers(lost, MONTH))[0] == ([lost], [MONTH])
    assert view(lived).exists()
    again = dags["curate"].get_task("curate_failed_month")
    assert again.partial_kwargs["retries"] >= 2
    assert ARTICLES in again.partial_kwargs["outlets"]


def test_the_event_names_some_batches_and_does_not_grow_with_their_number(dags: dict[str, Any], lived: Path) -> None:
    from klartext.model import SCHEMA_VERSION
    from klartext_airflow.assets import NAMED

    extra = {"batches": 5000, "names": [f"other-{n}" for n in range(NAMED)], "warnings": ["batch-leads"]}
    _, event = curated(dags, f"{SLUGS[0]}|*", triggers(f"{SLUGS[0]}|2024-04", MONTH, extra=extra))
    assert event == {
        "rows": 4, "versions": 4, "months": 2, "schema_version": SCHEMA_VERSION, "verdict": "warned",
        "warnings": ["batch-leads"], "batches": 5000, "names": extra["names"],
    }  # fmt: skip
    assert curated(dags, f"{SLUGS[0]}|1999-01")[1]["verdict"] is None


@pytest.mark.parametrize("dag", ["curate", "summary"])
@pytest.mark.parametrize("key", [None, "", "kontorblatt", "|2024-05", "kontorblatt|"])
def test_a_run_without_a_partition_fails_and_says_how_to_name_one(
    dag: str, key: str | None, dags: dict[str, Any]
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    with pytest.raises(AirflowFailException, match=r"slug\|YYYY-MM"):
        run_partition(dags, dag, key)
