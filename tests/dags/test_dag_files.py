"""Loading plugins and DAG files: the DAGs, the modules that are imported, and the report of wrong source files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from klartext.sources import PROJECT

HEAVY = set(
    "pyarrow pandas numpy trafilatura scrapy great_expectations twisted duckdb polars warcio lxml fastapi".split()
)
LOAD = """
import json, sys
from airflow import plugins_manager
from airflow.dag_processing.dagbag import DagBag
plugins_manager.ensure_plugins_loaded()
bag = DagBag(sys.argv[1])
shapes = {
    dag.dag_id: {
        "tasks": [task.task_id for task in dag.topological_sort()],
        "paused": dag.is_paused_upon_creation,
        "tags": sorted(dag.tags),
        "start": dag.start_date and dag.start_date.isoformat(),
        "until": getattr(dag.timetable, "until", None) and dag.timetable.until.isoformat(),
        "catchup": dag.catchup,
        "doc": dag.doc_md,
        "retries": {task.task_id: task.retries for task in dag.tasks},
        "runs_at_once": dag.max_active_runs,
        "params": {name: dag.params.get_param(name).schema for name in dag.params},
        "pools": {task.task_id: task.pool for task in dag.tasks},
        "not_retried": {task.task_id: [rule.exception_path for rule in task.retry_policy.rules] for task in dag.tasks},
    }
    for dag in bag.dags.values()
}
modules = sorted({name.split(".")[0] for name in sys.modules})
plugins = sorted(plugin.name for plugin in plugins_manager._get_plugins()[0])
errors = plugins_manager.get_import_errors()
print("\\n" + json.dumps(
    {"dags": shapes, "errors": bag.import_errors, "modules": modules, "plugins": plugins, "plugin_errors": errors}
))
"""


def load(dags: Path, home: Path, sources: str | None = None, plugins: Path = PROJECT / "plugins") -> dict[str, Any]:
    """Loads the plugins and DAG files in a new process; returns what was loaded."""
    env = dict(os.environ, KLARTEXT_SOURCES=sources or str(PROJECT / "include" / "sources"))
    env["AIRFLOW__CORE__PLUGINS_FOLDER"] = str(plugins)
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(dags)], env=env, cwd=home, capture_output=True, text=True, check=True
    )
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


@pytest.fixture(scope="module")
def seen(airflow_home: Path) -> dict[str, Any]:
    return load(PROJECT / "dags", airflow_home)


def test_every_file_loads_and_every_source_has_its_dag(seen: dict[str, Any]) -> None:
    assert seen["errors"] == {}
    sources = {path.stem for path in (PROJECT / "include" / "sources").glob("*.yaml")}
    others = {"curate", "heal", "import_warc", "link", "summary"}
    assert set(seen["dags"]) == {f"ingest_{slug}" for slug in sources} | others


def test_every_file_in_plugins_defines_a_plugin(seen: dict[str, Any]) -> None:
    assert seen["plugin_errors"] == {}
    ours = [name for name in seen["plugins"] if name.startswith("klartext_")]
    files = {path.stem for path in (PROJECT / "plugins").glob("*.py")}
    assert ours == sorted(f"klartext_{name}" for name in files)


def test_plugins_and_dag_files_import_nothing_heavy(seen: dict[str, Any], airflow_home: Path, tmp_path: Path) -> None:
    bare = load(tmp_path, airflow_home, plugins=tmp_path)
    assert not any(name.startswith("klartext") for name in bare["modules"])
    assert {"klartext", "klartext_airflow"} <= set(seen["modules"])
    assert sorted(HEAVY & set(seen["modules"]) - set(bare["modules"])) == []


def test_all_tasks_have_the_default_arguments(seen: dict[str, Any]) -> None:
    assert len(seen["dags"]) > 5
    for name, dag in seen["dags"].items():
        assert dag["tasks"], name
        assert min(dag["retries"].values()) >= 2, name
        assert dag["not_retried"] == {task: ["klartext.errors.PermanentError"] for task in dag["tasks"]}, name


def test_tasks_that_ask_the_publisher_share_its_pool(seen: dict[str, Any]) -> None:
    pools = seen["dags"]["ingest_dwn"]["pools"]
    assert pools["discover"] == pools["fetch"] == "publisher_dwn"
    assert {pools[task] for task in ("validate", "publish", "account")} == {"default_pool"}


def test_chunks_are_extracted_in_the_pool_that_bounds_processes(seen: dict[str, Any]) -> None:
    for dag in ("ingest_dwn", "import_warc"):
        assert seen["dags"][dag]["pools"]["extract"] == "extraction"


def test_an_ingest_walks_through_the_steps(seen: dict[str, Any]) -> None:
    dag = seen["dags"]["ingest_dwn"]
    assert dag["tasks"] == ["discover", "fetch", "extract", "validate", "publish", "account"]
    assert dag["start"] == "2016-07-31T22:00:00+00:00", "midnight at the publisher's place"
    assert dag["until"] is None
    assert dag["catchup"] is False, "years of runs would start by themselves"
    assert dag["tags"] == ["dwn", "ingest"]
    assert dag["retries"]["fetch"] > dag["retries"]["extract"] > 0
    assert "Deutsche Wirtschafts Nachrichten" in dag["doc"]
    assert "https://deutsche-wirtschafts-nachrichten.de/feed" in dag["doc"]


def test_ingest_dags_are_paused_until_the_operator_unpauses_them(seen: dict[str, Any]) -> None:
    unpaused = {name for name, dag in seen["dags"].items() if dag["paused"] is False}
    assert unpaused == {"curate", "heal", "import_warc", "link"}


def test_several_months_are_curated_at_once(seen: dict[str, Any]) -> None:
    assert seen["dags"]["curate"]["runs_at_once"] > 1


def test_one_run_at_a_time_links(seen: dict[str, Any]) -> None:
    assert seen["dags"]["link"]["runs_at_once"] == 1


def test_one_run_at_a_time_writes_the_summary(seen: dict[str, Any]) -> None:
    assert seen["dags"]["summary"]["runs_at_once"] == 1


def test_the_import_asks_for_a_path(seen: dict[str, Any]) -> None:
    dag = seen["dags"]["import_warc"]
    assert dag["tasks"] == ["files", "split", "plan", "extract", "validate", "publish", "verdict"]
    assert dag["params"]["path"]["type"] == ["string", "array"]


def test_every_dag_file_is_its_own_page(seen: dict[str, Any]) -> None:
    assert len(seen["dags"]) > 5
    for name, dag in seen["dags"].items():
        assert dag["doc"] and len(dag["doc"]) > 200, name
    for path in (PROJECT / "dags").glob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) < 100, path.name


def test_a_wrong_address_of_alerts_is_an_import_error_and_the_dags_load(
    airflow_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLARTEXT_ALERTS", "me@example.org")
    seen = load(PROJECT / "dags", airflow_home)
    assert "ingest_dwn" in seen["dags"]
    assert [Path(name).name for name in seen["errors"]] == ["alert_settings.py"]
    (message,) = seen["errors"].values()
    assert "KLARTEXT_ALERTS: address 1 has no scheme; write smtp://CONNECTION?to=you@example.org" in message


def test_a_source_until_a_day_has_no_run_for_it(airflow_home: Path, tmp_path: Path) -> None:
    (tmp_path / "past.yaml").write_text(
        "slug: past\nname: Past\nhosts: [past.example]\nsince: 2024-05-14\nuntil: 2024-05-17\nschedule: '0 0 * * *'\n"
    )
    dag = load(PROJECT / "dags", airflow_home, str(tmp_path))["dags"]["ingest_past"]
    assert (dag["start"], dag["until"]) == ("2024-05-13T22:00:00+00:00", "2024-05-17")


def test_a_wrong_source_file_is_named_and_the_others_load(airflow_home: Path, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("slug: good\nname: Good\nhosts: [good.example]\n")
    (tmp_path / "bad.yaml").write_text("slug: bad\nname: Bad\nhosts: [bad.example]\nfeedz: []\n")
    (tmp_path / "borrows.yaml").write_text("slug: borrows\nname: B\nhosts: [b.example]\nrules: bad\n")
    seen = load(PROJECT / "dags", airflow_home, str(tmp_path))
    assert "ingest_good" in seen["dags"]
    assert [Path(name).name for name in seen["errors"]] == ["source_files.py"]
    (message,) = seen["errors"].values()
    assert f"{tmp_path / 'bad.yaml'}: feedz: unknown key; allowed are" in message
    assert f"{tmp_path / 'borrows.yaml'}: rules: 'bad' has no rules of its own" in message
    assert not {"ingest_bad", "ingest_borrows", "ingest"} & set(seen["dags"])
