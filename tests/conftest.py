"""Fixtures that more than one folder of tests needs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

import newsroom

pytest_plugins = [
    "support.airflow_home", "support.console_lake", "support.lakes", "support.mail_server", "support.newsroom_lake",
    "support.object_store",
]  # fmt: skip

hypothesis.settings.register_profile("klartext", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("klartext")

LONGEST_FIRST = ("dags", "lake", "local_airflow", "klartext_airflow", "validate", "maintenance", "fetch")
"""Folders of tests/ whose files take longest. Begun last, one alone would keep one core busy at the end."""

os.environ["HF_HUB_OFFLINE"] = "1"  # before anything imports Hugging Face's packages
os.environ["HF_HOME"] = f"{tempfile.gettempdir()}/klartext-tests-huggingface-{os.getuid()}"

SOURCES = Path(__file__).resolve().parents[1] / "include" / "sources"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the files that take longest first; the order within a file stays."""

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=place)


@pytest.fixture(scope="session")
def press() -> Iterator[newsroom.Press]:
    """The newsroom on free ports, the hostile site with it."""
    with newsroom.serve(hostile=True) as running:
        yield running


@pytest.fixture
def press_sources(press: newsroom.Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The newsroom's source files with its real ports, in force beside the publishers' own, and its hosts allowed."""
    written = press.sources(tmp_path / "press-sources")
    monkeypatch.setenv("KLARTEXT_SOURCES", os.pathsep.join([str(SOURCES), str(written)]))
    monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", ",".join(press.hosts))
    return written


@pytest.fixture
def extraction_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are extracted in this process: the children of the real pool take seconds to start."""
    from klartext.extract import pool, worker

    def here(tasks: Iterator[pool.Task], **_: object) -> Iterator[tuple[int, worker.Result]]:
        for index, task in enumerate(tasks):
            yield index, worker.work(*task)

    monkeypatch.setattr(pool, "extract_all", here)
