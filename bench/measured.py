"""What tasks take: CPU and wall time, memory, and their number."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table


@dataclasses.dataclass(slots=True)
class Measured:
    """Seconds of CPU and wall time, the peak of memory of a single process in MiB, and the number of tasks."""

    cpu: float = 0.0
    wall: float = 0.0
    memory: float = 0.0
    tasks: int = 0

    def add(self, other: Measured) -> None:
        """Adds another measurement."""
        self.cpu, self.wall = self.cpu + other.cpu, self.wall + other.wall
        self.memory, self.tasks = max(self.memory, other.memory), self.tasks + other.tasks


def total(steps: Mapping[str, Measured]) -> Measured:
    """The sum over all tasks."""
    whole = Measured()
    for took in steps.values():
        whole.add(took)
    return whole


def show(console: Console, title: str, steps: Mapping[str, Measured]) -> None:
    """Prints what each kind of task took."""
    table = Table("task", "number", "s CPU", "s", "MiB", title=title)
    for name, took in [*steps.items(), ("all", total(steps))]:
        table.add_row(name, str(took.tasks), f"{took.cpu:.1f}", f"{took.wall:.1f}", f"{took.memory:.0f}")
    console.print(table)
