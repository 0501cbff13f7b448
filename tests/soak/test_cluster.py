"""The newsroom's days on the local cluster, with a worker, its scratch folder and the scheduler lost in the middle: the
lake is the one of an undisturbed run on one machine."""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from klartext.lake import Lake
from klartext.maintenance.compare import compare_lakes
from klartext.terminal import Terminal
from local_airflow import __main__ as commands
from local_airflow import backends, runs
from local_airflow.api import Json
from local_airflow.cluster import ClusterSession, ClusterSettings
from local_airflow.screen import Screen
from local_airflow.session import session
from local_airflow.settings import Settings
from support.ports import free_ports

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(
        bool(backends.missing_packages()), reason="the dependency group `cluster` is not installed: run `make soak`"
    ),
]


@pytest.fixture
def settings(tmp_path: Path) -> ClusterSettings:
    usual = ClusterSettings.read({})
    sites = len(usual.newsroom_ports)
    first = free_ports(sites + 1 + len(usual.servers))
    return dataclasses.replace(
        usual,
        home=tmp_path / "cluster",
        port=first,
        newsroom_ports=range(first + 1, first + 1 + sites),
        first_port=first + 1 + sites,
        reference=str(tmp_path / "data"),
    )


def wait(condition: Callable[[], object], what: str, seconds: float = 600) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.5)


def test_a_disturbed_cluster_makes_the_lake_of_an_undisturbed_run(settings: ClusterSettings, tmp_path: Path) -> None:
    screen = Screen(Terminal())
    alone = Settings(tmp_path / "airflow", settings.reference, settings.port, settings.newsroom_ports)
    assert commands.run(screen, alone, None, None)

    with session(settings, "make soak", screen.print, newsroom=True, kind=ClusterSession) as running:
        assert isinstance(running, ClusterSession)
        sources = commands._newsroom_sources(settings)
        dags = {f"ingest_{source.slug}" for source in sources}
        running.wait_for_dags({*dags, *runs.FOLLOWING})
        jobs = [runs.backfill(running, source, latest=False) for source in sources]
        for dag in (*dags, runs.SUMMARY):
            running.api.pause(dag, False)
        running.start_scheduler()
        watch = runs.Watch(running, jobs)

        def tasks(state: str) -> list[Json]:
            found = running.api.call(
                "GET", "/api/v2/dags/~/dagRuns/~/taskInstances", params={"state": state, "limit": 100}
            )
            return list(found["task_instances"])

        # a worker is lost, with its host's disk, while both workers run tasks and some have ended
        wait(lambda: len(tasks("success")) > 3 and len(tasks("running")) > 2, "the workers run no tasks")
        ended = tasks("success")[0]
        running.kill(running.worker(1))
        shutil.rmtree(settings.worker_home(1))
        time.sleep(5)
        log = running.api.log(ended)
        assert f"s3://{backends.BUCKET}/logs" in str(log), "the log of a task is shown from the object store"
        assert "Returned value" in str(log)
        running.start_worker(1)

        # the scheduler is lost
        wait(lambda: len(tasks("success")) > 12, "no task ends")
        running.kill("scheduler")
        time.sleep(5)
        running.restart_scheduler()

        # the scratch folder of a worker that runs is emptied
        for folder in (settings.worker_home(2) / "tmp").iterdir():
            shutil.rmtree(folder, ignore_errors=True)

        watch.follow(lambda states: None)
        assert watch.failures() == []
        found = compare_lakes(settings.lake(), Lake.open(settings.reference))
        assert found.differences == []
        assert found.missing == []
        assert (found.batches, found.articles > 40) == (12, True)
