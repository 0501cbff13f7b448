"""Reads chunked bodies from a connection as tolerantly as :mod:`klartext.chunked` does from a file.

Twisted ends the connection at white space behind the size of a chunk, at line feeds alone, and at a body that is not in
chunks though the header says so.
"""

from __future__ import annotations

import re

from twisted.web.http import PotentialDataLoss, _ChunkedTransferDecoder, _MalformedChunkedDataError

from klartext import chunked

_SIZE = re.compile(chunked.SIZE)
_LINE = 8192
"""Bytes of a line with a chunk's size."""


class TolerantChunks(_ChunkedTransferDecoder):
    """Removes the chunks. A body that does not begin with one is returned as it is, up to the end of the connection."""

    _is_first = True

    def _line(self, limit: int = _LINE) -> bytes | None:
        """The next line without its line feed, removed from the buffer; None until it is there."""
        end = self._buffer.find(b"\n", self._start)
        if end < 0:
            if len(self._buffer) > limit:
                raise _MalformedChunkedDataError("a line is too long")
            self._start = len(self._buffer)
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._start = 0
        return line

    def _dataReceived_CHUNK_LENGTH(self) -> bool:
        if self._is_first and not re.match(rb"[ \t0-9A-Fa-f]", self._buffer):
            self.state = "UNCHUNKED"
            return True
        line = self._line()
        if line is None:
            return False
        found = _SIZE.fullmatch(line)
        if found is None:
            if not self._is_first:
                raise _MalformedChunkedDataError("no chunk begins here")
            self._buffer[:0] = line + b"\n"
            self.state = "UNCHUNKED"
            return True
        self._is_first = False
        self.length = int(found[1], 16)
        self.state = "BODY" if self.length else "TRAILER"
        return True

    def _dataReceived_UNCHUNKED(self) -> bool:
        data = bytes(self._buffer)
        del self._buffer[:]
        self.dataCallback(data)
        return False

    def _dataReceived_CRLF(self) -> bool:
        if self._buffer == b"\r":
            return False
        if not self._buffer.startswith((b"\r\n", b"\n")):
            raise _MalformedChunkedDataError("a chunk is longer than its size")
        del self._buffer[: 2 if self._buffer.startswith(b"\r") else 1]
        self.state = "CHUNK_LENGTH"
        return True

    def _dataReceived_TRAILER(self) -> bool:
        line = self._line(self._maxTrailerHeadersSize)
        if line is None:
            return False
        self._receivedTrailerHeadersSize += len(line) + 1
        if self._receivedTrailerHeadersSize > self._maxTrailerHeadersSize:
            raise _MalformedChunkedDataError("the trailer is too long")
        if line.rstrip(b"\r"):
            return True
        rest = bytes(self._buffer)
        del self._buffer[:]
        self.state = "FINISHED"
        self.finishCallback(rest)
        return False

    def noMoreData(self) -> None:
        """Called at the end of the connection. The last chunk alone is enough: the blank line behind it may lack."""
        if self.state == "UNCHUNKED":
            raise PotentialDataLoss
        if self.state != "TRAILER":
            super().noMoreData()
