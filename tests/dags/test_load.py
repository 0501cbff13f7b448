"""Loading the DAG files: what is there, what it costs, and what a wrong source file does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from klartext.sources import PROJECT

HEAVY = {"great_expectations", "pandas", "trafilatura", "scrapy", "twisted", "duckdb", "polars"}
LOAD = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
shapes = {
    dag.dag_id: {
        "tasks": [task.task_id for task in dag.topological_sort()],
        "paused": dag.is_paused_upon_creation,
        "tags": sorted(dag.tags),
        "start": dag.start_date and dag.start_date.isoformat(),
        "end": dag.end_date and dag.end_date.isoformat(),
        "catchup": dag.catchup,
        "doc": dag.doc_md,
        "retries": {task.task_id: task.retries for task in dag.tasks},
        "at_once": {task.task_id: task.max_active_tis_per_dag for task in dag.tasks},
        "runs_at_once": dag.max_active_runs,
        "params": {name: dag.params.get_param(name).schema for name in dag.params},
    }
    for dag in bag.dags.values()
}
modules = sorted({name.split(".")[0] for name in sys.modules})
print("\\n" + json.dumps({"dags": shapes, "errors": bag.import_errors, "modules": modules}))
"""


def load(dags: Path, home: Path, sources: str | None = None) -> dict[str, Any]:
    """A fresh process that loads the DAG files, and what it saw."""
    env = dict(os.environ, KLARTEXT_SOURCES=sources or str(PROJECT / "include" / "sources"))
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
    assert set(seen["dags"]) == {f"ingest_{slug}" for slug in sources} | {"curate", "import_warc", "summary"}


def test_loading_imports_nothing_heavy(seen: dict[str, Any], airflow_home: Path, tmp_path: Path) -> None:
    alone = load(tmp_path, airflow_home)  # what Airflow imports by itself is not ours
    assert HEAVY & set(seen["modules"]) <= set(alone["modules"])
    assert not {"great_expectations", "pandas", "trafilatura", "scrapy"} & set(seen["modules"])


def test_an_ingest_walks_through_the_steps(seen: dict[str, Any]) -> None:
    dag = seen["dags"]["ingest_dwn"]
    assert dag["tasks"] == ["discover", "fetch", "extract", "validate", "publish", "account"]
    assert dag["start"] == "2016-07-31T22:00:00+00:00", "midnight at the publisher's place"
    assert dag["end"] is None
    assert dag["catchup"] is False, "years of runs would start by themselves"
    assert dag["tags"] == ["dwn", "ingest"]
    assert dag["at_once"]["discover"] == dag["at_once"]["fetch"] == 1, "whoever waits for the publisher, one waits"
    assert dag["retries"]["fetch"] > dag["retries"]["extract"] > 0
    assert "Deutsche Wirtschafts Nachrichten" in dag["doc"]
    assert "https://deutsche-wirtschafts-nachrichten.de/feed" in dag["doc"]


def test_publishers_are_asked_only_when_somebody_says_so(seen: dict[str, Any]) -> None:
    unpaused = {name for name, dag in seen["dags"].items() if dag["paused"] is False}
    assert unpaused == {"curate", "import_warc"}


def test_several_months_are_curated_at_once(seen: dict[str, Any]) -> None:
    assert seen["dags"]["curate"]["runs_at_once"] > 1


def test_one_run_at_a_time_writes_the_summary(seen: dict[str, Any]) -> None:
    assert seen["dags"]["summary"]["runs_at_once"] == 1


def test_the_import_asks_for_a_path(seen: dict[str, Any]) -> None:
    dag = seen["dags"]["import_warc"]
    assert dag["tasks"] == ["split", "extract", "validate", "publish", "verdict"]
    assert dag["params"]["path"]["type"] == "string"


def test_every_dag_file_is_its_own_page(seen: dict[str, Any]) -> None:
    for name, dag in seen["dags"].items():
        assert dag["doc"] and len(dag["doc"]) > 200, name
    for path in (PROJECT / "dags").glob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) < 100, path.name


def test_a_source_until_a_day_has_no_run_for_it(airflow_home: Path, tmp_path: Path) -> None:
    (tmp_path / "past.yaml").write_text(
        "slug: past\nname: Past\nhosts: [past.example]\nsince: 2024-05-14\nuntil: 2024-05-17\nschedule: '0 0 * * *'\n"
    )
    dag = load(PROJECT / "dags", airflow_home, str(tmp_path))["dags"]["ingest_past"]
    assert (dag["start"], dag["end"]) == ("2024-05-13T22:00:00+00:00", "2024-05-16T21:59:59+00:00")


def test_a_wrong_source_file_is_named_and_the_others_load(airflow_home: Path, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("slug: good\nname: Good\nhosts: [good.example]\n")
    (tmp_path / "bad.yaml").write_text("slug: bad\nname: Bad\nhosts: [bad.example]\nfeedz: []\n")
    (tmp_path / "borrows.yaml").write_text("slug: borrows\nname: B\nhosts: [b.example]\nrules: bad\n")
    seen = load(PROJECT / "dags", airflow_home, str(tmp_path))
    assert "ingest_good" in seen["dags"]
    assert [Path(name).name for name in seen["errors"]] == ["ingest.py"]
    (message,) = seen["errors"].values()
    assert f"{tmp_path / 'bad.yaml'}: feedz: unknown key; allowed are" in message
    assert f"{tmp_path / 'borrows.yaml'}: rules: 'bad' has no rules of its own" in message
    assert not {"ingest_bad", "ingest_borrows", "ingest"} & set(seen["dags"])
