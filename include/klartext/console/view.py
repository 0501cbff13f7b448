"""What a page depends on besides the lake: who looks, from where, and what the scheduler knows."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

Interval = tuple[dt.datetime, dt.datetime]
"""Begin and end of a data interval, UTC."""


class PageError(Exception):
    """A page that cannot be shown; the message is a sentence for the person, ``status`` the HTTP status."""

    status = 500


class NotFound(PageError):
    """There is nothing at this address."""

    status = 404


class NotAllowed(PageError):
    """The user may not see this source."""

    status = 403


class BadQuery(PageError):
    """A value in the address that is none of the allowed ones."""

    status = 400


class Busy(PageError):
    """Too many pages are being extracted."""

    status = 503


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """A run of the scheduler that did not succeed so far."""

    interval: Interval
    state: Literal["running", "failed"]
    run_id: str


@dataclasses.dataclass(frozen=True, slots=True)
class Schedule:
    """What the scheduler knows of a source: the intervals that should have run by now, and the runs that are under way
    or have failed."""

    expected: Sequence[Interval] = ()
    runs: Sequence[Run] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a page is looked at.

    Args:
        may_read: true for a source whose pages the user may see.
        base: the path below which the console is served, without a slash at its end.
        own_address: the address at which the console can be opened by itself, to be copied.
        framed: true if the page is in a frame, where links to other sites do nothing.
        now: UTC.
        schedules: what the scheduler knows of some sources from a time on, by slug; nothing without a scheduler.
        run_address: the address of the run of an interval of a source in the scheduler's own pages.
    """

    may_read: Callable[[str], bool]
    base: str = ""
    own_address: str = ""
    framed: bool = False
    now: dt.datetime
    schedules: Callable[[Sequence[str], dt.datetime], Mapping[str, Schedule]] = lambda slugs, since: {}
    run_address: Callable[[str, Interval], str | None] = lambda source, interval: None

    def require(self, source: str) -> None:
        """Raises :class:`NotAllowed` for a source that the user may not see, whether it exists or not."""
        if not self.may_read(source):
            raise NotAllowed(f"You may not read the DAG of {source}. Ask the administrator of Airflow for that right.")
