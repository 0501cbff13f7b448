"""Shows the parent that the crawler's event loop goes on, or which request it stood still at.

Both share a small file in memory: the child counts up in it about twice a second and writes there which request
it handles. A parser that does not return stops the count, and the parent ends the child.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import threading
import time
from collections.abc import Callable

from klartext.crawler.job import CrawlRequest

PERIOD = 0.5
"""Seconds between two beats."""
_SIZE = 256 * 1024
_HEAD = 16


class Heartbeat:
    """The child's side. ``descriptor`` is that of the shared file; without one nothing is written."""

    def __init__(self, descriptor: int | None) -> None:
        self._map = mmap.mmap(descriptor, _SIZE) if descriptor is not None else None
        self._count = 0
        self._noted: CrawlRequest | None = None

    def beat(self) -> None:
        """Shows that the event loop goes on."""
        if self._map is not None:
            self._count += 1
            self._map[:8] = self._count.to_bytes(8, "little")

    def at(self, crawl_request: CrawlRequest) -> None:
        """Notes the request that the crawler handles now."""
        if self._map is not None and crawl_request is not self._noted:
            self._noted = crawl_request
            data = crawl_request.to_json().encode()[: _SIZE - _HEAD]
            self._map[8:_HEAD] = len(data).to_bytes(8, "little")
            self._map[_HEAD : _HEAD + len(data)] = data


class Monitor:
    """The parent's side: calls ``end`` after ``silence`` seconds without a beat.

    Only time in which the parent waits for the child counts (:attr:`is_waiting`): a child whose results are not read
    stands still too. Before the first beat nothing is counted, while the child imports what it needs.
    """

    def __init__(self, silence: float, end: Callable[[], None]) -> None:
        self._silence, self._end = silence, end
        self.descriptor = os.memfd_create("klartext-heartbeat")
        os.ftruncate(self.descriptor, _SIZE)
        self._map = mmap.mmap(self.descriptor, _SIZE)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.is_waiting = False
        self.has_stalled = False

    def start(self) -> None:
        """Starts the watch."""
        self._thread.start()

    def close(self) -> None:
        """Ends the watch. The file goes with it."""
        self._over.set()
        self._thread.join()
        self._map.close()
        with contextlib.suppress(OSError):
            os.close(self.descriptor)

    def stalled_at(self) -> CrawlRequest | None:
        """The request that the crawler handled when it stood still; None if it had not begun."""
        length = int.from_bytes(self._map[8:_HEAD], "little")
        try:
            return CrawlRequest.from_dict(json.loads(self._map[_HEAD : _HEAD + length])) if length else None
        except (ValueError, TypeError, KeyError):
            return None

    def _watch(self) -> None:
        step = min(PERIOD, self._silence / 4)
        count, quiet, last = 0, 0.0, time.monotonic()
        while not self._over.wait(step):
            now = time.monotonic()
            passed, last = min(now - last, 2 * step), now  # a machine that was suspended has not been silent
            beats = int.from_bytes(self._map[:8], "little")
            if beats != count or not beats or not self.is_waiting:
                count, quiet = beats, 0.0
                continue
            quiet += passed
            if quiet >= self._silence:
                self.has_stalled = True
                self._end()
                return
