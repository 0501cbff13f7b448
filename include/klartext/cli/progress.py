"""Progress bars on standard error, and what a command that is interrupted says."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from klartext.terminal import err

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")
INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of the signal."""


class Work:
    """Shows how far a command is, at a terminal only. If it is interrupted, says what is done and what is left, and
    exits with :data:`INTERRUPTED`.

    Args:
        unit: what is counted, in the plural.
        hint: what to do after an interruption.
    """

    def __init__(self, unit: str, hint: str) -> None:
        self._unit, self._hint = unit, hint
        self._bar: Progress | None = None
        self._task: Any = None
        self.done = 0
        self.total: int | None = None

    def __enter__(self) -> Work:
        if err.is_terminal:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
            )
            self._bar = Progress(*columns, console=err, transient=True)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            err.print(f"interrupted: {self._state()}; {self._hint}", style="yellow")
            raise typer.Exit(INTERRUPTED)

    def _state(self) -> str:
        if self.total is None:
            return f"{self.done} {self._unit} done"
        return f"{self.done} of {self.total} {self._unit} done, {self.total - self.done} left"

    def track(self, items: Iterable[T], label: str = "", total: int | None = None) -> Iterator[T]:
        """The items; each counts as done when the next one is asked for. A later call counts from 0 again."""
        if total is None:
            with contextlib.suppress(TypeError):
                total = len(items)  # type: ignore[arg-type]
        self.done, self.total = 0, total
        self._task = self._bar.add_task(label or self._unit, total=total) if self._bar else None
        for item in items:
            yield item
            self.done += 1
            if self._bar:
                self._bar.advance(self._task)
        if self._bar:
            self._bar.remove_task(self._task)

    def describe(self, label: str) -> None:
        """Replaces the label of the bar."""
        if self._bar and self._task is not None:
            self._bar.update(self._task, description=label)
