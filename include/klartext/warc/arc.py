"""The line that begins a record of an ARC file, the format before WARC (Internet Archive, 1996; versions 1 and 2)."""

from __future__ import annotations

import dataclasses

_LONGEST = 8192


@dataclasses.dataclass(frozen=True, slots=True)
class ArcLine:
    """What the line says: address, address of the server, 14 digits of time (UTC), media type, bytes that follow."""

    url: str
    ip: str
    date: str
    content_type: str
    length: int


def parse(line: bytes) -> ArcLine | None:
    """The fields of an ARC record's line; None for any other line. The address may have blanks in it."""
    parts = line.rstrip(b"\r\n").split(b" ")
    if len(parts) < 5 or not parts[-1].isdigit() or len(parts[-1]) > 15 or b":" not in parts[0][:12]:
        return None
    for at in range(len(parts) - 3, 1, -1):
        if parts[at].isdigit() and len(parts[at]) in (8, 12, 14, 17):
            return ArcLine(
                url=b" ".join(parts[: at - 1]).decode("utf-8", "replace"),
                ip=parts[at - 1].decode("ascii", "replace"),
                date=parts[at][:14].decode(),
                content_type=parts[at + 1].decode("latin-1"),
                length=int(parts[-1]),
            )
    return None


def is_arc_line(data: bytes) -> bool:
    """True if the bytes begin with the line of an ARC record."""
    end = data.find(b"\n", 0, _LONGEST)
    return end > 0 and data[:1].isalpha() and parse(data[:end]) is not None
