"""Answers that do not keep to what HTTP says: they stall, drip, lie about their length, hang up, flood.

What is large is made while it is sent: nothing here takes more than a few hundred kilobytes.
"""

from __future__ import annotations

import contextlib
import struct
import time
import zlib
from typing import TYPE_CHECKING

from newsroom.hostile.answers import PARAGRAPH, Page, page, send

if TYPE_CHECKING:
    from newsroom.http_server import Handler

HUGE = 50 * 1024 * 1024
DRIPS = 600
STALL = 60.0
"""Seconds for which nothing comes."""
ZEROS = 10_000 * 2**20
_CRC = 0x10117528  # of so many zeros; to compute it takes ten seconds


def _chunks(handler: Handler, chunks: int, chunk: bytes, pause: float = 0.0) -> None:
    for _ in range(chunks):
        handler.wfile.write(chunk)
        if pause:
            handler.wfile.flush()
            time.sleep(pause)


def huge(handler: Handler) -> None:
    """Sends a page of :data:`HUGE` bytes."""
    start, chunk = page("")[:-24].encode(), (PARAGRAPH * 100).encode()
    count = HUGE // len(chunk) + 1
    send(handler, start, length=len(start) + count * len(chunk))
    _chunks(handler, count if handler.command == "GET" else 0, chunk)


def _packed(handler: Handler, byte: bytes, size: int, crc: int) -> None:
    """So many times the same byte as gzip: one packed megabyte, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(byte * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.flush() + struct.pack("<II", crc, size % 2**32)
    head, count = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff", size // 2**20
    send(handler, head, length=len(head) + count * len(block) + len(end), Content_Encoding="gzip")
    with contextlib.suppress(OSError):
        _chunks(handler, count if handler.command == "GET" else 0, block)
        handler.wfile.write(end)


def gzip_bomb(handler: Handler) -> None:
    """A hundred megabytes of one letter, packed into a hundred kilobytes."""
    _packed(handler, b"a", 100 * 2**20, zlib.crc32(b"a" * 100 * 2**20))


def zeros(handler: Handler) -> None:
    """Ten thousand megabytes of zeros, packed into ten."""
    _packed(handler, b"\0", ZEROS, _CRC)


def drip(handler: Handler) -> None:
    """Ten bytes a second, for ten minutes unless the client hangs up."""
    start = page("").encode()
    send(handler, start, length=len(start) + 10 * DRIPS)
    _chunks(handler, DRIPS if handler.command == "GET" else 0, b"<!-- m -->", pause=1.0)


def stall(handler: Handler) -> None:
    """Sends nothing for :data:`STALL` seconds."""
    time.sleep(STALL)


def raw(data: bytes, then: float = 0.0) -> Page:
    """Sends bytes that may be no HTTP, and hangs up, after a while if that is given."""

    def answer(handler: Handler) -> None:
        handler.close_connection = True
        if data:
            handler.wfile.write(data)
            handler.wfile.flush()
        time.sleep(then)

    return answer


def cut_off(handler: Handler) -> None:
    """Says 5,000 bytes, sends a few and hangs up."""
    send(handler, b"<p>halb", length=5000)
    handler.close_connection = True


_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
PAGES: dict[str, Page] = {
    "/huge.html": huge,
    "/gzip-bomb.html": gzip_bomb,
    "/zeros.html": zeros,
    "/drip.html": drip,
    "/stall.html": stall,
    "/stall-head.html": raw(_OK + b"Content-", then=STALL),
    "/truncated.html": cut_off,
    "/hang-up.html": raw(b""),
    "/more-than-said.html": raw(_OK + b"Content-Length: 4\r\n\r\nHalbeine ganze Seite"),
    "/negative-length.html": raw(_OK + b"Content-Length: -1\r\n\r\n"),
    "/no-http.html": raw(b"220 beispiel.de ESMTP\r\n"),
}
