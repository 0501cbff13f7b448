"""What the terminal shows."""

from __future__ import annotations

import dataclasses
import io
from collections import Counter
from pathlib import Path

import pytest

from klartext.lake import Lake
from klartext.terminal import Terminal
from local_airflow.runs import Failure
from local_airflow.screen import Screen
from local_airflow.settings import Settings
from support.sample_lake import publish
from support.sample_rows import article, batch


@pytest.fixture
def screen() -> Screen:
    return Screen(Terminal(file=io.StringIO(), width=120))


def text(screen: Screen) -> str:
    assert isinstance(screen.console.file, io.StringIO)
    return screen.console.file.getvalue()


def test_without_a_terminal_a_line_is_written_when_numbers_change(screen: Screen) -> None:
    with screen.progress() as show:
        for states in ({"a": Counter(running=1)}, {"a": Counter(running=1), "b": Counter()}, {"a": Counter(success=1)}):
            show(states)
    assert text(screen) == "  a: 1 running\n  a: 1 success\n"


def test_a_failure_names_task_reason_and_log(screen: Screen) -> None:
    screen.failures([Failure("ingest_a", "run 1", "fetch", "OSError: no [space]", Path("/logs/1.log"))])
    assert text(screen) == ("Failed: ingest_a, task fetch, run run 1\n  OSError: no [space]\n  log: /logs/1.log\n")


def test_the_lake_is_shown_by_counts_and_its_newest_article(screen: Screen, tmp_path: Path) -> None:
    settings = dataclasses.replace(Settings.read({}), data=str(tmp_path))
    screen.lake(settings)
    assert "One of the articles" not in text(screen)
    publish(Lake.open(str(tmp_path)), batch(), article())
    screen.lake(settings)
    shown = text(screen)
    assert article().title in shown
    assert f"read_parquet('{tmp_path}/lake/articles/**/*.parquet'" in shown
