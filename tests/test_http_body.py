from __future__ import annotations

import gzip
import time
import zlib

import brotli
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from klartext.http_body import Damaged, Incomplete, TooLarge, Truncated, UnknownCoding, decode, decode_payload, inflate
from support.http_bodies import BODIES, GZIP, TEXT, status

LIMIT = 20 << 20


@pytest.mark.parametrize("name", BODIES)
def test_every_body_gives_the_page_or_its_reason(name: str) -> None:
    body = BODIES[name]
    if body.reason is None:
        assert decode_payload(body.payload, body.headers.items(), LIMIT, status(body)) == TEXT
        return
    with pytest.raises((Damaged, TooLarge)) as raised:
        decode_payload(body.payload, body.headers.items(), LIMIT, status(body))
    assert raised.value.reason == body.reason


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
    with pytest.raises(Truncated, match="early"):
        inflate(gzip.compress(b"Ein Satz, der nicht zu Ende geht." * 9)[:-12], 10_000)


def test_what_is_no_gzip_is_damaged() -> None:
    with pytest.raises(Damaged):
        inflate(b"<html>", 100)


@pytest.mark.parametrize(
    ("codings", "body"),
    [
        ("", b"Moin"),
        ("identity", b"Moin"),
        ("br", b"Moin"),
        ("gzip", gzip.compress(b"Moin", mtime=0)),
        ("X-GZIP", gzip.compress(b"Moin", mtime=0)),
        ("deflate", zlib.compress(b"Moin")),
        ("deflate", zlib.compress(b"Moin")[2:-4]),
        ("deflate, gzip", gzip.compress(zlib.compress(b"Moin"), mtime=0)),
        ("gzip;q=1.0", gzip.compress(b"Moin", mtime=0)),
        ("br", brotli.compress(b"Moin")),
        ("zstd", zstd.compress(b"Moin")),
    ],
)
def test_content_codings_are_undone(codings: str, body: bytes) -> None:
    assert decode(body, codings, 100) == b"Moin"


def test_a_plain_body_is_bounded_too() -> None:
    with pytest.raises(TooLarge):
        decode(b"Moin", "", 3)


def test_an_empty_body_has_nothing_to_undo() -> None:
    assert decode(b"", "gzip", 100) == b""


def test_an_unknown_coding_has_a_reason_of_its_own() -> None:
    with pytest.raises(UnknownCoding, match="x-deich"):
        decode(bytes(range(256)), "x-deich", 1000)


@pytest.mark.parametrize(
    ("headers", "payload"),
    [
        ({"Content-Length": str(len(TEXT) + 1)}, TEXT),
        ({"Content-Length": str(len(GZIP)), "Content-Encoding": "gzip"}, GZIP[:-30]),
        ({"Transfer-Encoding": "chunked"}, b"%x\r\n%s" % (len(TEXT) + 1, TEXT)),
        ({"Transfer-Encoding": "chunked"}, b"%x\r\n%s\r\n" % (len(TEXT), TEXT)),
        ({"Content-Length": "12"}, b""),
        ({"Content-Range": f"bytes 0-{len(TEXT) - 1}/{len(TEXT) + 9}"}, TEXT),  # with status 200
    ],
)
def test_less_than_announced_is_no_page(headers: dict[str, str], payload: bytes) -> None:
    with pytest.raises(Incomplete):
        decode_payload(payload, headers.items(), LIMIT)
    if "Content-Encoding" not in headers:
        decode_payload(payload, headers.items(), LIMIT, 404)  # no page is made of it anyway


@pytest.mark.parametrize(("coding", "payload"), [("gzip", GZIP[:-30]), ("gzip", b"\x1f\x8b\x08"), ("x-deich", b"\0\1")])
def test_a_damaged_body_changes_no_status(coding: str, payload: bytes) -> None:
    """A redirect is followed and a missing page is gone, whatever their bodies are."""
    for status_code in (301, 404, 503):
        decode_payload(payload, [("Content-Encoding", coding)], LIMIT, status_code)


CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(TEXT), TEXT)


@pytest.mark.parametrize(
    ("headers", "payload", "code"),
    [
        ({"Content-Length": "12"}, TEXT, 200),  # longer: the length is of a compressed form that was undone
        ({"Content-Length": str(len(TEXT) * 2), "Content-Encoding": "br"}, TEXT, 200),
        ({"Content-Length": str(len(GZIP) + 9), "Content-Encoding": "gzip"}, GZIP, 200),  # it came to its own end
        ({"Content-Length": "9999999", "Transfer-Encoding": "chunked"}, TEXT, 200),
        ({}, CHUNKED, 200),
        ({"Transfer-Encoding": "chunked"}, b"%x\r\n%s\r\n0\r\n\r\n" % (len(CHUNKED), CHUNKED), 200),
        ({"Transfer-Encoding": "gzip, chunked"}, b"%x\r\n%s\r\n0\r\n\r\n" % (len(GZIP), GZIP), 200),
        ({"Content-Range": f"bytes 0-{len(TEXT) - 1}/{len(TEXT)}"}, TEXT, 206),
        ({"Content-Range": f"Bytes=0-{len(TEXT) - 1}/{len(TEXT)}"}, TEXT, 206),
        ({"Content-Length": "zwölf"}, TEXT, 200),
    ],
)
def test_what_is_whole_in_another_way_is_a_page(headers: dict[str, str], payload: bytes, code: int) -> None:
    assert decode_payload(payload, headers.items(), LIMIT, code) == TEXT


def test_time_grows_with_the_length_alone() -> None:
    began = time.process_time()
    for coding, body in {
        "gzip": gzip.compress(b"", mtime=0) * 100_000,
        "zstd": b"\x50\x2a\x4d\x18\0\0\0\0" * 500_000,
        "deflate": b"\0\0\0\xff\xff" * 1_000_000,
        "br": b"\x06" * 1_000_000,
    }.items():
        try:
            decode(body, coding, LIMIT)
        except Damaged:
            continue
    assert time.process_time() - began < 10  # with a copy of the rest for each member it takes minutes


CODINGS = st.lists(st.sampled_from(["gzip", "deflate", "br", "zstd", "identity", "x-deich", "utf-8"]), max_size=5)


@settings(deadline=None)
@given(st.sampled_from(sorted(BODIES)), CODINGS, st.integers(0, 400), st.binary(max_size=12), st.integers(0, 3000))
def test_nothing_raises_anything_else_or_goes_over_its_bound(
    name: str, codings: list[str], at: int, put: bytes, limit: int
) -> None:
    payload = BODIES[name].payload[:4000]
    payload = payload[:at] + put + payload[at + len(put) :]
    headers = [("Content-Encoding", ", ".join(codings)), ("Transfer-Encoding", "chunked")]

    def once() -> bytes | str:
        try:
            return decode_payload(payload, headers, limit)
        except (Damaged, TooLarge) as error:
            return error.reason

    result = once()
    assert once() == result
    assert isinstance(result, str) or len(result) <= limit
