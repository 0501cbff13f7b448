"""Errors that more than one step raises, and advice for those of a disk."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator


class PermanentError(RuntimeError):
    """Another run with the same input would fail likewise, so retrying is useless; the message says what to do."""


_ADVICE = {
    errno.ENOSPC: "free space there and run it again; what was written before is whole",
    errno.EDQUOT: "the quota of this user is used up: free space and run it again; what was written before is whole",
    errno.EROFS: "mount the file system for writing; commands that only read need no write access",
    errno.EACCES: "give the user who runs Klartext the right to read and write there",
    errno.EPERM: "give the user who runs Klartext the right to read and write there",
    errno.EIO: "the disk fails: look at the system's log, then run `klartext lake check`",
    errno.ESTALE: "the file server no longer knows the folder: mount it again",
    errno.EMFILE: "the process has too many open files: raise the limit (ulimit -n)",
}


@contextlib.contextmanager
def disk_errors_explained(place: str) -> Iterator[None]:
    """Gives errors of a disk that a person has to do something about the advice what to do, and the place."""
    try:
        yield
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0)
        if advice is None or advice in (error.strerror or ""):
            raise
        raise OSError(error.errno, f"{os.strerror(error.errno or 0)}; {advice}", error.filename or place) from error
