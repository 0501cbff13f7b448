"""One run at a time asks a publisher or an archive, whatever runs are under way: discovery, fetching, schedule and
backfill.

A file for each of them, locked while a run asks. It holds the time at which the last one ended and how long no run may
ask after it, so that the delay also lies between two runs, that of robots.txt where it is longer, and a rest that was
asked for with Retry-After. The lock goes with its process, however that ends. It holds on one machine, and between
machines where they share a disk that can lock; elsewhere an Airflow pool does, see docs/operating.md.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from klartext.crawler.job import Manners

_LOOK = 0.5  # seconds between two looks at a lock that another holds
_REST = 24 * 3600.0  # seconds for which a publisher is left alone at most


class PublisherBusy(RuntimeError):
    """Another run is asking, or a rest was asked for that is not over. ``seconds`` is when to try again: the remainder
    of the rest, or a minute."""

    def __init__(self, message: str, seconds: float = 60.0) -> None:
        super().__init__(message)
        self.seconds = seconds


@contextlib.contextmanager
def turn(folder: Path, whom: str, delay: float, patience: float = 0.0) -> Iterator[Manners]:
    """The turn to ask a publisher, by its source's slug, or an archive, by its host, at least ``delay`` seconds after
    the one before has ended. What is put into the manners given holds for the next one.

    Raises :class:`PublisherBusy` if another run still has it after ``patience`` seconds, or a rest lasts longer.
    """
    end = time.monotonic() + patience
    with (folder / whom).open("a+") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise PublisherBusy(f"another run is asking {whom}; it is one at a time") from None
                time.sleep(min(_LOOK, max(0.01, end - time.monotonic())))
        ended, asked = _before(file)
        pause = max(delay, asked)
        left = min(max(0.0, ended + pause - time.time()), pause)  # a clock that went back delays no run
        if left > max(delay, patience):
            raise PublisherBusy(f"{whom} wants to be left alone for another {left:.0f} s", left)
        time.sleep(left)
        manners = Manners()
        try:
            yield manners
        finally:
            file.seek(0)
            file.truncate()
            file.write(f"{time.time():.3f} {min(max(manners.delay, manners.rest), _REST):.3f}\n")
            file.flush()


def _before(file: IO[str]) -> tuple[float, float]:
    """When the last turn ended, in seconds since 1970, and the seconds that were asked for after it; zeros if it
    was not written down, or not completely."""
    file.seek(0)
    try:
        ended, asked = map(float, file.read().split())
    except ValueError:
        return 0.0, 0.0
    return ended, asked
