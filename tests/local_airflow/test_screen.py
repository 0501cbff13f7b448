"""What the terminal shows."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import pytest

from klartext.terminal import Terminal
from local_airflow import screen as screen_module
from local_airflow.runs import Failure, Progress
from local_airflow.screen import Screen, progress_line


@pytest.fixture
def screen() -> Screen:
    return Screen(Terminal(file=io.StringIO(), width=120))


def text(screen: Screen) -> str:
    assert isinstance(screen.console.file, io.StringIO)
    return screen.console.file.getvalue()


def test_without_a_terminal_each_step_is_a_line(screen: Screen) -> None:
    screen.step("Preparing")
    screen.step("Starting")
    screen.end_step()
    screen.end_step()
    assert text(screen) == "Preparing …\nStarting …\n"


def test_on_a_terminal_a_step_leaves_its_seconds() -> None:
    screen = Screen(Terminal(file=io.StringIO(), width=120, force_terminal=True))
    screen.step("Preparing")
    screen.print("meanwhile")
    screen.step("Starting")
    screen.end_step()
    shown = text(screen)
    assert "meanwhile" in shown and "Preparing: 0 s" in shown and shown.rstrip().endswith("Starting: 0 s")


def test_without_a_terminal_a_line_is_written_when_a_run_has_ended(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(screen_module.time, "monotonic", lambda: now[0])
    running = {"ingest_a": Progress(Counter(running=1, queued=1), Counter(fetch=1)), "curate": Progress(Counter())}
    later = {
        "ingest_a": Progress(Counter(success=1, running=1), Counter(fetch=2)),
        "curate": Progress(Counter(failed=1)),
    }
    with screen.progress() as show:
        for moment, progress in [(0.0, {}), (5, running), (20, running), (21, running), (40, running), (41, later)]:
            now[0] = moment
            show(progress)
    assert text(screen) == (
        "    0 s  waiting for the first run\n"
        "   20 s  ingest 0 of 2 (fetch)\n"
        "   41 s  ingest 1 of 2 (2 fetch); curate 1 of 1, 1 failed\n"
    )


def test_all_ingests_are_one_number() -> None:
    both = {f"ingest_{name}": Progress(Counter(success=2, running=1), Counter({name: 1})) for name in "ab"}
    assert progress_line(both) == "ingest 4 of 6 (a, b)"


def test_on_a_terminal_a_table_names_the_running_tasks() -> None:
    screen = Screen(Terminal(file=io.StringIO(), width=120, force_terminal=True))
    with screen.progress() as show:
        show({"ingest_a": Progress(Counter(running=1, success=2), Counter(fetch=1, extract=3))})
    assert "3 extract, fetch" in text(screen)


def test_a_failure_names_task_reason_and_log(screen: Screen) -> None:
    screen.failures([Failure("ingest_a", "run 1", "fetch", "OSError: no [space]", Path("/logs/1.log"))])
    assert text(screen) == ("Failed: ingest_a, task fetch, run run 1\n  OSError: no [space]\n  log: /logs/1.log\n")
