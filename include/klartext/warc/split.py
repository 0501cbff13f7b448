"""Splits the records of one large file into a file for each source, with few of them open."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

_OPEN = 64
_HELD = 32 << 20


class PartFiles:
    """Files by the slug of their source. Records are appended; the files used last are open.

    Args:
        place: returns the path of a source's file.
        first: the record that each file begins with.
    """

    def __init__(self, place: Callable[[str], Path], first: bytes) -> None:
        self._place, self._first = place, first
        self._open: OrderedDict[str, BinaryIO] = OrderedDict()
        self._held: OrderedDict[str, list[bytes]] = OrderedDict()
        self._held_size = 0
        self.paths: dict[str, Path] = {}

    def write(self, slug: str, data: bytes) -> None:
        """Appends a record, after what is held of its source."""
        file = self._open.pop(slug, None)
        if file is None:
            if len(self._open) >= _OPEN:
                self._open.popitem(last=False)[1].close()
            is_new = slug not in self.paths
            path = self.paths.setdefault(slug, self._place(slug))
            file = path.open("wb" if is_new else "ab")
            if is_new:
                file.write(self._first)
        self._open[slug] = file
        for record in self._held.pop(slug, ()):
            self._held_size -= len(record)
            file.write(record)
        file.write(data)

    def hold(self, slug: str, data: bytes) -> None:
        """Appends a record that belongs to a page; for a source without a page so far it is held until one comes.

        At most 32 MiB are held; then those of the source that waits longest are left out.
        """
        if slug in self.paths:
            self.write(slug, data)
            return
        self._held.setdefault(slug, []).append(data)
        self._held_size += len(data)
        while self._held_size > _HELD:
            self._held_size -= sum(map(len, self._held.popitem(last=False)[1]))

    def state(self) -> tuple[dict[str, int], dict[str, list[bytes]]]:
        """The size of each file in bytes, everything written to it, and the records that are held; for
        :meth:`resume`."""
        for file in self._open.values():
            file.flush()
        return {slug: path.stat().st_size for slug, path in self.paths.items()}, dict(self._held)

    def resume(self, sizes: Mapping[str, int], held: Mapping[str, list[bytes]]) -> bool:
        """Goes on from a :meth:`state`, with the files as they were then; returns False, and begins with none, if one
        is not there any more."""
        paths = {slug: self._place(slug) for slug in sizes}
        if any(not path.is_file() or path.stat().st_size < sizes[slug] for slug, path in paths.items()):
            return False
        for slug, path in paths.items():
            os.truncate(path, sizes[slug])
        self.paths = paths
        self._held = OrderedDict({slug: list(records) for slug, records in held.items()})
        self._held_size = sum(len(record) for records in held.values() for record in records)
        return True

    def close(self) -> None:
        """Closes all files."""
        for file in self._open.values():
            file.close()
        self._open.clear()
