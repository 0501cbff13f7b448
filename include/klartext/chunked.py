"""Removes the chunked transfer coding (RFC 9112, section 7.1), where the body has it."""

from __future__ import annotations

import dataclasses
import re

from klartext.compressed_members import Damaged

SIZE = rb"[ \t]{0,16}(?:0x)?([0-9A-Fa-f]{1,15})[ \t]{0,16}(?:;[^\r\n]{0,8000})?\r?"
"""The line with the size of a chunk, without its line feed."""
_SIZE = re.compile(SIZE + rb"\n")
_CHUNKS = 200_000


@dataclasses.dataclass(frozen=True, slots=True)
class Unchunked:
    """A body without its chunks; ``whole`` is false if the last chunk is missing."""

    body: bytes
    whole: bool


def remove_chunks(data: bytes, limit: int) -> Unchunked | None:
    """The body in the chunks; None for what does not begin with a chunk, whatever its header says.

    Args:
        data: the payload.
        limit: bytes; once the body is longer, the rest is left out.

    Raises:
        Damaged: it begins with chunks and continues with something else.
    """
    parts, size, at = list[bytes](), 0, 0
    for number in range(_CHUNKS):
        head = _SIZE.match(data, at)
        if head is None:
            if at >= len(data) or (number and _is_cut(data[at:])):
                # of the last chunk, which is empty, some servers send no more than its size
                is_last = data[at:] in (b"0", b"0\r")
                return Unchunked(b"".join(parts), is_last) if number else None
            return _not_a_chunk(number, at)
        length, start = int(head[1], 16), head.end()
        if not length:
            return Unchunked(b"".join(parts), True)  # trailer fields may follow
        end = start + length
        parts.append(data[start:end])
        size += len(parts[-1])
        if end > len(data):
            return Unchunked(b"".join(parts), False)
        if size > limit:
            return Unchunked(b"".join(parts), True)
        at = end + (2 if data.startswith(b"\r\n", end) else 1 if data.startswith(b"\n", end) else 0)
        if at == end and end < len(data) and data[end:] != b"\r":
            return _not_a_chunk(number, end)
    raise Damaged(f"more than {_CHUNKS} chunks")


def _is_cut(rest: bytes) -> bool:
    """True for the beginning of a line with a chunk's size."""
    return len(rest) < 1024 and re.fullmatch(rb"[0-9A-Fa-f]{0,15}[ \t]{0,16}(?:;[^\r\n]{0,1000})?\r?", rest) is not None


def _not_a_chunk(number: int, at: int) -> Unchunked | None:
    """None for a body that never began with a chunk. Raises Damaged if chunks were there before."""
    if number:
        raise Damaged(f"no chunk begins at byte {at} of the body, though {number} were there before")
    return None
