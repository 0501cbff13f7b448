"""What was read from the files of a table, kept in the process until a file is replaced or removed."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from klartext.lake import Lake
from klartext.lake.table_files import TableFile

Value = TypeVar("Value")

_FRESH = 60 * 10**9
"""Nanoseconds. A file younger than that may be replaced without a change of its stat, so it is read again."""
_READERS = 8
"""Files that are read at once: in an object store each takes a round trip."""


class FileCache(Generic[Value]):
    """Values read from files, by the file's name.

    Args:
        read: reads the value of a file.
        largest: number of values that are kept; of more the ones that were used longest ago are dropped.
        size: the weight of a value, in units of ``largest``; by default 1.
    """

    def __init__(
        self, read: Callable[[Lake, TableFile], Value], largest: int, size: Callable[[Value], int] = lambda _: 1
    ) -> None:
        self._read, self._largest, self._size = read, largest, size
        self._kept: OrderedDict[str, tuple[TableFile, int, Value]] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def values(self, lake: Lake, files: Sequence[TableFile]) -> list[Value]:
        """The values of some files as they are now, in their order. One thread at a time reads files."""
        with self._lock:
            missing = [file for file in files if not self._is_current(file)]
            fresh = self._read_all(lake, missing)
            values = [fresh[file.name] if file.name in fresh else self._kept[file.name][2] for file in files]
            for file in files:
                if file.name not in fresh:
                    self._kept.move_to_end(file.name)
            for file in missing:
                self._keep(file, fresh[file.name])
        return values

    def _is_current(self, file: TableFile) -> bool:
        if file.name not in self._kept:
            return False
        kept, read_at, _ = self._kept[file.name]
        return kept.stat == file.stat and (bool(file.stat.etag) or file.stat.modified_ns < read_at - _FRESH)

    def _read_all(self, lake: Lake, files: list[TableFile]) -> dict[str, Value]:
        if len(files) < 2:
            return {file.name: self._read(lake, file) for file in files}
        with ThreadPoolExecutor(_READERS) as readers:
            return dict(zip([f.name for f in files], readers.map(lambda f: self._read(lake, f), files), strict=True))

    def _keep(self, file: TableFile, value: Value) -> None:
        if before := self._kept.pop(file.name, None):
            self._weight -= self._size(before[2])
        self._kept[file.name] = (file, time.time_ns(), value)
        self._weight += self._size(value)
        while self._weight > self._largest and len(self._kept) > 1:
            _, (_, _, dropped) = self._kept.popitem(last=False)
            self._weight -= self._size(dropped)
