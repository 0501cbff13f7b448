"""The plugins as Airflow loads them."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def manager(airflow_home: Path) -> Any:
    from airflow import plugins_manager

    plugins_manager.ensure_plugins_loaded()
    return plugins_manager


def test_the_timetable_is_the_one_that_dag_files_import(manager: Any) -> None:
    from klartext_airflow.interval_timetable import IntervalTimetable

    found = manager.get_timetables_plugins()
    assert found["klartext_airflow.interval_timetable.IntervalTimetable"] is IntervalTimetable


def test_the_api_server_mounts_the_console_and_its_ui_leads_there(manager: Any) -> None:
    apps = [app for app in manager.get_fastapi_plugins()[0] if app["name"] == "Klartext"]
    assert [app["url_prefix"] for app in apps] == ["/console"]
    (plugin,) = [each for each in manager._get_plugins()[0] if each.name == "klartext_console"]
    views = {view["destination"]: view for view in plugin.external_views}
    assert {place: view["href"] for place, view in views.items()} == {
        "nav": "/console/", "dag": "/console/dag/{DAG_ID}", "dag_run": "/console/dag/{DAG_ID}/run/{RUN_ID}",
    }  # fmt: skip
    assert views["nav"]["nav_top_level"] is True
    assert views["nav"]["icon"] != views["nav"]["icon_dark_mode"]


def test_the_scheduler_creates_pools_when_a_run_starts(manager: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.listeners.listener import get_listener_manager

    runs: list[Any] = []
    listeners = [x for x in get_listener_manager().pm.get_plugins() if type(x).__name__ == "PublisherPoolsListener"]
    assert len(listeners) == 1
    monkeypatch.setitem(listeners[0].on_dag_run_running.__globals__, "create_missing_pools", runs.append)
    run = types.SimpleNamespace(dag_id="ingest_dwn")
    get_listener_manager().hook.on_dag_run_running(dag_run=run, msg="started")
    assert runs == [run]
