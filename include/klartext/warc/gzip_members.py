"""A compressed WARC file as it comes over the network, record by record, in little memory.

Readers of WARC files give a record's content; here its compressed bytes are wanted as they are, of a few records among
very many, from a stream that cannot go back. So the members are only inflated to find their ends.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import cast

from isal import isal_zlib as zlib

_Torn = cast(type[Exception], zlib.error)  # its stubs have it as an instance
_OUT = 1 << 18
_HEAD = 16 * 1024
_MAGIC = b"\x1f\x8b\x08"
LONGEST = 32 * 1024 * 1024
"""Bytes of a compressed record that are kept."""


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """A gzip member as it lies in the file: ``head`` is the begin of what is in it."""

    offset: int
    head: bytes
    data: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Broken:
    """A place that cannot be read; reading goes on with the next member that begins a record."""

    offset: int
    reason: str


def members(chunks: Iterator[bytes], wanted: Callable[[bytes], bool]) -> Iterator[Member | Broken]:
    """The members of which ``wanted`` says so by their head, and the places that are broken. No chunk of
    the file is empty."""
    data, position = next(chunks, b""), 0
    while data:
        unpack = zlib.decompressobj(zlib.MAX_WBITS + 16)
        start, head, keep, size = position, b"", None, 0
        kept: list[bytes] = []
        try:
            while not unpack.eof:
                if not data and not (data := next(chunks, b"")):
                    yield Broken(start, "cut-short")
                    return
                out = unpack.decompress(data, _OUT)
                rest = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
                used = len(data) - len(rest)
                if keep is None:
                    head += out[:_HEAD]
                    if b"\r\n\r\n" in head or len(head) >= _HEAD or unpack.eof:
                        keep = wanted(head)
                if keep is not False and size <= LONGEST:
                    kept.append(data[:used])
                    size += used
                position += used
                data = rest
        except _Torn:
            yield Broken(start, "damaged")
            data, position = _resync(chunks, data, position)
            continue
        if keep:
            if size > LONGEST:
                yield Broken(start, "too-large")
            else:
                yield Member(start, head, b"".join(kept))
        data = data or next(chunks, b"")


def _resync(chunks: Iterator[bytes], data: bytes, position: int) -> tuple[bytes, int]:
    """The bytes from the next member on that holds a WARC record, and where it begins."""
    data, position = data[1:], position + 1
    ended = False
    while True:
        at = data.find(_MAGIC)
        while at >= 0 and (ended or len(data) - at >= 1024):  # a few bytes may begin anything
            if _begins(data[at:]):
                return data[at:], position + at
            at = data.find(_MAGIC, at + 1)
        if ended:
            return b"", position
        more = next(chunks, b"")
        ended = not more
        drop = at if at >= 0 else max(0, len(data) - len(_MAGIC) + 1)
        data, position = data[drop:] + more, position + drop


def _begins(data: bytes) -> bool:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(data[:4096], 64).startswith(b"WARC/")
    except _Torn:
        return False
