"""Reads the records of a WARC file (ISO 28500) or an ARC file, in their order.

It accepts what writers of such files produce: any compression (:mod:`klartext.warc.compression`), line feeds without
carriage returns, records without a Content-Length, damaged parts, an end that is cut off. What cannot be read
does not end the reading; it is returned as :class:`UnreadableRange`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from klartext.compressed_members import Damaged, Truncated
from klartext.warc import arc
from klartext.warc.compression import RECORD_START, NotWarc, is_record_start, open_runs
from klartext.warc.other_formats import describe
from klartext.warc.run_content import ARC_START_SIZE, HEAD_LIMIT, START_SIZE, RunContent, find_start

_VERSION = re.compile(rb"WARC/\d{1,3}(?:\.\d{1,3})?[ \t]{0,9}(?:\r?\n|$)")
_BLOCK = 1 << 16


class Headers:
    """Named fields in their order, found without regard to case."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.pairs = list(pairs)
        self._first: dict[str, str] = {}
        for name, value in self.pairs:
            self._first.setdefault(name.lower(), value)

    def get(self, name: str) -> str | None:
        """The first value of a field; None if it is not there."""
        return self._first.get(name.lower())


def parse_fields(data: bytes) -> list[tuple[str, str]]:
    """The fields of a header, a line each; a line that begins with a blank continues the one before.

    Text is UTF-8, else Latin-1. Lines without a colon are skipped.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    pairs: list[tuple[str, str]] = []
    for line in text.split("\n"):
        if line[:1] in (" ", "\t") and pairs:
            name, value = pairs[-1]
            pairs[-1] = name, f"{value} {line.strip()}".strip()
            continue
        name, colon, value = line.partition(":")
        if colon and name.strip():
            pairs.append((name.strip(), value.strip()))
    return pairs


@dataclasses.dataclass(frozen=True, slots=True)
class UnreadableRange:
    """A part of the file that cannot be read, up to the next record that can."""

    offset: int
    detail: str


class Record:
    """A record; its content must be read before the next record is.

    Attributes:
        offset: where it begins in the file. In a member with other records before it: the member's offset and the
            bytes of content before it, to which no file can seek.
        head: its first lines as they are in the file, up to the blank line.
        headers: its fields; for one of an ARC file those that it would have in a WARC file.
        length: bytes of content that it announces; None without a valid Content-Length.
        is_arc: True for a record of an ARC file.
        start: its position in the content of its run (:mod:`klartext.warc.compression`).
    """

    def __init__(self, content: RunContent, head: bytes, headers: Headers, length: int | None, is_arc: bool) -> None:
        self._content = content
        self.head, self.headers, self.length, self.is_arc = head, headers, length, is_arc
        self.start = content.position - len(head)
        self.offset = content.runs.offset + self.start
        self._left = length
        self._last = b""  # what was read last of it
        self._finished = False
        self.damage: str | None = None
        """What is damaged within it, if something is; known after :meth:`finish`."""
        self.broken_off = self.is_head_cut = False

    @property
    def type(self) -> str:
        """WARC-Type in lower case."""
        return (self.headers.get("WARC-Type") or "").lower()

    @property
    def url(self) -> str | None:
        """The record's address; some writers put it into angle brackets, as an early version of the standard had it."""
        url = self.headers.get("WARC-Target-URI")
        return url.strip("<> ") if url else None

    def read(self, size: int) -> bytes:
        """The next bytes of its content, so many if they are there."""
        if self._left is None:
            parts, got = list[bytes](), 0
            while got < size and (part := self._content.read_to_start(min(size - got, _BLOCK))):
                parts.append(part)
                got += len(part)
            return b"".join(parts)
        data = self._content.read(min(size, self._left))
        self._left -= len(data)
        self._last = data or self._last
        return data

    def finish(self) -> None:
        """Reads to the beginning of the next record; then it is known what of this one is missing or damaged."""
        if self._finished:
            return
        while self.read(_BLOCK):
            pass
        self._finished = True
        runs = self._content.runs
        self.broken_off = isinstance(runs.error, Truncated) and (self._left is None or self._left > 0)
        if self._left != 0 and runs.error and not self.broken_off:
            self.damage = str(runs.error)
        if self._left == 0 and not self._ends_here():
            self._leave_at_next_start()
        self._content.skip_newlines()

    def _ends_here(self) -> bool:
        """True if a record may end at the present place: line feeds or the next record follow."""
        after = self._content.peek(4)
        if not after or (not self.is_arc and after.startswith((b"\r\n\r\n", b"\n\n"))):
            return True
        ahead = self._content.peek(self._start_size).lstrip(b"\r\n\0")
        return not ahead or is_record_start(ahead)

    @property
    def _start_size(self) -> int:
        return ARC_START_SIZE if self.is_arc else START_SIZE

    def _leave_at_next_start(self) -> None:
        """Goes to the next record where this one does not end with its length: that is too long, so that the beginning
        of the next one was read with it, or too short."""
        last = self._last[-_BLOCK:]
        found = find_start(last + self._content.peek(self._start_size), 0, is_arc=self.is_arc)
        if 0 <= found < len(last):
            self.damage = "its content is shorter than it announces"
            self._content.unread(last[found:])
            return
        self.damage = "its content is longer than it announces"
        self._content.skip_to_start(is_arc=self.is_arc)

    @property
    def is_seekable(self) -> bool:
        """True if the file can be read from ``offset`` on: it is not compressed, or the record begins a member."""
        return self.start == 0 or self._content.runs.kind is None

    @property
    def missing(self) -> int:
        """Bytes that it announces and the file does not hold; at least 1 where the file breaks off within it."""
        self.finish()
        return max(self._left or 0, int(self.broken_off or self.is_head_cut))

    @property
    def is_gzip_member(self) -> bool:
        """True if it is by itself in a gzip member of the file: the bytes from ``offset`` to ``end`` are just it."""
        self.finish()
        runs = self._content.runs
        return (
            runs.kind == "gzip" and self.start == 0 and runs.members == 1 and not runs.error and self._content.at_end()
        )

    @property
    def end(self) -> int:
        """Where its member ends in the file."""
        return self._content.runs.end


