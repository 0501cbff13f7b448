"""The content of a run as a buffer that is filled while its records are read."""

from __future__ import annotations

import re

from klartext.warc import arc
from klartext.warc.compression import Runs

HEAD_LIMIT = 1 << 16
"""Bytes that the head of a record may have."""
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_START = re.compile(rb"WARC/\d{1,3}\.\d{1,3}[ \t]{0,9}\r{0,2}\n[A-Za-z][\w-]{0,60}[ \t]{0,9}:")
"""A record's first line and the begin of a field: a page may contain the line alone."""
_ARC_START = re.compile(rb"(?<=\n)(?:https?|ftp|dns|filedesc|urn|mailto):[^\r\n]{1,8000}\n", re.IGNORECASE)
START_SIZE = 128
"""Bytes from which the beginning of a record of a WARC file can be recognised."""
ARC_START_SIZE = 8192
"""The same for the line that begins a record of an ARC file."""


def find_start(data: bytes, at: int, *, is_arc: bool) -> int:
    """Where the next record of a WARC file or of an ARC file begins; -1 if none does."""
    if not is_arc:
        found = _START.search(data, at)
        return found.start() if found else -1
    return next((found.start() for found in _ARC_START.finditer(data, at) if arc.parse(found[0])), -1)


class RunContent:
    """The content of the current run of a file.

    ``position`` is the number of its bytes that were read.
    """

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        self.reset()

    def reset(self) -> None:
        """Begins with the next run."""
        self._data, self._at, self.position, self._over = b"", 0, 0, False

    def _fill(self) -> bool:
        """Adds more of the run; False at its end."""
        more = b"" if self._over else self.runs.read()
        self._over = not more
        self._data, self._at = self._data[self._at :] + more, 0
        return not self._over

    def _take(self, size: int) -> bytes:
        data = self._data[self._at : self._at + size]
        self._at += len(data)
        self.position += len(data)
        return data

    def at_end(self) -> bool:
        """True if all of the run was read. Raises OSError."""
        return self._at >= len(self._data) and not self._fill()

    def peek(self, size: int) -> bytes:
        """The next bytes, up to ``size``, which stay unread. Raises OSError."""
        while len(self._data) - self._at < size and self._fill():
            pass
        return self._data[self._at : self._at + size]

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer at the end of the run. Raises OSError."""
        if size <= 0 or self.at_end():
            return b""
        first = self._take(size)
        if len(first) == size:
            return first
        parts, got = [first], len(first)
        while got < size and not self.at_end():
            parts.append(self._take(size - got))
            got += len(parts[-1])
        return b"".join(parts)

    def read_to_start(self, size: int) -> bytes:
        """The bytes before the next record, at most ``size``. The blank lines between records stay unread."""
        window = self.peek(size + START_SIZE)
        found = find_start(window, 0, is_arc=False)
        end = found if found >= 0 else min(len(window), size)
        end = len(window[:end].rstrip(b"\r\n")) if found >= 0 or len(window) < size + START_SIZE else end
        return self._take(min(end, size))

    def skip_newlines(self) -> None:
        """Skips carriage returns and line feeds, and a single zero byte behind them, which a widely used writer adds to
        each record."""
        while not self.at_end() and self._data[self._at] in b"\r\n":
            rest = self._data[self._at :]
            self._take(len(rest) - len(rest.lstrip(b"\r\n")))
        if self.peek(2)[:1] == b"\0" != self.peek(2)[1:]:
            self._take(1)

    def unread(self, data: bytes) -> None:
        """Puts bytes that were read last before the next ones."""
        self._data, self._at = data + self._data[self._at :], 0
        self.position -= len(data)

    def take_head(self) -> bytes | None:
        """The lines of a record's head and the blank line after it; None if there is no blank line."""
        size = 4096
        while True:
            window = self.peek(size)
            if found := _BLANK_LINE.search(window):
                return self._take(found.end())
            if len(window) < size or size >= HEAD_LIMIT:
                return None
            size *= 4

    def skip_to_start(self, *, is_arc: bool = False) -> None:
        """Skips to the beginning of the next record in this run, or to the end of the run."""
        self._take(1)
        while not self.at_end():
            found = find_start(self._data, self._at, is_arc=is_arc)
            if found >= 0:
                self._take(found - self._at)
                return
            self._take(max(0, len(self._data) - self._at - (ARC_START_SIZE if is_arc else START_SIZE)))
            if not self._fill():
                self._take(len(self._data))
