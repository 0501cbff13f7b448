"""Batches that are published and not in the current view, because the event that announces them was lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from klartext.lake import Lake
from klartext.lake.curated_state import pending_months
from klartext.lake.table_files import TableFile

WAIT = 15 * 60.0
"""Seconds after which a published batch should be curated; before, its run may be under way."""


class UncuratedBatches:
    """Finds them by source, and keeps the result until a file of the source's ``versions`` or ``articles`` changes."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Any, float, frozenset[str]]] = {}
        self._lock = threading.Lock()

    def of(
        self, lake: Lake, source: str, versions: Sequence[TableFile], articles: Sequence[TableFile]
    ) -> frozenset[str]:
        """The names of the batches of a source, given the files of its ``versions`` and ``articles``."""
        state, now = (versions, articles), time.time()
        with self._lock:
            kept = self._kept.get(source)
        if kept and kept[0] == state and now < kept[1]:
            return kept[2]
        found: set[str] = set()
        if versions:
            curated_at = {file.partition: file.stat.modified_ns for file in articles}
            for month in pending_months(lake, source, WAIT):
                found |= {f.label for f in versions if f.partition.startswith(month)
                          and f.stat.modified_ns > curated_at.get(month, 0)}  # fmt: skip
        young = [f.stat.modified_ns / 1e9 + WAIT for f in versions if f.stat.modified_ns / 1e9 + WAIT > now]
        with self._lock:
            self._kept[source] = (state, min(young, default=now + 3600) + 1, frozenset(found))
        return frozenset(found)
