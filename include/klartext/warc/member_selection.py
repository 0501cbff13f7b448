"""Selects records from a compressed WARC file that is streamed over the network, as they are, in little memory.

Readers of WARC files return a record's content. Here the compressed bytes of a few records among very many are needed,
from a stream that cannot seek. So members are only decompressed to find their ends.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from klartext.compressed_members import Damaged, MemberReader, Truncated
from klartext.warc.compression import is_record_start

_HEAD = 16 * 1024
LONGEST = 32 * 1024 * 1024
"""Bytes of a compressed record that are kept."""


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """A gzip member: ``offset`` in the file, ``head`` (the beginning of its content), and ``data`` (compressed)."""

    offset: int
    head: bytes
    data: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class DamagedMember:
    """A part that cannot be read, with a stable reason. The next member that begins a record is read."""

    offset: int
    reason: str


def select_members(chunks: Iterator[bytes], is_wanted: Callable[[bytes], bool]) -> Iterator[Member | DamagedMember]:
    """The members whose head is wanted, and the parts that are damaged.

    Args:
        chunks: the bytes of a gzip file, no chunk empty.
        is_wanted: is given the head of each record, up to its blank line or 16 kB.
    """
    members = MemberReader(lambda: next(chunks, b""), keep=LONGEST)
    is_begun = False
    while True:
        try:
            if not is_begun and not members.next():
                return
            is_begun = False
            head = members.read()[:_HEAD]
            while b"\r\n\r\n" not in head and len(head) < _HEAD and (part := members.read()):
                head += part[: _HEAD - len(head)]
            if not is_wanted(head):
                members.forget()
                continue
            while members.read():
                pass
        except Damaged as error:
            yield DamagedMember(members.offset, "cut-short" if isinstance(error, Truncated) else "damaged")
            if not members.resume(is_record_start):
                return
            is_begun = True
            continue
        kept = members.kept
        yield DamagedMember(members.offset, "too-large") if kept is None else Member(members.offset, head, kept)
