from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.http_body import Damaged, TooLarge, decode, inflate


@given(st.lists(st.binary(max_size=500), min_size=1, max_size=4))
def test_members_come_out_one_after_another(parts: list[bytes]) -> None:
    packed = b"".join(gzip.compress(part) for part in parts)
    whole = b"".join(parts)
    assert inflate(packed, len(whole)) == whole
    if whole:
        with pytest.raises(TooLarge):
            inflate(packed, len(whole) - 1)


def test_a_bomb_is_not_unpacked_beyond_the_limit() -> None:
    with pytest.raises(TooLarge):
        inflate(gzip.compress(bytes(50_000_000)), 1000)


def test_data_that_ends_early_is_damaged() -> None:
    with pytest.raises(Damaged, match="early"):
        inflate(gzip.compress(b"Ein Satz, der nicht zu Ende geht." * 9)[:-12], 10_000)


def test_padding_after_the_last_member_is_no_damage() -> None:
    assert inflate(gzip.compress(b"Deich") + bytes(20), 100) == b"Deich"


def test_what_is_no_gzip_is_damaged() -> None:
    with pytest.raises(Damaged):
        inflate(b"<html>", 100)


@pytest.mark.parametrize(
    ("encodings", "body"),
    [
        ("", b"Moin"),
        ("identity", b"Moin"),
        ("gzip", gzip.compress(b"Moin", mtime=0)),
        ("X-GZIP", gzip.compress(b"Moin", mtime=0)),
        ("deflate", zlib.compress(b"Moin")),
        ("deflate", zlib.compress(b"Moin")[2:-4]),
        ("deflate, gzip", gzip.compress(zlib.compress(b"Moin"), mtime=0)),
    ],
)
def test_content_encodings_are_undone(encodings: str, body: bytes) -> None:
    assert decode(body, encodings, 100) == b"Moin"


def test_an_encoding_that_was_not_asked_for_is_damage() -> None:
    with pytest.raises(Damaged, match="br"):
        decode(b"Moin", "br", 100)


def test_a_plain_body_is_bounded_too() -> None:
    with pytest.raises(TooLarge):
        decode(b"Moin", "", 3)


def test_an_empty_body_has_nothing_to_undo() -> None:
    assert decode(b"", "gzip", 100) == b""
