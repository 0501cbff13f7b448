"""Steps, progress and failures on a terminal."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator

from rich.live import Live
from rich.progress import Progress as Spinner
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from klartext.terminal import Terminal
from local_airflow.runs import Failure, Progress

_PAUSE = 15.0
"""Seconds after which a line says what is running, where no run has ended meanwhile."""


class Screen:
    """A terminal, or a file that gets the same as lines."""

    def __init__(self, console: Terminal) -> None:
        self.console = console
        self._step: tuple[str, float] | None = None
        self._spinner: Spinner | None = None

    def print(self, sentence: str) -> None:
        """Prints a line."""
        self.console.print(sentence, soft_wrap=True)

    def step(self, name: str) -> None:
        """Shows that a step begins, and ends the one before; with the seconds that pass, on a terminal."""
        self.end_step()
        self._step = (name, time.monotonic())
        if not self.console.is_terminal:
            self.print(f"{name} …")
            return
        columns = SpinnerColumn(), TextColumn("{task.description} …", markup=False), TimeElapsedColumn()
        self._spinner = Spinner(*columns, console=self.console, transient=True)
        self._spinner.add_task(name, total=None)
        self._spinner.start()

    def end_step(self) -> None:
        """Leaves a line for the step that has ended, with its seconds."""
        if self._spinner and self._step:
            self._spinner.stop()
            self.print(f"{self._step[0]}: {time.monotonic() - self._step[1]:.0f} s")
        self._step = self._spinner = None

    @contextlib.contextmanager
    def progress(self) -> Iterator[Callable[[dict[str, Progress]], None]]:
        """A table that changes in place; without a terminal a line whenever a run has ended, and every 15 seconds."""
        self.end_step()
        began = time.monotonic()
        if self.console.is_terminal:
            with Live(console=self.console, refresh_per_second=4) as live:
                yield lambda progress: live.update(_table(progress, time.monotonic() - began))
            return
        ended, shown, last = -1, "", 0.0

        def line(progress: dict[str, Progress]) -> None:
            nonlocal ended, shown, last
            now, done, text = time.monotonic(), sum(each.done for each in progress.values()), progress_line(progress)
            if done != ended or (now - last >= _PAUSE and text != shown):
                self.print(f"{now - began:5.0f} s  {text}")
                ended, shown, last = done, text, now

        yield line

    def failures(self, failures: list[Failure]) -> None:
        """Prints what failed, the cause, and where its log is."""
        for failure in failures:
            what = f"{failure.dag}, task {failure.task}" if failure.task else failure.dag
            self.print(f"Failed: {what}, run {failure.run}\n  {failure.reason}")
            if failure.log:
                self.print(f"  log: {failure.log}")


def progress_line(progress: dict[str, Progress]) -> str:
    """The progress in one line, all DAGs that ingest together."""
    groups: dict[str, list[Progress]] = {}
    for dag, each in progress.items():
        groups.setdefault("ingest" if dag.startswith("ingest_") else dag, []).append(each)
    parts = []
    for name, members in groups.items():
        states = sum((each.states for each in members), Counter[str]())
        tasks = sum((each.tasks for each in members), Counter[str]())
        whole = Progress(states, tasks)
        if whole.runs:
            failed = f", {states['failed']} failed" if states["failed"] else ""
            running = f" ({_counts(tasks)})" if tasks and name == "ingest" else ""
            parts.append(f"{name} {whole.done} of {whole.runs}{failed}{running}")
    return "; ".join(parts) or "waiting for the first run"


def _counts(tasks: Counter[str]) -> str:
    return ", ".join(name if number == 1 else f"{number} {name}" for name, number in sorted(tasks.items()))


def _table(progress: dict[str, Progress], seconds: float) -> Table:
    table = Table("DAG", "runs", "done", "failed", "running now", title=f"{seconds:.0f} s", title_justify="left")
    for dag, each in progress.items():
        failed = each.states["failed"]
        numbers = (str(each.runs or ""), str(each.states["success"] or ""), str(failed or ""))
        table.add_row(dag, *numbers, _counts(each.tasks), style="red" if failed else "")
    return table
