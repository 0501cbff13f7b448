"""Removes records from a WARC file without moving the others.

Rows name captures by file and offset, so the file must not become shorter: a record is replaced by a gzip member of
the same length: a ``metadata`` record (ISO 28500) that states that something was taken down, and not what.
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Callable, Collection
from typing import BinaryIO

from klartext.warc.records import UnreadableRange, read_records

_CONTENT = b"reason: taken-down\r\n"
_HEAD = (
    "WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:{id}>\r\nWARC-Date: 1970-01-01T00:00:00Z\r\n"
    "Content-Type: application/warc-fields\r\nContent-Length: {length:010}\r\n\r\n"
)
_GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_BLOCK = 0xFFFF  # bytes that a stored block of deflate can hold (RFC 1951)
_END = b"\r\n\r\n"


def find_records(
    stream: BinaryIO, offsets: Collection[int], is_of: Callable[[str | None], bool]
) -> list[tuple[int, int]]:
    """Offset and length of the records at some offsets, and of all others whose address ``is_of`` matches: requests,
    metadata, revisits. What was removed before is not among them.

    Raises ValueError for a file that is broken or has records that are no gzip members of their own.
    """
    found = []
    for record in read_records(stream):
        if isinstance(record, UnreadableRange):
            raise ValueError(f"the WARC file is broken at byte {record.offset}: {record.detail}")
        if is_of(record.url) or (record.url and record.offset in offsets):
            if not record.is_gzip_member:
                raise ValueError(f"the record at byte {record.offset} is no gzip member of its own")
            found.append((record.offset, record.end - record.offset))
    return found


def replacement(length: int, place: str) -> bytes:
    """A gzip member of exactly ``length`` bytes with a record without content. The same ``place`` gives the same bytes.

    Raises ValueError if that is less than a record needs.
    """
    blocks = 1
    while (size := length - len(_GZIP) - 8 - 5 * blocks) > _BLOCK * blocks:
        blocks += 1
    head = _HEAD.format(id=uuid.uuid5(uuid.NAMESPACE_OID, place), length=0).encode()
    if (room := size - len(head) - len(_END)) < 0:
        return _short(length, head)
    content = _CONTENT.ljust(room) if room >= len(_CONTENT) else b" " * room
    record = head.replace(b"%010d" % 0, b"%010d" % room) + content + _END
    return _GZIP + _stored(record, blocks) + _checks(record)


def _stored(data: bytes, blocks: int) -> bytes:
    """The data in so many blocks as they are, the last one marked as such."""
    out = []
    for number in range(blocks):
        part = data[number * _BLOCK : (number + 1) * _BLOCK]
        size = len(part).to_bytes(2, "little")
        out += [bytes([number == blocks - 1]), size, bytes(255 - byte for byte in size), part]
    return b"".join(out)


def _short(length: int, head: bytes) -> bytes:
    """A record that has to be compressed itself; what is left over goes into the header's extra field (RFC 1952)."""
    record = head + _END
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(record) + packer.flush() + _checks(record)
    room = length - len(_GZIP) - 2 - len(packed)
    if room < 0:
        raise ValueError(f"no record of {length} bytes can be made")
    return _GZIP[:3] + b"\x04" + _GZIP[4:] + room.to_bytes(2, "little") + bytes(room) + packed


def _checks(record: bytes) -> bytes:
    return zlib.crc32(record).to_bytes(4, "little") + len(record).to_bytes(4, "little")
