"""A WARC file taken apart by source: every record copied as it is, in one pass, with few files open."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

_OPEN = 64
_PAGES = ("response", "resource")
_COMPANIONS = ("request", "metadata", "revisit")


class ImportFailed(ValueError):
    """The file cannot be imported; the message says what to do."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rec:
    """A record in the file: where it lies, and what it is of. ``whole`` is false for one that the file's end cuts."""

    offset: int
    length: int
    kind: str
    url: str | None
    whole: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Gap:
    """A place that cannot be read, up to the next record that can."""

    offset: int
    detail: str


def check(path: Path) -> bool:
    """Whether the WARC file is compressed. Raises :class:`ImportFailed` for what is no WARC file, OSError."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    if not head:
        raise ImportFailed(f"{path} is empty: name a WARC file")
    packed = head[:2] == b"\x1f\x8b"
    if packed:
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(head)
        except zlib.error as error:
            raise ImportFailed(f"{path} is damaged from its first byte on ({error}): fetch the file anew") from error
    if not head.startswith(b"WARC/"):
        raise ImportFailed(f"{path} is no WARC file: it does not begin with a WARC record (ISO 28500)")
    return packed


def records(file: BinaryIO, size: int, name: str) -> Iterator[Rec | Gap]:
    """The file's records in their order. After a broken place reading goes on with the next gzip member that begins
    a record. Raises :class:`ImportFailed` for a file that is one gzip member over all records."""
    start: int | None = 0
    while start is not None:
        file.seek(start)
        archive = ArchiveIterator(file, no_record_parse=True)
        offset = start
        try:
            for record in archive:
                offset = archive.offset
                headers = record.rec_headers
                kind, url = record.rec_type, headers.get_header("WARC-Target-URI")
                while record.raw_stream.read(1 << 16):
                    pass
                missing = int(record.raw_stream.limit) > 0
                length = archive.get_record_length()
                yield Rec(offset, length, kind, url, whole=not (missing and offset + length >= size))
                offset += length  # where the next one stands, if that cannot be read
            return
        except ArchiveLoadFailed as error:
            if "non-chunked gzip" in str(error):
                raise ImportFailed(
                    f"{name} is one gzip stream over all records, in which no record can be found again: "
                    f"make it anew with `warcio recompress {name} NEW.warc.gz` and import that"
                ) from error
            detail = str(error).strip()
        except (EOFError, OSError, ValueError, zlib.error, AttributeError) as error:
            detail = str(error)
        yield Gap(offset, detail)
        start = _next_member(file, offset + 1)


def _next_member(file: BinaryIO, start: int) -> int | None:
    """Where the next gzip member that holds a WARC record begins."""
    file.seek(start)
    carried, position = b"", start
    while block := file.read(1 << 20):
        data = carried + block
        at = data.find(b"\x1f\x8b\x08")
        while at >= 0:
            with contextlib.suppress(zlib.error):
                if zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(data[at : at + 4096], 64).startswith(b"WARC/"):
                    return position - len(carried) + at
            at = data.find(b"\x1f\x8b\x08", at + 1)
        carried = data[-4096:]
        position += len(block)
    return None


class Parts:
    """Files by source, appended to; the ones used last are open."""

    def __init__(self, place: Callable[[str], Path], first: bytes) -> None:
        self._place, self._first = place, first
        self._open: OrderedDict[str, BinaryIO] = OrderedDict()
        self.paths: dict[str, Path] = {}

    def write(self, slug: str, data: bytes) -> None:
        file = self._open.pop(slug, None)
        if file is None:
            if len(self._open) >= _OPEN:
                self._open.popitem(last=False)[1].close()
            fresh = slug not in self.paths
            path = self.paths.setdefault(slug, self._place(slug))
            file = path.open("wb" if fresh else "ab")
            if fresh:
                file.write(self._first)
        self._open[slug] = file
        file.write(data)

    def close(self) -> None:
        for file in self._open.values():
            file.close()
        self._open.clear()


def member(data: bytes, *, packed: bool) -> bytes:
    """A record's bytes as a gzip member: unchanged if they are one."""
    return data if packed else gzip.compress(data.rstrip(b"\r\n") + b"\r\n\r\n", mtime=0)


def is_page(kind: str) -> bool:
    """Whether a record of this type is, or ought to be, a page; those of the others that go with one are told by
    :func:`is_companion`."""
    return kind in _PAGES or kind not in (*_COMPANIONS, "warcinfo")


def is_companion(kind: str) -> bool:
    return kind in _COMPANIONS
