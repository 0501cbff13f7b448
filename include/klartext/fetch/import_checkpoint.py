"""The state of an import while it splits a file, so that one which is interrupted goes on from there."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pickle
import time
from collections import Counter
from pathlib import Path

from klartext.model import Fetch
from klartext.sources import Source
from klartext.warc.revisits import RevisitIndex

SECONDS = 20.0
"""Time between two states that are stored."""
_SHARE = 20
"""How many times longer than storing a state takes the time between two must be."""


@dataclasses.dataclass(slots=True)
class ImportState:
    """What was read of the file until ``offset``: the sizes of the parts in bytes, the records that are held, rows of
    records that are not kept, counts of those that are no pages, and the responses that revisits may refer to."""

    offset: int
    sizes: dict[str, int]
    held: dict[str, list[bytes]]
    owners: dict[str, Source]
    lost: dict[str, list[Fetch]]
    skipped: dict[str, Counter[str]]
    index: RevisitIndex


class Checkpoint:
    """The stored state of one import, a file in a local folder that only Klartext writes to."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "split.pickle"
        self._last, self._took = time.monotonic(), 0.0

    def is_due(self) -> bool:
        """True if enough time has passed since the last state was stored."""
        return time.monotonic() - self._last >= max(SECONDS, self._took * _SHARE)

    def save(self, state: ImportState) -> None:
        """Stores a state."""
        begin = time.monotonic()
        new = self._file.with_suffix(".new")
        with new.open("wb") as out:
            pickle.dump(state, out, protocol=pickle.HIGHEST_PROTOCOL)
            out.flush()
            os.fsync(out.fileno())
        new.replace(self._file)
        self._last = time.monotonic()
        self._took = self._last - begin

    def load(self) -> ImportState | None:
        """The stored state; None if there is none, or it cannot be read."""
        try:
            found = pickle.loads(self._file.read_bytes())
        except (OSError, pickle.PickleError, EOFError, AttributeError, TypeError, ValueError):
            return None
        return found if isinstance(found, ImportState) else None

    def remove(self) -> None:
        """Removes the stored state and its folder."""
        self._file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._file.parent.rmdir()
