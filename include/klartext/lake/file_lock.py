"""Locks on files of a local or a shared disk, which end with the process that holds them.

A process that is suspended keeps its locks. Who waits for such a lock for long logs which process holds it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import threading
import time
from pathlib import Path
from typing import BinaryIO

logger = logging.getLogger(__name__)
LONG_WAIT = 60.0
"""Seconds of waiting after which the process that holds the lock is logged."""
_POLL = 0.02
_LOCKS = Path("/proc/locks")


def lock(file: BinaryIO, patience: float | None = None) -> None:
    """Locks a file that is open for writing, until it is closed.

    Args:
        patience: seconds to wait for another process or thread that holds the lock; None for any time.

    Raises:
        TimeoutError: it was held for that long; the message names the process and has what to do.
        OSError: the disk has no locks.
    """
    if _try_lock(file):
        return
    if patience is None:
        _wait(file)
        return
    end = time.monotonic() + patience
    while time.monotonic() < end:
        time.sleep(_POLL)
        if _try_lock(file):
            return
    raise TimeoutError(errno.ETIMEDOUT, f"locked by {_holder(file)}", str(file.name))


def _try_lock(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(file: BinaryIO) -> None:
    """Waits as the system does it, without polling."""
    warning = threading.Timer(
        LONG_WAIT, lambda: logger.warning("waiting for %s, locked by %s", file.name, _holder(file))
    )
    warning.daemon = True
    warning.start()
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
    finally:
        warning.cancel()


def _holder(file: BinaryIO) -> str:
    """The process that holds the lock, with its state and what to do, where the system says which it is."""
    with contextlib.suppress(OSError, ValueError):
        inode = os.fstat(file.fileno()).st_ino
        for line in _LOCKS.read_text().splitlines():  # "1: FLOCK  ADVISORY  WRITE 4711 00:2b:1234 0 EOF"
            fields = line.split()
            if len(fields) >= 6 and fields[1] != "->" and fields[5].endswith(f":{inode}") and int(fields[4]) > 0:
                return _described(int(fields[4]))
    return "another process, maybe of another machine"


def _described(process: int) -> str:
    """A process as a person can act on it: ``T`` is the state of one that is suspended (proc(5))."""
    with contextlib.suppress(OSError, IndexError):
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        if state in "Tt":
            return f"process {process}, which is suspended: let it go on with `kill -CONT {process}`, or end it"
    return f"process {process}"
