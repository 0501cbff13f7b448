"""The DAG `link`: one run for all months of all sources that were announced."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import pytest

from support.newsroom_runs import SLUGS, Event, curated

MONTHS = [f"{slug}|2024-05" for slug in SLUGS[:2]]


def linked(dags: dict[str, Any], key: str, *named: str) -> tuple[list[str], Event]:
    """What failed, and the event."""
    from klartext_airflow.assets import ARTICLES, SHARED_TEXT

    event = Event()
    triggers = {ARTICLES: [types.SimpleNamespace(partition_key=name, extra={}) for name in named]}
    failed = (
        dags["link"]
        .get_task("link")
        .python_callable(
            dag_run=types.SimpleNamespace(partition_key=key),
            triggering_asset_events=triggers if named else None,
            outlet_events={SHARED_TEXT: event},
        )
    )
    return failed, event


def files(lake: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for table in ("shared_text", "keep")
        for path in (lake / "lake" / table).rglob(f"{table}.parquet")
    }


def test_one_run_takes_all_months_that_events_have_named(dags: dict[str, Any], lived: Path) -> None:
    for key in MONTHS:
        curated(dags, key)
    failed, event = linked(dags, "*", *MONTHS, *MONTHS)
    assert (failed, event.keys, event.extra["months"]) == ([], ["2024-05"], 1)
    made = files(lived)
    assert made.keys() == {"shared_text.parquet", "keep.parquet"}
    failed, event = linked(dags, "*", *MONTHS)
    assert (failed, event.keys, event.extra["months"]) == ([], [], 0), "nothing has changed"
    for path in (lived / "index").rglob("shared_text.json"):
        path.unlink()
    assert linked(dags, "*")[1].keys == ["2024-05"], "a person's run takes whatever is out of date"
    assert linked(dags, MONTHS[0])[1].keys == []
    assert files(lived) == made


def test_what_fails_is_tried_again_by_its_name(
    dags: dict[str, Any], lived: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext.link import step
    from klartext_airflow.assets import SHARED_TEXT

    for key in MONTHS:
        curated(dags, key)
    monkeypatch.setattr(step, "compute_month", lambda *_: 1 / 0)
    failed, event = linked(dags, "*", *MONTHS)
    assert (failed, event.keys) == (["2024-05"], [])
    again = dags["link"].get_task("link_failed")
    assert again.partial_kwargs["retries"] >= 2
    assert SHARED_TEXT in again.partial_kwargs["outlets"]


def test_heal_links_what_no_run_has_heard_of(
    dags: dict[str, Any], lived: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datetime as dt

    import klartext_airflow.heal
    from klartext_airflow.assets import SHARED_TEXT

    for key in MONTHS:
        curated(dags, key)
    heal = dags["heal"].get_task("heal_shared_text").python_callable
    event = Event()
    assert heal(outlet_events={SHARED_TEXT: event}) == []
    assert event.keys == [], "the run of link may be under way"
    monkeypatch.setattr(klartext_airflow.heal, "WAIT", dt.timedelta())
    heal(outlet_events={SHARED_TEXT: event})
    assert event.keys == ["2024-05"]
