"""The state of every interval of a source, and of every day: what was published, and what is missing."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

from klartext.batch import Batch
from klartext.console.view import Schedule
from klartext.sources import Source

State = Literal["none", "passed", "running", "warned", "uncurated", "missing", "failed", "refused"]
STATES: tuple[State, ...] = ("none", "passed", "running", "warned", "uncurated", "missing", "failed", "refused")
"""From the state that needs nothing to the one that needs a person most, which is that of a day."""
TO_DO: frozenset[State] = frozenset({"uncurated", "missing", "failed", "refused"})
"""The states that need a person."""
MEANING: Mapping[State, str] = {
    "none": "no interval",
    "passed": "published",
    "running": "running",
    "warned": "published, with warnings",
    "uncurated": "published, and not in the current view",
    "missing": "missing: it should have run and has no batch",
    "failed": "the run failed",
    "refused": "refused: nothing is published",
}
SIGN: Mapping[State, str] = {
    "none": "", "passed": "", "running": "…", "warned": "!", "uncurated": "c", "missing": "?", "failed": "F",
    "refused": "×",
}  # fmt: skip
"""What a cell shows besides its colour."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class IntervalState:
    """An interval: its batch, whether it exists or should, and what is known of it in a sentence. ``run_id`` is that of
    a run that is under way or failed."""

    batch: Batch
    state: State
    text: str
    account: Mapping[str, Any] | None = None
    run_id: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Day:
    """A day with its intervals, in the publisher's time zone."""

    day: dt.date
    intervals: tuple[IntervalState, ...]

    @property
    def state(self) -> State:
        """The state that needs a person most."""
        return max((each.state for each in self.intervals), key=STATES.index, default="none")

    @property
    def text(self) -> str:
        """All of it in a line."""
        return "; ".join(each.text for each in self.intervals[:6]) or MEANING["none"]


def intervals_of(
    source: Source, accounts: Iterable[Mapping[str, Any]], schedule: Schedule, uncurated: Collection[str] = ()
) -> list[IntervalState]:
    """Every interval that has a batch, should have one, or is being worked on; oldest first.

    Args:
        source: the source.
        accounts: of its batches, with ``source`` and ``day``.
        schedule: what the scheduler knows.
        uncurated: names of batches that are published and not in the current view.
    """
    found: dict[str, IntervalState] = {}
    for row in accounts:
        batch = Batch(source=source.slug, name=row["batch"], date=row["day"], start=row["start"], end=row["end"])
        state: State = row["verdict"]
        if state != "refused" and batch.name in uncurated:
            state = "uncurated"
        found[batch.name] = IntervalState(batch=batch, state=state, text=_text(row, state), account=row)
    for run in schedule.runs:
        batch = Batch.of_interval(source, *run.interval)
        known = found.get(batch.name)
        if known is not None and known.state == "refused" and run.state == "failed":
            continue  # the run failed because the batch was refused
        text = "a run is under way" if run.state == "running" else "the run failed"
        account = known.account if known else None
        found[batch.name] = IntervalState(batch=batch, state=run.state, text=text, account=account, run_id=run.run_id)
    for interval in schedule.expected:
        batch = Batch.of_interval(source, *interval)
        if batch.name not in found:
            found[batch.name] = IntervalState(batch=batch, state="missing", text=MEANING["missing"])
    return sorted(found.values(), key=lambda each: (each.batch.start, each.batch.name))


def _text(row: Mapping[str, Any], state: State) -> str:
    counts = [f"{row['published']:,} published"]
    counts += [f"{row[name]:,} {name}" for name in ("withheld", "rejected", "failed") if row[name]]
    why = "; ".join(row["reasons"][:2]) if state == "refused" else ", ".join(row["warnings"])
    return f"{MEANING[state].partition(':')[0]}: {', '.join(counts)}{f' ({why})' if why else ''}"


def days_of(intervals: Sequence[IntervalState], first: dt.date, last: dt.date) -> list[Day]:
    """Every day from the first to the last, both included."""
    by_day: dict[dt.date, list[IntervalState]] = {}
    for each in intervals:
        by_day.setdefault(each.batch.date, []).append(each)
    count = (last - first).days + 1
    days = (first + dt.timedelta(days=n) for n in range(count))
    return [Day(day, tuple(by_day.get(day, ()))) for day in days]
