"""One page at a time extracted in a child process that stays ready, because to start one takes seconds."""

from __future__ import annotations

import queue
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future

from klartext.console.view import Busy
from klartext.extract import pool
from klartext.extract.worker import Result

_IDLE = 600.0
"""Seconds without a page after which the child ends."""
_WAITING = 8
"""Pages that may wait for the child; more are refused."""
_KEPT = 48
"""Results that are kept."""
_LONG = 1_000_000
"""Characters of a page that is not kept."""
_PATIENCE = 60.0
"""Seconds that a page waits for its result, those for the child to start among them."""

Key = tuple[object, ...]


class WarmExtractor:
    """Extracts pages one after the other, with the pool's limits of time and memory, and keeps the last results."""

    def __init__(self, idle: float = _IDLE) -> None:
        self._idle = idle
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, Future[Result]] = OrderedDict()
        self._pending: queue.Queue[tuple[pool.Task, Future[Result]]] = queue.Queue(_WAITING)
        self._thread: threading.Thread | None = None

    def extract(self, key: Key, task: pool.Task) -> Result:
        """The result of a task; of an equal ``key`` the one that is kept. Raises :class:`Busy`."""
        with self._lock:
            future = self._kept.get(key)
            if future is None:
                future = self._submit(task)
                self._kept[key] = future
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
        try:
            result = future.result(_PATIENCE)
        except (TimeoutError, RuntimeError) as error:
            with self._lock:
                self._kept.pop(key, None)
            raise Busy(f"The page could not be extracted now ({error or 'the machine is busy'}). Try again.") from error
        if sum(len(line.text) for line in result.lines) > _LONG:
            with self._lock:
                self._kept.pop(key, None)
        return result

    def _submit(self, task: pool.Task) -> Future[Result]:
        future: Future[Result] = Future()
        try:
            self._pending.put_nowait((task, future))
        except queue.Full:
            raise Busy("Many pages are waiting to be extracted. Try again in a few seconds.") from None
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="klartext-console-extractor", daemon=True)
            self._thread.start()
        return future

    def _work(self) -> None:
        """Feeds the pool, which keeps its child as long as there may be another task, until none came for a while."""
        futures: dict[int, Future[Result]] = {}

        def tasks() -> Iterator[pool.Task]:
            number = 0
            while True:
                try:
                    task, future = self._pending.get(timeout=self._idle)
                except queue.Empty:
                    with self._lock:
                        if self._pending.empty():
                            self._thread = None
                            return
                    continue
                futures[number] = future
                number += 1
                yield task

        try:
            for index, result in pool.extract_all(tasks(), workers=1):
                futures.pop(index).set_result(result)
        except Exception as error:  # noqa: BLE001  of the machine: those that wait get it, the next page starts another child
            with self._lock:
                self._thread = None
            for future in futures.values():
                future.set_exception(RuntimeError(str(error)))
