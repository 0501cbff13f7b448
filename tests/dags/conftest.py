"""The DAGs with the newsroom's sources in force, and lakes in which its first day is published."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import newsroom
from klartext.sources import DEFAULT_DIRECTORIES, PROJECT, Source, load
from support.newsroom_runs import FIRST_DAY, SLUGS, Run


@pytest.fixture(scope="module")
def sources(press: newsroom.Press, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Source]]:
    """The newsroom's sources, in force."""
    folder = press.sources(tmp_path_factory.mktemp("press"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KLARTEXT_SOURCES", os.pathsep.join([str(DEFAULT_DIRECTORIES), str(folder)]))
        environment.setenv("KLARTEXT_ALLOW_HOSTS", ",".join(press.hosts))
        yield load()


@pytest.fixture(scope="module")
def dags(airflow_home: Path, sources: dict[str, Source]) -> dict[str, Any]:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(PROJECT / "dags"))
    assert not bag.import_errors
    return bag.dags


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KLARTEXT_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture(scope="module")
def two_days(dags: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with the first day of two publishers, to which nothing happened."""
    root = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KLARTEXT_DATA", str(root))
        for slug in SLUGS[:2]:
            assert dags[f"ingest_{slug}"].test(logical_date=FIRST_DAY).state == "success"
    return root


@pytest.fixture
def lived(two_days: Path, lake: Path) -> Path:
    """A lake of the test's own in which those days are published."""
    shutil.copytree(two_days, lake)
    return lake


@pytest.fixture
def run(dags: dict[str, Any]) -> Run:
    """Runs the newsroom's first day of a source, and gives the states of run and tasks."""

    def first_day(slug: str) -> dict[str, str]:
        run = dags[f"ingest_{slug}"].test(logical_date=FIRST_DAY)
        return {"run": str(run.state), **{ti.task_id: str(ti.state) for ti in run.get_task_instances()}}

    return first_day
