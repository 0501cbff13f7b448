"""Where the DAG `summary` keeps its file."""

from __future__ import annotations

import types
from pathlib import Path

import pytest


def test_the_summary_of_an_object_store_needs_a_configured_file(
    airflow_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from klartext_airflow.summary import summary_file

    monkeypatch.delenv("KLARTEXT_SUMMARY", raising=False)
    lake = types.SimpleNamespace(storage=types.SimpleNamespace(disk=None))
    with pytest.raises(AirflowFailException, match="KLARTEXT_SUMMARY"):
        summary_file(lake)
    monkeypatch.setenv("KLARTEXT_SUMMARY", "/shared/summary.duckdb")
    assert summary_file(lake) == "/shared/summary.duckdb"
