"""Decompresses WARC files: none, gzip, or Zstandard with or without a dictionary of the file's own.

A compressed WARC file should have a member for each record. Many do not: one member over all of them, or members cut
at any byte. So members are joined to a *run*, which ends before the next member that begins with a
record; a run of one member with one record is the ordinary case.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, Protocol

from klartext.compressed_members import GZIP_MAGIC, ZSTD_MAGIC, Damaged, Kind, MemberReader
from klartext.warc.arc import is_arc_line

RECORD_START = b"WARC/"
_DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"
_DICTIONARY = 16 << 20
_BLOCK = 1 << 16


class NotWarc(ValueError):
    """The file cannot be read as WARC; the message has what it is and what to do."""

    def __init__(self, message: str, *, is_empty: bool = False) -> None:
        super().__init__(message)
        self.is_empty = is_empty


_FIRST_LINE = 4096
"""Bytes in which the first line of a record ends, if it is one."""


def is_record_start(data: bytes) -> bool:
    """True if the bytes begin a record of a WARC or of an ARC file."""
    return data.startswith(RECORD_START) or is_arc_line(data)


class Runs(Protocol):
    """The content of a file in runs.

    ``offset`` is where the current run begins in the file, ``end`` where it ended, ``members`` of how many members it
    is (0 where the file is not compressed), ``kind`` of which kind. ``error`` is what ended it early.
    """

    kind: Kind | None
    offset: int
    end: int
    members: int
    error: Damaged | None

    def next(self) -> bool:
        """Goes to the next run; False at the end of the file."""

    def read(self) -> bytes:
        """The next bytes of the current run; none at its end. Raises OSError."""


class PlainRuns:
    """A file without compression: one run."""

    def __init__(self, source: Callable[[], bytes], position: int) -> None:
        self._source, self._begun = source, False
        self.kind: Kind | None = None
        self.offset = self.end = position
        self.members = 0
        self.error: Damaged | None = None

    def next(self) -> bool:
        """True for the first call only."""
        begun, self._begun = self._begun, True
        return not begun

    def read(self) -> bytes:
        """The next bytes of the file. Raises OSError."""
        data = self._source()
        self.end += len(data)
        return data


class MemberRuns:
    """A file of gzip members or Zstandard frames. After a damaged part the next member that begins
    with a record is read."""

    def __init__(self, members: MemberReader) -> None:
        self._members = members
        self.kind: Kind | None = members.kind
        self._ahead: bytes | None = None  # the beginning of the next run
        self._ahead_error: Damaged | None = None
        self._over = True
        self.offset = self.end = members.position
        self.members = 0
        self.error: Damaged | None = None

    def next(self) -> bool:
        """Goes to the next run; False at the end of the file. Raises OSError."""
        while not self._over and self.read():
            pass
        self._over = False
        broken, self.error, self._ahead_error = self.error, self._ahead_error, None
        self.members = 1
        if broken:  # also where the file ends: a broken member may have run over the begin of others
            if not self._members.resume(is_record_start):
                return False
        elif self._ahead is None and self.error is None and not self._members.next():
            return False  # only at the first call: later ones come here with the next member begun
        self.offset = self.end = self._members.offset
        self._over = self.error is not None
        return True

    def read(self) -> bytes:
        """The next bytes of the current run; none at its end. Raises OSError."""
        if self._over:
            return b""
        if self._ahead is not None:
            data, self._ahead = self._ahead, None
            return data
        try:
            if data := self._members.read():
                return data
            self.end = self._members.position
        except Damaged as error:
            self.error = error
        data = b"" if self.error else self._go_on()
        self._over = not data
        return data

    def _go_on(self) -> bytes:
        """The beginning of the next member, if it belongs to the run."""
        try:
            while self._members.next():
                data = self._begin_of_member()
                if is_record_start(data):
                    self._ahead = data
                    return b""
                self.members += 1
                self.end = self._members.position
                if data:
                    return data
        except Damaged as error:
            self._ahead_error = error
        return b""

    def _begin_of_member(self) -> bytes:
        """The first bytes of a member, as many as show whether a record begins with it. What is decompressed first may
        be a few bytes only, where the block of the file ends that was read."""
        data = self._members.read()
        while len(data) < _FIRST_LINE and b"\n" not in data and (more := self._members.read()):
            data += more
        return data


def open_runs(file: BinaryIO) -> Runs:
    """The runs of a file from its current position on, however it is compressed.

    Raises:
        NotWarc: it is empty, or in a compression or a form that is not read here.
        OSError: it cannot be read.
    """
    position = _tell(file)
    first = file.read(_BLOCK)
    if not first:
        raise NotWarc("it is empty: name a WARC file", is_empty=True)
    pending = [first]

    def source() -> bytes:
        return pending.pop() if pending else file.read(_BLOCK)

    if first.startswith(GZIP_MAGIC):
        return MemberRuns(MemberReader(source, "gzip", position=position))
    if first.startswith((ZSTD_MAGIC, _DICTIONARY_MAGIC)) or _is_skippable(first):
        dictionary = None
        if first.startswith(_DICTIONARY_MAGIC):
            size = int.from_bytes(first[4:8], "little")
            if size > _DICTIONARY:
                raise NotWarc(
                    f"the Zstandard dictionary of {size} bytes is too large: decompress the file with `zstd -d`"
                )
            while len(pending[0]) < size + 8 and (more := file.read(_BLOCK)):
                pending[0] += more
            dictionary = _dictionary(pending[0][8 : size + 8])
            pending[0], position = pending[0][size + 8 :], position + size + 8
            if not pending[0]:
                pending.pop()
        try:
            return MemberRuns(MemberReader(source, "zstd", position=position, dictionary=dictionary))
        except Damaged as error:
            raise NotWarc(f"it is damaged ({error}): fetch the file again") from error
    return PlainRuns(source, position)


def _is_skippable(data: bytes) -> bool:
    return len(data) >= 4 and 0x50 <= data[0] <= 0x5F and data[1:4] == _DICTIONARY_MAGIC[1:]


def _dictionary(data: bytes) -> bytes:
    """The dictionary that a .warc.zst file begins with, itself compressed or not."""
    kind: Kind | None = "zstd" if data.startswith(ZSTD_MAGIC) else "gzip" if data.startswith(GZIP_MAGIC) else None
    if kind is None:
        return data
    parts = iter([data])
    members, out, size = MemberReader(lambda: next(parts, b""), kind), list[bytes](), 0
    try:
        while members.next():
            while part := members.read():
                out.append(part)
                size += len(part)
                if size > _DICTIONARY:
                    raise NotWarc("the Zstandard dictionary is too large: decompress the file with `zstd -d`")
    except Damaged as error:
        raise NotWarc(f"the Zstandard dictionary cannot be read ({error}): fetch the file again") from error
    return b"".join(out)


def _tell(file: BinaryIO) -> int:
    try:
        return file.tell()
    except (OSError, AttributeError):
        return 0