def read_records(file: BinaryIO) -> Iterator[Record | UnreadableRange]:
    """Every record of a file from its current position on, and every part that cannot be read.

    Raises:
        NotWarc: the file is no WARC file; the message has what it is and what to do.
        OSError: it cannot be read.
    """
    runs = open_runs(file)
    content, unknown, is_arc = RunContent(runs), True, False
    while runs.next():
        content.reset()
        content.skip_newlines()
        if unknown and not content.at_end():
            unknown = False
            _require_warc(content.peek(8192), runs.error)
        count, reported = 0, False
        while not content.at_end():
            begin = runs.offset + content.position
            count += 1
            if record := _parse(content):
                is_arc = record.is_arc
                yield record
                reported = record.missing > 0 or record.damage is not None
            else:
                content.skip_to_start(is_arc=is_arc)
                reported = True
                yield UnreadableRange(begin, str(runs.error or "no record begins here"))
        if runs.error and not reported and not (count == 1 and isinstance(runs.error, Truncated)):
            yield UnreadableRange(
                runs.offset + content.position, str(runs.error)
            )  # of a single complete record only a checksum
    if unknown:
        raise NotWarc("it is damaged, and nothing in it can be read: fetch the file again")


def _parse(content: RunContent) -> Record | None:
    if content.peek(len(RECORD_START)) != RECORD_START:
        return _parse_arc(content)
    head = content.take_head()
    is_cut = head is None and len(content.peek(HEAD_LIMIT)) < HEAD_LIMIT
    if is_cut:
        head = content.read(HEAD_LIMIT)
    if head is None or not (version := _VERSION.match(head)):
        return None
    headers = Headers(parse_fields(head[version.end() :]))
    announced = (headers.get("Content-Length") or "").strip()
    length = int(announced) if announced.isascii() and announced.isdigit() and len(announced) < 16 else None
    record = Record(content, head, headers, length, is_arc=False)
    record.is_head_cut = is_cut
    return record


def _parse_arc(content: RunContent) -> Record | None:
    window = content.peek(8192)
    line = window[: window.find(b"\n") + 1]
    found = arc.parse(line) if line else None
    if found is None:
        return None
    content.read(len(line))
    is_http = found.url.startswith(("http://", "https://")) and content.peek(5) == b"HTTP/"
    headers = Headers(
        [
            ("WARC-Type", "warcinfo" if found.url.startswith("filedesc:") else "response" if is_http else "resource"),
            ("WARC-Target-URI", found.url),
            ("WARC-Date", found.date),
            ("WARC-IP-Address", found.ip),
            ("Content-Type", "application/http; msgtype=response" if is_http else found.content_type),
        ]
    )
    return Record(content, line, headers, found.length, is_arc=True)


def _require_warc(head: bytes, error: Damaged | None) -> None:
    if head.startswith(RECORD_START) or arc.is_arc_line(head + b"\n"):
        return
    if error:
        raise NotWarc(f"it is damaged from its first bytes on ({error}): fetch the file again")
    raise NotWarc(f"it is no WARC file, which begins with a WARC or ARC record, but {describe(head)}")
