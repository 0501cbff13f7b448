"""Imports of WARC files: every task as Airflow runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from klartext.sources import Source
from support.newsroom_runs import SLUGS


@pytest.fixture(autouse=True)
def _readable(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of the tests may be imported."""
    monkeypatch.setenv("KLARTEXT_IMPORTS", str(tmp_path_factory.getbasetemp()))


@pytest.fixture(scope="module")
def warc(two_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WARC file with pages of two publishers."""
    file = tmp_path_factory.mktemp("warc") / "two publishers.warc.gz"
    with file.open("wb") as out:
        for part in sorted((two_days / "raw").rglob("*.warc.gz")):
            out.write(part.read_bytes())
    return file


def extras_of_events() -> dict[str, dict[str, Any]]:
    """The extras of all asset events, by the run that caused them."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session

    with create_session() as session:
        return {event.source_run_id: dict(event.extra) for event in session.query(AssetEvent)}


def test_an_import_publishes_every_source_of_the_file(warc: Path, dags: dict[str, Any], lake: Path) -> None:
    imported = dags["import_warc"].test(logical_date=None, run_conf={"path": str(warc)})
    assert imported.state == "success"
    landed = {part.name for part in (lake / "lake" / "versions").iterdir()}
    assert landed == {f"source={slug}" for slug in SLUGS[:2]}
    assert imported.run_id in extras_of_events()


def test_a_refused_part_fails_the_import_after_the_others_are_published(
    warc: Path, dags: dict[str, Any], lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext import validate

    checked = validate.validate_batch

    def refuse_the_first(lake: Any, batch: Any, source: Source) -> dict[str, Any]:
        if source.slug == SLUGS[0]:
            raise validate.BatchRefused("nine of ten pages have no text")
        return checked(lake, batch, source)

    monkeypatch.setattr("klartext.validate.validate_batch", refuse_the_first)
    imported = dags["import_warc"].test(logical_date=None, run_conf={"path": str(warc)})
    states = {ti.task_id: str(ti.state) for ti in imported.get_task_instances()}
    green = ["files", "split", "plan", "extract", "validate", "publish"]
    assert states == dict.fromkeys(green, "success") | {"verdict": "failed"}
    assert {part.name for part in (lake / "lake" / "versions").iterdir()} == {f"source={SLUGS[1]}"}
