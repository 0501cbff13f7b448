from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.chunked import Unchunked, remove_chunks
from klartext.compressed_members import Damaged


@pytest.mark.parametrize(
    ("data", "body", "whole"),
    [
        (b"4\r\nMoin\r\n0\r\n\r\n", b"Moin", True),
        (b"2\r\nMo\r\n2\r\nin\r\n0\r\nX-Sum: 1\r\n\r\n", b"Moin", True),
        (b"4;name=value\r\nMoin\r\n0\r\n", b"Moin", True),
        (b"4   \r\nMoin\r\n0\r\n\r\n", b"Moin", True),
        (b"4\nMoin\n0\n\n", b"Moin", True),
        (b"  4\r\nMoin\r\n 0\r\n\r\n", b"Moin", True),
        (b"0x4\r\nMoin\r\n0x0\r\n\r\n", b"Moin", True),
        (b"4;signature=" + b"a" * 2000 + b"\r\nMoin\r\n0\r\n\r\n", b"Moin", True),
        (b"0\r\n\r\n", b"", True),
        (b"4\r\nMoin\r\n", b"Moin", False),
        (b"4\r\nMoin\r", b"Moin", False),
        (b"4\r\nMoin", b"Moin", False),
        (b"4\r\nMo", b"Mo", False),
        (b"4\r\nMoin\r\n4", b"Moin", False),
        (b"4\r\nMoin\r\n0", b"Moin", True),
        (b"4\r\nMoin\r\n0\r", b"Moin", True),
        (b"4\r\nMoin\r\n00", b"Moin", False),
    ],
)
def test_chunks_are_put_together(data: bytes, body: bytes, whole: bool) -> None:
    assert remove_chunks(data, 1000) == Unchunked(body, whole)


@pytest.mark.parametrize("data", [b"", b"<html>", b"Moin\r\n", b"\r\n4\r\nMoin", b"ab", b"4\r\nMoin, Moin"])
def test_what_never_began_with_a_chunk_is_left_alone(data: bytes) -> None:
    assert remove_chunks(data, 1000) is None


def test_chunks_that_go_on_with_something_else_are_damage() -> None:
    with pytest.raises(Damaged, match="byte 9"):
        remove_chunks(b"4\r\nMoin\r\n<p>weiter</p>", 1000)


def test_the_number_of_chunks_is_bounded() -> None:
    with pytest.raises(Damaged, match="more than"):
        remove_chunks(b"1\r\na\r\n" * 300_000 + b"0\r\n\r\n", 1 << 20)


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6))
def test_whatever_is_in_the_chunks_comes_out(parts: list[bytes]) -> None:
    data = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    assert remove_chunks(data, 1000) == Unchunked(b"".join(parts), True)
