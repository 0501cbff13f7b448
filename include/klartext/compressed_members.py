"""Reads the gzip members (RFC 1952) or Zstandard frames (RFC 8878) of a file, one after the other.

A gzip file is a sequence of members, a Zstandard file a sequence of frames; both are called members here. They are read
from a stream that need not be seekable, in time and memory that do not grow with the number of members. WARC files,
HTTP bodies and files that a killed process left are all read here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, cast

from backports import zstd
from isal import isal_zlib

__all__ = ["BLOCK", "GZIP_MAGIC", "ZSTD_MAGIC", "Damaged", "IsalError", "Kind", "MemberReader", "Truncated"]

Kind = Literal["gzip", "zstd"]
GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
BLOCK = 1 << 18
"""Bytes that one read returns at most by default."""
IsalError = cast(type[Exception], isal_zlib.error)  # its stubs declare an instance
_FIRST, _FURTHER = 4096, 1 << 16
"""Bytes handed to a decompressor first and then: what it leaves over is copied, so short members get little."""
_LOOK = 4096
"""Compressed bytes that are needed to decide if a member begins, and bytes of its content that are examined."""
_WINDOW_LOG = 27
"""Memory that a Zstandard frame may require, as a power of two: 128 MiB, as the command line tool allows."""


class Damaged(Exception):
    """The data is not valid in its format; ``reason`` is the stable code."""

    reason = "payload-damaged"


class Truncated(Damaged):
    """The data ends before its format says that it does."""


class _Decompressor:
    """A decompressor of one member. ``rest`` is what it did not use of the bytes it was given last; ``pending`` is true
    while it can give more without further input."""

    name = ""
    errors: tuple[type[Exception], ...] = ()

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.rest: bytes = b""
        self.pending = False

    @property
    def eof(self) -> bool:
        return bool(self._stream.eof)

    def decompress(self, data: memoryview | bytes, size: int) -> bytes:
        try:
            out: bytes = self._stream.decompress(data, size)
        except self.errors as error:
            raise Damaged(f"no valid {self.name} data: {error}") from error
        self._note_rest()
        return out

    def _note_rest(self) -> None:
        raise NotImplementedError


class _Gzip(_Decompressor):
    name, errors = "gzip", (IsalError, ValueError, EOFError)

    def __init__(self) -> None:
        super().__init__(isal_zlib.decompressobj(isal_zlib.MAX_WBITS + 16))

    def _note_rest(self) -> None:
        self.rest = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail


class _Zstd(_Decompressor):
    name, errors = "Zstandard", (zstd.ZstdError, ValueError, MemoryError)

    def __init__(self, dictionary: zstd.ZstdDict | None = None) -> None:
        options = {int(zstd.DecompressionParameter.window_log_max): _WINDOW_LOG}
        super().__init__(zstd.ZstdDecompressor(dictionary, options))

    def _note_rest(self) -> None:
        self.rest = self._stream.unused_data if self._stream.eof else b""
        self.pending = not self._stream.eof and not self._stream.needs_input


def _dictionary(data: bytes) -> zstd.ZstdDict:
    try:
        dictionary = zstd.ZstdDict(data)
        zstd.ZstdDecompressor(dictionary)
    except (zstd.ZstdError, ValueError) as error:
        raise Damaged(f"no valid Zstandard dictionary: {error}") from error
    return dictionary


class MemberReader:
    """Reads a file of members: :meth:`next` goes to a member, :meth:`read` returns its content.

    Args:
        source: gives the next bytes of the file at each call, none at its end.
        kind: ``gzip`` or ``zstd``.
        keep: bytes of a member's compressed form that are kept in ``kept``; a longer member has None there.
        position: offset in the file of the first byte that ``source`` gives.
        dictionary: the dictionary of a Zstandard file, as raw bytes. Raises Damaged for one that is none.

    ``offset`` is where the current member begins, ``position`` where the first byte that was not used yet lies; once
    the member has ended, that is where the next one begins.
    """

    def __init__(
        self,
        source: Callable[[], bytes],
        kind: Kind = "gzip",
        *,
        keep: int = 0,
        position: int = 0,
        dictionary: bytes | None = None,
    ) -> None:
        self.kind = kind
        self._source, self._limit = source, keep
        self._dictionary = _dictionary(dictionary) if dictionary else None
        self._data = memoryview(b"")
        self._before = memoryview(b"")  # what the decompressor used last: a broken member may have run into the next
        self._stream: _Decompressor | None = None
        self._feed = _FIRST
        self._kept: list[bytes] | None = None
        self._kept_size = 0
        self.offset = self.position = position

    @property
    def kept(self) -> bytes | None:
        """The compressed bytes of the current member so far; None if there are more than are kept."""
        return b"".join(self._kept) if self._kept is not None else None

    def forget(self) -> None:
        """Does not keep the compressed bytes of the current member."""
        self._kept = None

    @property
    def ended(self) -> bool:
        """True if the current member has been read to its end."""
        return self._stream is None or (self._stream.eof and not self._stream.pending)

    def peek(self, size: int) -> bytes:
        """The next bytes of the file, not used yet; fewer at its end."""
        while len(self._data) < size and (more := self._source()):
            self._data = memoryview(bytes(self._data) + more)
        return bytes(self._data[:size])

    def next(self) -> bool:
        """Goes to the next member, past what is left of the current one; False at the end of the file.

        Raises:
            Damaged: the rest of the current member cannot be read.
            Truncated: the file ends within it.
        """
        while not self.ended:
            self.read()
        while (head := self.peek(1)) == b"\0":  # padding, which gzip passes over too
            data = bytes(self._data)
            zeros = len(data) - len(data.lstrip(b"\0"))
            self._data, self.position = self._data[zeros:], self.position + zeros
        if not head:
            return False
        self._begin()
        return True

    def read(self, size: int = BLOCK) -> bytes:
        """Up to ``size`` bytes of the current member's content; none at its end.

        Raises:
            Damaged: the member cannot be read further; :meth:`resume` looks for the next one.
            Truncated: the file ends within it.
        """
        stream = self._stream
        while stream is not None and not (stream.eof and not stream.pending):
            if not self._data and not stream.pending and not self.peek(1):
                raise Truncated(f"the compressed data that begins at byte {self.offset} ends early")
            part = self._data[: self._feed]
            out = stream.decompress(part, size)
            used = len(part) - len(stream.rest)
            if used:
                self._use(part[:used])
            if out:
                return out
        return b""

    def _use(self, part: memoryview) -> None:
        self._data = self._data[len(part) :]
        self.position += len(part)
        self._feed = _FURTHER
        self._before = part
        if self._kept is not None:
            self._kept_size += len(part)
            if self._kept_size > self._limit:
                self._kept = None
            else:
                self._kept.append(bytes(part))

    def _begin(self) -> None:
        self._stream = self._decompressor()
        self._feed = _FIRST
        self._kept = [] if self._limit else None
        self._kept_size = 0
        self._before = memoryview(b"")
        self.offset = self.position

    def _decompressor(self) -> _Decompressor:
        return _Gzip() if self.kind == "gzip" else _Zstd(self._dictionary)

    def resume(self, is_wanted: Callable[[bytes], bool]) -> bool:
        """After damage, goes to the next member of which ``is_wanted`` is true, given the first bytes of its content;
        False if there is none."""
        data, position = bytes(self._before) + bytes(self._data), self.position - len(self._before)
        first = self.offset + 1 - position if position <= self.offset else 0
        data, position = data[first:], position + first
        magic, ended = GZIP_MAGIC if self.kind == "gzip" else ZSTD_MAGIC, False
        while True:
            at = data.find(magic)
            while at >= 0 and (ended or len(data) - at >= _LOOK):  # a few bytes may begin anything
                if is_wanted(self._begin_of(data[at : at + _LOOK])):
                    self._data, self.position = memoryview(data)[at:], position + at
                    self._begin()
                    return True
                at = data.find(magic, at + 1)
            if ended:
                self._data, self.position, self._stream = memoryview(b""), position + len(data), None
                return False
            drop = at if at >= 0 else max(0, len(data) - len(magic) + 1)
            more = self._source()
            ended = not more
            data, position = data[drop:] + more, position + drop

    def _begin_of(self, data: bytes) -> bytes:
        try:
            return self._decompressor().decompress(data, _LOOK)
        except Damaged:
            return b""
