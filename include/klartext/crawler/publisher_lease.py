"""A lease for each publisher and each archive: one run at a time makes requests to it, in discover or fetch, scheduled,
backfill or from a shell, on whichever machine.

The lease also keeps for how long no run may make a request after the last one has ended, so that the delay lies between
two runs too: the source's, that of robots.txt where it is longer, or a pause that the server asked for with
Retry-After. A run that was killed leaves the delay.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from klartext.crawler.job import CrawlPoliteness
from klartext.lake.lease import EXPIRY, Lease, LeaseHeld, LeaseLost, hold

if TYPE_CHECKING:
    from klartext.lake.storage import Storage

_LONGEST_PAUSE = 24 * 3600.0  # seconds


class PublisherBusy(RuntimeError):
    """Another run holds the lease, or a pause that the server asked for is not over.

    ``seconds`` is when to try again: what remains of the pause, or a minute.
    """

    def __init__(self, message: str, seconds: float = 60.0) -> None:
        super().__init__(message)
        self.seconds = seconds


class LeasedPoliteness(CrawlPoliteness):
    """What the server asks for during a crawl under a lease."""

    def __init__(self, name: str, lease: Lease) -> None:
        super().__init__()
        self._name, self._lease = name, lease

    def require_lease(self) -> None:
        """Raises LeaseLost if another run may make requests by now."""
        if not self._lease.still_held():
            raise LeaseLost(f"the lease of {self._name} could not be renewed: another run may make requests by now")


@contextlib.contextmanager
def lease_publisher(
    storage: Storage, name: str, delay: float, patience: float = 0.0, expiry: float = EXPIRY
) -> Iterator[CrawlPoliteness]:
    """Holds the lease of a publisher or an archive.

    Args:
        storage: the lake's, where the lease is.
        name: the slug of a publisher's source, or the host of an archive.
        delay: seconds that must have passed since the run before ended.
        patience: seconds to wait for another run, and for the end of a pause.
        expiry: seconds after which the lease of a lost machine can be taken over.

    Yields:
        What the caller puts into it holds for the next run.

    Raises:
        PublisherBusy: another run holds the lease for longer than ``patience``, or a pause lasts longer.
    """
    with contextlib.ExitStack() as stack:
        try:
            lease = stack.enter_context(hold(storage, name, patience, expiry))
        except LeaseHeld:
            raise PublisherBusy(f"another run makes requests to {name}; only one at a time may") from None
        pause = max(delay, _pause(lease))
        left = max(0.0, pause - lease.age) if lease.before else 0.0
        lease.state = {"pause": left}
        if left > max(delay, patience):
            raise PublisherBusy(f"{name} asked for a pause, which lasts another {left:.0f} s", left)
        time.sleep(left)
        lease.state = {"pause": delay}
        politeness = LeasedPoliteness(name, lease)
        try:
            yield politeness
        finally:
            lease.state = {"pause": min(max(politeness.delay, politeness.pause), _LONGEST_PAUSE)}


def _pause(lease: Lease) -> float:
    """The pause that the run before left, in seconds; 0 for what is none."""
    pause = lease.before.get("pause", 0.0)
    is_number = isinstance(pause, int | float) and math.isfinite(pause)
    return min(max(float(pause), 0.0), _LONGEST_PAUSE) if is_number else 0.0
