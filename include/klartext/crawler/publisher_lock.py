"""A lock for each publisher and each archive: one run at a time makes requests to it, in discover or fetch, scheduled,
backfill or from a shell.

The lock is a file that is locked while a run makes requests. It also holds when the last run ended and for how long no
run may make a request after that, so that the delay lies between two runs too: the source's, that of robots.txt where
it is longer, or a pause that the server asked for with Retry-After. A process that ends, however it ends, releases its
lock. It holds on one machine, and between machines that share a disk with locks; elsewhere an Airflow pool serialises
the runs, see docs/operating.md.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from klartext.crawler.job import CrawlPoliteness

_POLL = 0.5  # seconds between two attempts to get a lock that another run holds
_LONGEST_PAUSE = 24 * 3600.0  # seconds


class PublisherBusy(RuntimeError):
    """Another run holds the lock, or a pause that the server asked for is not over.

    ``seconds`` is when to try again: what remains of the pause, or a minute.
    """

    def __init__(self, message: str, seconds: float = 60.0) -> None:
        super().__init__(message)
        self.seconds = seconds


@contextlib.contextmanager
def lock_publisher(folder: Path, name: str, delay: float, patience: float = 0.0) -> Iterator[CrawlPoliteness]:
    """Holds the lock of a publisher or an archive.

    Args:
        folder: where the files are that are locked.
        name: the slug of a publisher's source, or the host of an archive.
        delay: seconds that must have passed since the run before ended.
        patience: seconds to wait for another run, and for the end of a pause.

    Yields:
        What the caller puts into it holds for the next run.

    Raises:
        PublisherBusy: another run holds the lock for longer than ``patience``, or a pause lasts longer.
    """
    end = time.monotonic() + patience
    with (folder / name).open("a+") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise PublisherBusy(f"another run makes requests to {name}; only one at a time may") from None
                time.sleep(min(_POLL, max(0.01, end - time.monotonic())))
        ended, pause = _last_run(file)
        pause = max(delay, pause)
        left = min(max(0.0, ended + pause - time.time()), pause)  # a clock that went back delays no run
        if left > max(delay, patience):
            raise PublisherBusy(f"{name} asked for a pause, which lasts another {left:.0f} s", left)
        time.sleep(left)
        politeness = CrawlPoliteness()
        try:
            yield politeness
        finally:
            file.seek(0)
            file.truncate()
            pause = min(max(politeness.delay, politeness.pause), _LONGEST_PAUSE)
            file.write(f"{time.time():.3f} {pause:.3f}\n")
            file.flush()


def _last_run(file: IO[str]) -> tuple[float, float]:
    """When the last run ended, in seconds since 1970, and the pause after it in seconds; zeros if that is not in the
    file, or not completely."""
    file.seek(0)
    try:
        ended, pause = map(float, file.read().split())
    except ValueError:
        return 0.0, 0.0
    return ended, pause
