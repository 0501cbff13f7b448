"""Where the DAG `summary` keeps its file, and how two runs change it at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from klartext.lake import Lake
from support.object_store import Bucket


@pytest.fixture(params=["disk", "objects"])
def lake(request: pytest.FixtureRequest, airflow_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    monkeypatch.delenv("KLARTEXT_SUMMARY", raising=False)
    if request.param == "disk":
        return Lake.open(str(tmp_path))
    bucket: Bucket = request.getfixturevalue("bucket")
    return bucket.lake(f"summary-{tmp_path.name}")


def add(number: int) -> Any:
    """A change: one more row."""

    def change(summary: Any) -> list[int]:
        summary.execute("CREATE TABLE IF NOT EXISTS t (n INT)")
        summary.execute("INSERT INTO t VALUES ($n)", {"n": number})
        return [row[0] for row in summary.sql("FROM t ORDER BY ALL").fetchall()]

    return change


def test_changes_add_up_and_the_file_is_in_the_lake(lake: Lake) -> None:
    from klartext_airflow.summary import update_summary

    assert update_summary(lake, add(1)) == [1]
    assert update_summary(lake, add(2)) == [1, 2]
    assert lake.storage.exists("summary.duckdb")


def test_in_an_object_store_no_change_of_another_run_is_lost(
    bucket: Bucket, airflow_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext_airflow.summary import SummaryBusy, update_summary

    monkeypatch.delenv("KLARTEXT_SUMMARY", raising=False)
    lake = bucket.lake(f"summary-{tmp_path.name}")
    others = iter([10, 11])

    def with_others(summary: Any) -> Any:
        number = next(others, None)
        if number:
            update_summary(lake, add(number))  # another run, meanwhile
        return add(1)(summary)

    assert update_summary(lake, with_others) == [1, 10, 11]

    def always(summary: Any) -> Any:
        update_summary(lake, add(99))
        return add(2)(summary)

    with pytest.raises(SummaryBusy, match="try again"):
        update_summary(lake, always)


def test_a_configured_file_is_used(
    bucket: Bucket, airflow_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext_airflow.summary import update_summary

    monkeypatch.setenv("KLARTEXT_SUMMARY", str(tmp_path / "shared.duckdb"))
    lake = bucket.lake(f"summary-{tmp_path.name}")
    assert update_summary(lake, add(1)) == [1]
    assert (tmp_path / "shared.duckdb").exists() and not lake.storage.exists("summary.duckdb")
