"""The address of a batch's page in the console, and the link to it."""

from __future__ import annotations

import types
from pathlib import Path

import pytest

from klartext.batch import Batch
from klartext.lake import Lake
from support.sample_rows import batch


@pytest.fixture(autouse=True)
def _airflow(airflow_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Airflow's settings are those of the tests, and the lake is empty."""
    monkeypatch.setenv("KLARTEXT_DATA", str(tmp_path))


def link_after(*batches: Batch, several: bool = True) -> str:
    from klartext_airflow.quality import QualityLink
    from klartext_airflow.results import fields_of

    results = [{"batch": fields_of(batch), "counts": {}} for batch in batches]
    found = results if several else results[0]
    return QualityLink().get_link(None, ti_key=types.SimpleNamespace(xcom_pull=lambda task_ids: found))


def test_the_address_is_that_of_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    from klartext_airflow.quality import page_url

    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example.org/team")
    page = "https://airflow.example.org/team/console/batch/dwn/dwn-2024-05-01"
    assert page_url(batch()) == page
    assert link_after(batch(), several=False) == page


def test_the_link_of_several_batches_leads_to_the_first_refused_one(tmp_path: Path) -> None:
    names = {"dwn-a": None, "dwn-b": "passed", "dwn-c": "refused", "dwn-d": "refused"}
    fields = batch().to_dict()
    batches = [Batch.from_dict(fields | {"name": name}) for name in names]
    for each in batches:
        if verdict := names[each.name]:
            Lake.open().save_quality_file(each, "verdict.json", {"account": {"verdict": verdict}})
    assert link_after(*batches).endswith("/dwn-c")
    assert link_after(*batches[:2]).endswith("/dwn-b")


def test_there_is_no_link_before_extraction() -> None:
    assert link_after() == ""
