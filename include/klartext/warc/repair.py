"""WARC files that a killed process left behind: whole records stay, a record that was being written is cut off."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from klartext.compressed_members import Damaged, MemberReader

_CHUNK = 1 << 20
_HEAD = 4096


def repair_file(path: Path) -> int:
    """Cuts off what follows the last whole gzip member; returns the number of responses and revisits that stay.

    Raises OSError.
    """
    with path.open("r+b") as file:
        end, responses = end_of_whole_members(file)
        file.truncate(end)
    return responses


def end_of_whole_members(file: BinaryIO) -> tuple[int, int]:
    """Where the last whole gzip member of a file ends, and the number of responses and revisits up to there."""
    whole, responses = 0, 0
    members = MemberReader(lambda: file.read(_CHUNK))
    try:
        while members.next():
            head = b""
            while part := members.read():
                head += part[: _HEAD - len(head)]
            whole = members.position
            fields = head.partition(b"\r\n\r\n")[0] + b"\r"
            responses += b"\nWARC-Type: response\r" in fields or b"\nWARC-Type: revisit\r" in fields
    except Damaged:
        pass
    return whole, responses
