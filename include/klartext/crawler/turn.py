"""One run at a time asks a publisher, whatever runs are under way: discovery, fetching, schedule and backfill.

A file for each source, locked while a run asks; it holds the time at which the last one ended, so that the source's
delay also lies between two runs. The lock goes with its process, however that ends. It holds on one machine, and
between machines where they share a disk that can lock; elsewhere an Airflow pool does, see docs/operating.md.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_LOOK = 0.5  # seconds between two looks at a lock that another holds


class PublisherBusy(RuntimeError):
    """Another run is asking this publisher."""


@contextlib.contextmanager
def turn(folder: Path, slug: str, delay: float, patience: float = 0.0) -> Iterator[None]:
    """The turn to ask a source's publisher, at least ``delay`` seconds after the one before has ended.

    Raises :class:`PublisherBusy` if another run still has it after ``patience`` seconds.
    """
    end = time.monotonic() + patience
    with (folder / slug).open("a+") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise PublisherBusy(f"another run is asking {slug}; it is one at a time") from None
                time.sleep(min(_LOOK, max(0.01, end - time.monotonic())))
        time.sleep(min(max(0.0, _ended(file) + delay - time.time()), delay))
        try:
            yield
        finally:
            file.seek(0)
            file.truncate()
            file.write(f"{time.time():.3f}\n")
            file.flush()


def _ended(file: IO[str]) -> float:
    """When the last turn ended, in seconds since 1970; 0 if nobody has written it down, or not wholly."""
    file.seek(0)
    text = file.read().strip()
    try:
        return float(text)
    except ValueError:
        return 0.0
