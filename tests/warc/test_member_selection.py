from __future__ import annotations

import gzip
from collections.abc import Iterator

from hypothesis import example, given
from hypothesis import strategies as st

from klartext.warc import member_selection as module
from klartext.warc.member_selection import DamagedMember, Member, select_members


def record(number: int, body: bytes = b"Deich") -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <{number}>\r\n\r\n".encode()
    return gzip.compress(head + body * 200 + bytes(str(number), "ascii"), mtime=0)


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def wanted(numbers: set[int]):  # type: ignore[no-untyped-def]
    return lambda head: any(b"<%d>" % number in head for number in numbers)


@given(st.integers(1, 3000), st.sets(st.integers(0, 9)))
def test_members_come_out_as_they_are_however_they_come_in(size: int, numbers: set[int]) -> None:
    parts = [record(number) for number in range(10)]
    found = list(select_members(cut(b"".join(parts), size), wanted(numbers)))
    assert [member.data for member in found if isinstance(member, Member)] == [parts[n] for n in sorted(numbers)]
    assert [member.offset for member in found] == [sum(map(len, parts[:n])) for n in sorted(numbers)]


@given(st.integers(50, 3000), st.binary(min_size=1, max_size=200))
@example(50, b"\x1f\x8b\x08")  # it looks like the begin of a member, right before the last one
def test_what_stands_around_a_broken_place_is_not_lost(size: int, rubbish: bytes) -> None:
    first, second, third = (record(n) for n in range(3))
    broken = second[:40] + bytes([second[40] ^ 255]) + second[41:]
    found = list(select_members(cut(first + broken + rubbish + third, size), wanted({0, 2})))
    assert [member.data for member in found if isinstance(member, Member)] == [first, third]
    assert any(isinstance(member, DamagedMember) and member.offset == len(first) for member in found)


def test_a_file_that_ends_early_says_so() -> None:
    whole = record(0) + record(1)
    found = list(select_members(cut(whole[:-7], 100), wanted({0, 1})))
    assert [type(item) for item in found] == [Member, DamagedMember]
    assert found[1] == DamagedMember(len(record(0)), "cut-short")


def test_a_record_of_a_hundred_megabytes_is_not_held(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(module, "LONGEST", 50_000)
    bomb = record(0, b"a" * 300_000)
    [refused, after] = select_members(cut(bomb + record(1), 9_000), wanted({0, 1}))
    assert refused == DamagedMember(0, "too-large")
    assert isinstance(after, Member)


def test_nothing_is_no_member() -> None:
    assert list(select_members(iter(()), lambda head: True)) == []
