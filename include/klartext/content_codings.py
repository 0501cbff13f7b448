"""Decoders of the content codings of HTTP, each within a bound of size: gzip, deflate, Brotli and Zstandard.

:mod:`klartext.http_body` decides which of them a body needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import brotli
from isal import isal_zlib

from klartext.compressed_members import GZIP_MAGIC, ZSTD_MAGIC, Damaged, IsalError, Kind, MemberReader, Truncated

_MEMBERS = 10_000
_RATIO, _ALWAYS = 1000, 4 << 20
"""Largest ratio of a decoded body to the compressed one, and bytes up to which the ratio does not matter."""
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_BEFORE = b"\r\n\t \xef\xbb\xbf"  # what scripts print before the compressed page by mistake
_SKIPPABLE = tuple(bytes([0x50 + n, 0x2A, 0x4D, 0x18]) for n in range(16))


class TooLarge(Exception):
    """The body would be longer than the limit, or than its compressed form allows."""

    reason = "too-large"


def inflate(data: bytes, limit: int) -> bytes:
    """Decodes gzip data of one or more members; what follows the last member is ignored.

    Raises:
        TooLarge: there are more than ``limit`` bytes in it.
        Truncated: it ends early.
        Damaged: it is no gzip data, or broken.
    """
    start = len(data[:16]) - len(data[:16].lstrip(_BEFORE))
    data = data[start:] if data.startswith(GZIP_MAGIC, start) else data
    if not data.startswith(GZIP_MAGIC[:2]):
        raise Damaged("not gzip data: it begins with other bytes")
    return _members(data, "gzip", limit)


def is_text(body: bytes) -> bool:
    """True if the body begins as text does: compressed data has control characters soon."""
    head = body[:2048]
    if head.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return True
    if head.lstrip()[:1] in (b"<", b"{", b"["):
        return len(_CONTROL.findall(head)) <= len(head) // 50
    if _CONTROL.search(head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:  # a character cut at the end of the sample is no error
        if error.start < len(head) - 3 or len(body) <= 2048:
            letters = sum(byte < 0x80 for byte in head)
            return len(head) >= 64 and letters > 0.7 * len(head)  # Latin-1 and the like
    return True


def _members(data: bytes, kind: Kind, limit: int) -> bytes:
    """The content of all members."""
    room = min(limit, max(_ALWAYS, _RATIO * len(data)))
    parts, size = list[bytes](), 0
    chunks = iter([data])
    reader = MemberReader(lambda: next(chunks, b""), kind)
    magic = (GZIP_MAGIC[:2],) if kind == "gzip" else (ZSTD_MAGIC, *_SKIPPABLE)
    count = 0
    while not count or reader.peek(4).startswith(magic):
        if count == _MEMBERS:
            raise Damaged(f"more than {_MEMBERS} {kind} members")
        count += 1
        try:
            reader.next()
            while part := reader.read(min(1 << 20, room - size + 1)):
                parts.append(part)
                size += len(part)
                if size > room:
                    raise TooLarge(f"more than {room} bytes, of {len(data)} compressed ones")
        except Truncated:
            if kind == "gzip" and _lacks_trailer(data[reader.offset :], room):
                break  # all content is there: only the checksum behind it is not
            raise
    return b"".join(parts)


def _gzip(data: bytes, limit: int) -> bytes:
    return inflate(data, limit)


def _zstd(data: bytes, limit: int) -> bytes:
    if not data.startswith((ZSTD_MAGIC, *_SKIPPABLE)):
        raise Damaged("not Zstandard data: it begins with other bytes")
    return _members(data, "zstd", limit)


def _lacks_trailer(member: bytes, limit: int) -> bool:
    """True if a gzip member lacks no more than its last eight bytes."""
    flags, at = member[3] if len(member) > 10 else 0, 10
    if flags & 4:
        at += 2 + int.from_bytes(member[at : at + 2], "little")
    for flag in (8, 16):
        if flags & flag:
            at = member.find(b"\0", at) + 1
            if not at:
                return False
    at += 2 if flags & 2 else 0
    try:
        _inflate(member[at:], -isal_zlib.MAX_WBITS, limit)
    except Damaged:
        return False
    return True


def has_zlib_header(data: bytes) -> bool:
    """True if the bytes begin with a header of RFC 1950."""
    return len(data) > 2 and data[0] & 15 == 8 and data[0] >> 4 < 8 and int.from_bytes(data[:2], "big") % 31 == 0


def _deflate(data: bytes, limit: int) -> bytes:
    """By the standard with zlib's header and checksum, by some servers without."""
    if has_zlib_header(data):
        try:
            return _inflate(data, isal_zlib.MAX_WBITS, limit)
        except Truncated:
            return _inflate(data[2:], -isal_zlib.MAX_WBITS, limit)  # all may be there but the checksum
        except Damaged:
            pass
    elif is_text(data):
        raise Damaged("not deflate data, but text")
    return _inflate(data, -isal_zlib.MAX_WBITS, limit)


def _inflate(data: bytes, window: int, limit: int) -> bytes:
    room = min(limit, max(_ALWAYS, _RATIO * len(data)))
    stream = isal_zlib.decompressobj(window)
    parts, size = list[bytes](), 0
    try:
        while not stream.eof and data:
            part = stream.decompress(data, room - size + 1)
            size += len(part)
            if size > room:
                raise TooLarge(f"more than {room} bytes")
            parts.append(part)
            data = stream.unconsumed_tail
    except (IsalError, ValueError, EOFError) as error:
        raise Damaged(f"no valid deflate data: {error}") from error
    if not stream.eof:
        raise Truncated("the deflate data ends early")
    return b"".join(parts)


def _brotli(data: bytes, limit: int) -> bytes:
    room = min(limit, max(_ALWAYS, _RATIO * len(data)))
    stream, parts, size = brotli.Decompressor(), list[bytes](), 0

    def take(given: bytes) -> None:
        nonlocal size
        while True:
            part = stream.process(given, output_buffer_limit=1 << 20)
            parts.append(part)
            size += len(part)
            if size > room:
                raise TooLarge(f"more than {room} bytes, of {len(data)} compressed ones")
            if stream.can_accept_more_data():
                return
            given = b""

    step, at = 1 << 12, 0
    try:
        while at < len(data) and not stream.is_finished():
            take(data[at : at + step])
            at += step
    except brotli.error as error:
        if not _ends_within(data, at, step):
            raise Damaged(f"no valid Brotli data: {error}") from error
        return _brotli(data[: _ends_within(data, at, step)], limit)
    if not stream.is_finished():
        raise Truncated("the Brotli data ends early")
    return b"".join(parts)


def _ends_within(data: bytes, at: int, step: int) -> int:
    """Where a Brotli stream ends that is followed by something else within some bytes; 0 if it does not end there.

    The library does not say where the stream ended: so these bytes are given to it one by one."""
    stream = brotli.Decompressor()
    try:
        stream.process(data[:at])
        for end in range(at, min(at + step, len(data))):
            stream.process(data[end : end + 1])
            if stream.is_finished():
                return end + 1
    except brotli.error:
        pass
    return 0


DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
"""The function that decodes a body of a coding into at most ``limit`` bytes. Raises TooLarge, Truncated and Damaged."""
