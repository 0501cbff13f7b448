"""A lease: what one process at a time holds, on whichever machine, with a small state that outlives the holder.

A lease is a JSON file of the lake that is written on the condition that it is as it was read: an object store
compares and writes in one operation, on a disk a lock makes it one. The holder renews its lease; a lease that was not
renewed for :data:`EXPIRY` seconds can be taken over, and one whose holder is a process of the same machine that has
ended at once. The age of a lease is the difference of two times of the store, which wrote both, so the clocks of the
machines do not matter. A holder that could not renew knows that before anyone else may take over.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from klartext.lake import layout
from klartext.lake.storage import FileStat, Storage

logger = logging.getLogger(__name__)
EXPIRY = 60.0
"""Seconds without a renewal after which a lease can be taken over."""
_SECOND = 1_000_000_000
_POLL = {True: 0.2, False: 1.0}
"""Seconds between two attempts to get a lease that is held: on a disk, and in an object store."""
_LOCK_PATIENCE = 5.0
"""Seconds to wait for the lock of a lease. A process that was suspended in the moment of writing one holds it."""


class LeaseHeld(RuntimeError):
    """Another process holds the lease."""


class LeaseLost(RuntimeError):
    """The lease could not be renewed in time, so another process may hold it by now."""


class Lease:
    """A lease that this process holds.

    Attributes:
        before: the state that the holder before left.
        age: seconds since that was written, by the clock of the store, which may count whole seconds: never too many.
        state: written with each renewal and at the end; values that JSON has.
    """

    def __init__(self, storage: Storage, name: str, expiry: float = EXPIRY) -> None:
        self._storage, self._file, self._expiry = storage, layout.lease_file(name), expiry
        self._holder = {**_this_process(), "token": uuid.uuid4().hex}
        self._renewals, self._stat = 0, FileStat(0, 0)
        self._renewed, self._taken_over = 0.0, False
        self._store_clock: float | None = None
        self._writing = threading.Lock()
        self.before: dict[str, Any] = {}
        self.age = 0.0
        self.state: dict[str, Any] = {}

    @property
    def lost(self) -> bool:
        """True if another process may hold the lease by now."""
        return self._taken_over or _clock() - self._renewed > 0.8 * self._expiry

    def still_held(self) -> bool:
        """False if another process holds the lease. Where it may do so, because this process stood still for long, the
        lease is renewed first: that succeeds only if it was not taken over."""
        if self.lost and not self._taken_over:
            self.renew()
        return not self.lost

    def acquire(self, patience: float) -> None:
        """Takes the lease, and leaves :attr:`before` and :attr:`age`.

        Args:
            patience: seconds to wait for its holder.

        Raises:
            LeaseHeld: it was held until then.
        """
        end = time.monotonic() + patience
        while True:
            found = self._storage.stat(self._file)
            content = self._read() if found else {}
            free = found is None or not content.get("holder") or self._is_over(content["holder"], found)
            if free and self._try_write(found, {**content.get("state", {}), **self.state}):
                self.before = content.get("state", {})
                self.state = {**self.before, **self.state}
                self.age = _seconds_between(found, self._stat) if found else 0.0
                return
            if time.monotonic() >= end:
                raise LeaseHeld(content.get("holder"))
            time.sleep(min(_POLL[self._storage.disk is not None], max(0.01, end - time.monotonic())))

    def renew(self) -> None:
        """Writes the lease and its state again. An error of the store is logged: the next renewal may succeed."""
        with self._writing:  # the thread that renews it and the one that uses it
            if not self._taken_over:
                self._renew()

    def _renew(self) -> None:
        try:
            self._taken_over = not self._write(self._stat, self.state)
        except OSError as error:
            logger.warning("the lease %s could not be renewed: %s", self._file, error)

    def release(self) -> None:
        """Leaves the state to the next holder. A lease that was lost is left alone."""
        try:
            if not self._write(self._stat, self.state, held=False):
                logger.warning("the lease %s was taken over by another process", self._file)
        except OSError as error:
            logger.warning("the lease %s could not be released, and is free in %.0f s: %s",
                           self._file, self._expiry, error)  # fmt: skip

    def _try_write(self, before: FileStat | None, state: dict[str, Any]) -> bool:
        """As :meth:`_write`; False also if another process is writing the lease and does not end."""
        try:
            return self._write(before, state)
        except TimeoutError as error:
            logger.warning("the lease %s cannot be had: %s", self._file, error)
            return False

    def _write(self, before: FileStat | None, state: dict[str, Any], *, held: bool = True) -> bool:
        """True if the file was still the one of ``before``, and is ours now."""
        self._renewals += 1
        began = _clock()
        content = {"holder": self._holder if held else None, "renewals": self._renewals, "state": state}
        if not held:
            content["released_by"] = self._holder["token"]  # no two contents are equal, so no two ETags are
        with self._storage.lock(self._file, _LOCK_PATIENCE):
            written = self._storage.replace_if_unchanged(self._file, before, json.dumps(content).encode())
        if not written and self._read() != content:  # else the answer of a successful upload was lost
            return False
        stat = self._storage.stat(self._file)
        if stat is None or (_clock() - began > self._expiry / 2 and self._read() != content):
            return False  # this process stood still for long after it had written: the file may be another's
        self._stat, self._renewed = stat, began
        return True

    def _read(self) -> dict[str, Any]:
        """The content of the file; empty where it is none of ours."""
        with contextlib.suppress(ValueError):
            content = json.loads(self._storage.read(self._file) or b"")
            if isinstance(content, dict) and isinstance(content.get("state"), dict):
                return content
        return {}

    def _is_over(self, holder: Any, found: FileStat) -> bool:
        """True if the holder is a process of this machine that has ended, or has not renewed its lease in time."""
        if isinstance(holder, dict) and _has_ended(holder):
            return True
        if self._store_clock is None:
            self._store_clock = self._time_of_store() - time.monotonic()
        age = self._store_clock + time.monotonic() - found.modified_ns / _SECOND
        uncertain = found.modified_ns % _SECOND == 0  # a store that counts whole seconds makes it up to one too old
        return age > self._expiry + uncertain

    def _time_of_store(self) -> float:
        """The time by the clock of the store, in seconds since 1970: that of a file which is written now."""
        name = f"{self._file}.{self._holder['token']}"
        self._storage.put(name, b"")
        try:
            found = self._storage.stat(name)
            return found.modified_ns / _SECOND if found else time.time()
        finally:
            self._storage.remove(name)


@contextlib.contextmanager
def hold(storage: Storage, name: str, patience: float = 0.0, expiry: float = EXPIRY) -> Iterator[Lease]:
    """Holds the lease of a name, and renews it in a thread.

    Raises :class:`LeaseHeld` if another process holds it for longer than ``patience`` seconds.
    """
    lease = Lease(storage, name, expiry)
    lease.acquire(patience)
    over = threading.Event()

    def renew() -> None:
        while not over.wait(expiry / 4):
            lease.renew()

    thread = threading.Thread(target=renew, name=f"lease of {name}", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        over.set()
        thread.join()
        lease.release()


def _clock() -> float:
    """Seconds of a clock that goes on while the machine is suspended, where there is one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def _seconds_between(earlier: FileStat, later: FileStat) -> float:
    """The time between the writing of two files, at least 0. Where the store counts whole seconds, up to one less."""
    whole = earlier.modified_ns % _SECOND == 0 and later.modified_ns % _SECOND == 0
    return max(0.0, (later.modified_ns - earlier.modified_ns) / _SECOND - whole)


def _this_process() -> dict[str, Any]:
    """What identifies this process, also where its number is given to another one later."""
    return {"machine": _machine(), "process": os.getpid(), "started": _started(os.getpid())}


def _machine() -> str:
    """Identifies the machine since its last start, and in it the container: one name space of process numbers."""
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)


def _started(process: int) -> str | None:
    """When a process started, in ticks since the start of the machine; None if it has ended, or without ``/proc``."""
    with contextlib.suppress(OSError, IndexError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return fields[19] if fields[0] not in "ZX" else None
    return None


def _has_ended(holder: dict[str, Any]) -> bool:
    """True if a holder is known to be a process of this machine that has ended."""
    started, process = holder.get("started"), holder.get("process")
    if not started or not isinstance(process, int) or holder.get("machine") != _machine():
        return False
    return bool(_started(process) != started)
