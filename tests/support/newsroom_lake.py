"""The lake of the newsroom's three days, as `make run` leaves it but without Airflow; made once in a run of tests."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import newsroom
from klartext import sources
from klartext.batch import Batch
from klartext.curate import curate
from klartext.discover import discover_batch
from klartext.extract import extract_batch, pool, worker
from klartext.fetch import fetch_batch
from klartext.lake import Lake
from klartext.link import link_pending
from klartext.publish import publish_batch
from klartext.validate import validate_batch

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = {"nordwoche": [(14, 15), (15, 17)], "kontorblatt": [(14, 15), (15, 17)]}
"""Days of May 2024 from which on, and until before which, a source has a batch; of others all are one batch. Nordwoche
has an article that changes; Kontorblatt has a batch of a day as its schedule gives it."""


@pytest.fixture(scope="session")
def newsroom_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which ``data`` is the lake. It is for reading only: other tests and processes read it too."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "newsroom-lake"
    root.mkdir(exist_ok=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "complete").exists():
            with pytest.MonkeyPatch.context() as patch:
                _build(root, patch)
            (root / "complete").touch()
    return root


def _build(root: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pool, "extract_all", _in_this_process)
    with newsroom.serve() as press:
        folder = press.sources(root / "sources")
        patch.setenv("KLARTEXT_SOURCES", os.pathsep.join([str(sources.DEFAULT_DIRECTORIES), str(folder)]))
        patch.setenv("KLARTEXT_ALLOW_HOSTS", ",".join(press.hosts))
        lake = Lake.open(str(root / "data"))
        for site in newsroom.load():
            source = sources.of_slug(site.slug)
            for first, last in DAYS.get(site.slug, [(14, 17)]):
                ends = (dt.datetime(2024, 5, day, 4, tzinfo=BERLIN) for day in (first, last))
                batch = Batch.of_interval(source, *ends)
                for step in (discover_batch, fetch_batch, extract_batch, validate_batch):
                    step(lake, batch, source)
                for key in publish_batch(lake, batch)["partitions"]:
                    curate(lake, *key.split("|"))
        assert link_pending(lake).failed == {}


def _in_this_process(tasks: Iterator[pool.Task], **_: Any) -> Iterator[tuple[int, worker.Result]]:
    for index, task in enumerate(tasks):
        yield index, worker.work(*task)
