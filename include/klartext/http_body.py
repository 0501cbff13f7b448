"""Decompression within bounds."""

from __future__ import annotations

import zlib


class TooLarge(Exception):
    """What comes out is longer than the limit."""


class Damaged(Exception):
    """What is there is not what it says it is."""


def inflate(data: bytes, limit: int, *, raw: bool = False) -> bytes:
    """Gzip (of one or more members) or zlib data, or raw deflate, undone; at most ``limit`` bytes.

    Raises :class:`TooLarge` and :class:`Damaged`.
    """
    parts: list[bytes] = []
    room = limit
    while data:
        stream = zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS + 32)
        try:
            part = stream.decompress(data, room + 1)
        except zlib.error as error:
            if parts and not data.startswith(b"\x1f\x8b"):
                break  # padding after the last member
            raise Damaged(str(error)) from error
        if len(part) > room:
            raise TooLarge(f"more than {limit} bytes")
        if not stream.eof:
            raise Damaged("the compressed data ends early")
        parts.append(part)
        room -= len(part)
        data = stream.unused_data
    return b"".join(parts)


def decode(body: bytes, encodings: str, limit: int) -> bytes:
    """A body with its Content-Encoding undone.

    Raises :class:`TooLarge`, and :class:`Damaged` also for an encoding that was not asked for.
    """
    for encoding in reversed([name.strip().lower() for name in encodings.split(",") if name.strip()]):
        if encoding in ("identity", "none") or not body:
            continue
        if encoding in ("gzip", "x-gzip"):
            body = inflate(body, limit)
        elif encoding == "deflate":  # by the standard with zlib's wrapping, by some servers without
            try:
                body = inflate(body, limit)
            except Damaged:
                body = inflate(body, limit, raw=True)
        else:
            raise Damaged(f"the encoding {encoding!r} was not asked for")
    if len(body) > limit:
        raise TooLarge(f"more than {limit} bytes")
    return body
