"""What was measured beside what it must be, and whether that holds."""

from __future__ import annotations

import dataclasses

from rich.console import Console
from rich.table import Table
from rich.text import Text


@dataclasses.dataclass(slots=True)
class Bounds:
    """Every bound of a run, in the order in which they were measured."""

    rows: list[tuple[str, str, str, bool]] = dataclasses.field(default_factory=list)

    def least(self, what: str, found: float, bound: float, digits: int = 2) -> None:
        """Adds a measurement that must be at least ``bound``."""
        self.rows.append((what, f"{found:.{digits}f}", f"at least {bound:g}", round(found, digits) >= bound))

    def most(self, what: str, found: float, bound: float, digits: int = 0) -> None:
        """Adds a measurement that must be at most ``bound``."""
        self.rows.append((what, f"{found:.{digits}f}", f"at most {bound:g}", round(found, digits) <= bound))

    def holds(self, what: str, found: str, holds: bool) -> None:
        """Adds a condition."""
        self.rows.append((what, found, "", holds))

    def show(self, console: Console) -> None:
        """Prints a table of all measurements and their bounds."""
        table = Table("", "measured", "must be", "holds", title="Bounds")
        for what, found, bound, holds in self.rows:
            table.add_row(what, found, bound, Text("yes", "green") if holds else Text("NO", "bold red"))
        console.print(table)

    @property
    def all_hold(self) -> bool:
        """True if every bound holds."""
        return all(row[-1] for row in self.rows)
