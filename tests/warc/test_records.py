from __future__ import annotations

import functools
import gzip as gzip_module
import io
import time
import zlib
from pathlib import Path

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from klartext.warc.compression import NotWarc
from klartext.warc.records import Record, UnreadableRange, read_records
from support import warc_files

compress = functools.partial(gzip_module.compress, mtime=0)  # the same names of tests in every process


def record(number: int, content: bytes = b"Deich", *, newline: bytes = b"\r\n", length: str | None = None) -> bytes:
    """A record by itself; ``length`` is what it announces, empty for nothing."""
    announced = str(len(content)) if length is None else length
    lines = [b"WARC/1.0", b"WARC-Type: response", b"WARC-Target-URI: http://a.de/%d" % number]
    lines += [b"Content-Length: " + announced.encode()] if announced else []
    return newline.join([*lines, b"", content, b"", b""])


def seen(data: bytes) -> list[tuple[str, bytes] | str]:
    """Address and content of each record, and ``gap`` for each place that cannot be read."""
    found: list[tuple[str, bytes] | str] = []
    for item in read_records(io.BytesIO(data)):
        if isinstance(item, UnreadableRange):
            found.append("gap")
        else:
            content = item.read(100)
            cut = f"-{item.missing}" if item.missing else ""
            found.append((f"{(item.url or '')[-1:]}{cut}{'!' if item.damage else ''}", content))
    return found


PARTS = [record(number) for number in range(3)]
WHOLE = b"".join(PARTS)
ALL = [(str(number), b"Deich") for number in range(3)]
DICTIONARY = zstd.train_dict([record(n, b"Deich und Sturm %d" % n * 9) for n in range(300)], 1000)


def with_dictionary(dictionary: bytes) -> bytes:
    frames = [zstd.compress(part, zstd_dict=DICTIONARY) for part in PARTS]
    return b"\x5d\x2a\x4d\x18" + len(dictionary).to_bytes(4, "little") + dictionary + b"".join(frames)


FORMS = {
    "plain": WHOLE,
    "a member for each record": b"".join(map(compress, PARTS)),
    "one member over all": compress(WHOLE),
    "members cut anywhere": compress(WHOLE[:50]) + compress(WHOLE[50:200]) + compress(WHOLE[200:]),
    "empty members between": compress(b"").join(map(compress, PARTS)),
    "zeros between": bytes(700).join(map(compress, PARTS)) + bytes(9000),
    "a frame for each record": b"".join(map(zstd.compress, PARTS)),
    "one frame over all": zstd.compress(WHOLE),
    "a dictionary": with_dictionary(DICTIONARY.dict_content),
    "a compressed dictionary": with_dictionary(zstd.compress(DICTIONARY.dict_content)),
    "line feeds alone": b"".join(record(n, newline=b"\n") for n in range(3)),
    "no lengths": b"".join(record(n, length="") for n in range(3)),
    "no lengths, a member each": b"".join(compress(record(n, length="")) for n in range(3)),
    "a length that is none": b"".join(record(n, length="-5") for n in range(3)),
    "blank lines before": b"\r\n\r\n" + WHOLE,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_file_gives_its_records(form: str) -> None:
    assert seen(FORMS[form]) == ALL


def broken(data: bytes) -> bytes:
    return data[:30] + bytes(byte ^ 255 for byte in data[30:34]) + data[34:]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (compress(PARTS[0]) + broken(compress(PARTS[1])) + compress(PARTS[2]), [ALL[0], "gap", ALL[2]]),
        (compress(PARTS[0]) + b"\x1f\x8b\x08xyz" + compress(PARTS[2]), [ALL[0], "gap", ALL[2]]),
        (zstd.compress(PARTS[0]) + b"xyz" + zstd.compress(PARTS[2]), [ALL[0], "gap", ALL[2]]),
        (PARTS[0] + b"Unfug\r\n\r\n" + PARTS[2], [ALL[0], "gap", ALL[2]]),
        (WHOLE[:-7], [*ALL[:2], ("2-3", b"De")]),
        (record(0, length="3") + PARTS[1], [("0!", b"Dei"), ALL[1]]),
        (record(0, length="13") + PARTS[1], [("0!", b"Deich\r\n\r\nWARC"), ALL[1]]),
        (record(0, length="3") + b"xyz", [("0!", b"Dei")]),
        (PARTS[0] + bytes(600) + PARTS[1], [ALL[0], "gap", ALL[1]]),  # zeros are no line feeds
        (record(0, length="3").replace(b"Deich", b"Dei\nch") + PARTS[1], [("0!", b"Dei"), ALL[1]]),
        (record(0, length="").removesuffix(b"\r\n\r\n") + PARTS[1], ALL[:2]),
        (record(0, length="").replace(b"Deich", b"\nWARC/1.0\n") + PARTS[1], [("0", b"\nWARC/1.0"), ALL[1]]),
        (PARTS[0] + b"\0" + PARTS[1], ALL[:2]),
        (compress(PARTS[0] + b"\0") + compress(PARTS[1] + b"\0"), ALL[:2]),
        (compress(record(0, length="90")) + compress(PARTS[1]), [("0-81", b"Deich\r\n\r\n"), ALL[1]]),
        (compress(PARTS[0])[:-3], [ALL[0]]),  # all of it is there but the checksum
        (compress(PARTS[0]) + compress(WHOLE[:-4])[:-3], [ALL[0], *ALL, "gap"]),
    ],
)
def test_a_broken_place_ends_nothing(data: bytes, expected: list[object]) -> None:
    assert seen(data) == expected


def test_a_record_of_a_member_can_be_copied() -> None:
    data = b"".join(map(compress, PARTS))
    ranges = [
        (r.offset, r.end)
        for r in read_records(io.BytesIO(data))
        if not isinstance(r, UnreadableRange) and r.is_gzip_member
    ]
    assert [gzip_module.decompress(data[begin:end]) for begin, end in ranges] == PARTS
    for form in ("plain", "one member over all", "members cut anywhere", "a frame for each record"):
        assert not any(
            r.is_gzip_member for r in read_records(io.BytesIO(FORMS[form])) if not isinstance(r, UnreadableRange)
        )


def test_records_of_an_arc_file() -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    first = b"filedesc://x.arc 0.0.0.0 20240515100000 text/plain 2\n1 \n\n"
    one = b"http://a.de/1 192.0.2.1 20240515100000 text/html %d\n%sDeich\n" % (len(head) + 5, head)
    two = b"http://a.de/ein Blatt/2 192.0.2.1 20240515100000 text/html 200 - - 0 x.arc %d\n%sDeich\n" % (
        len(head) + 5,
        head,
    )
    for data in (first + one + two, b"".join(map(compress, (first, one, two))), compress(first + one + two)):
        found = list(read_records(io.BytesIO(data)))
        assert not any(isinstance(item, UnreadableRange) for item in found)
        kinds = [
            (r.type, (r.url or "")[-2:], r.headers.get("WARC-Date"))
            for r in found
            if not isinstance(r, UnreadableRange)
        ]
        assert kinds == [
            ("warcinfo", "rc", "20240515100000"),
            ("response", "/1", "20240515100000"),
            ("response", "/2", "20240515100000"),
        ]


@pytest.mark.parametrize("wrong", [-5, -3, 9, 30])
def test_a_record_of_an_arc_file_with_a_wrong_length_is_damaged(wrong: int) -> None:
    content = b"HTTP/1.1 200 OK\r\n\r\nDeich\nDeich"
    lines = [
        b"http://a.de/%d 192.0.2.1 20240515100000 text/html %d\n%s\n" % (n, len(content) + off, content)
        for n, off in enumerate((wrong, 0, 0))
    ]
    found = [r for r in read_records(io.BytesIO(b"".join(lines))) if not isinstance(r, UnreadableRange)]
    damaged = [(r.url, bool(r.finish() or r.damage)) for r in found]
    assert damaged == [("http://a.de/0", True), ("http://a.de/1", False), ("http://a.de/2", False)]


def test_a_long_record_without_a_length_takes_linear_time() -> None:
    data = record(0, length="").replace(b"Deich", b"WARC/1.0\r\n\r\n" * 4_000_000) + PARTS[1]
    began = time.process_time()
    sizes = [len(item.read(64 << 20)) for item in read_records(io.BytesIO(data)) if isinstance(item, Record)]
    assert sizes == [48_000_000 - 4, 5]
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"<html>", "no WARC file.*HTML"),
        (compress(b"<html>"), "no WARC file.*HTML"),
        (b"PK\x03\x04....", "WACZ"),
        (b"BZh9....", "bzip2 -d"),
        (b"\xfd7zXZ\0...", "xz -d"),
        (b" CDX N b a", "index"),
        (compress(compress(WHOLE)), "compressed twice"),
        (zstd.compress(compress(WHOLE)), "compressed twice"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull"),
        (b"a.warc".ljust(257, b"\0") + b"ustar", "tar archive"),
        (compress(b""), "damaged"),
        (b"\x1f\x8b\x08\x00", "damaged"),
    ],
)
def test_what_is_no_warc_file_says_what_it_is(data: bytes, says: str) -> None:
    with pytest.raises(NotWarc, match=says):
        list(read_records(io.BytesIO(data)))


def test_a_hundred_thousand_empty_members_take_no_time_of_note() -> None:
    began = time.process_time()
    assert seen(compress(b"") * 100_000 + compress(PARTS[0])) == ALL[:1]
    assert seen(PARTS[0] + b"Unfug\n" * 300_000 + PARTS[1]) == [ALL[0], "gap", ALL[1]]
    assert time.process_time() - began < 20


@settings(deadline=None)
@given(st.sampled_from(sorted(FORMS)), st.integers(0, 400), st.integers(0, 20), st.binary(max_size=20))
def test_nothing_raises_anything_else(form: str, at: int, drop: int, put: bytes) -> None:
    data = FORMS[form]
    at = min(at, len(data))
    data = data[:at] + put + data[at + drop :]

    def once() -> object:
        try:
            return seen(data)
        except NotWarc as error:
            return str(error)

    assert once() == once()


def test_what_zlib_writes_is_read() -> None:
    packer = zlib.compressobj(0, zlib.DEFLATED, 31)
    assert seen(packer.compress(WHOLE) + packer.flush()) == ALL


class Slow(io.BytesIO):
    """A file that gives a few bytes at each read."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self.size = size

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.size)


@pytest.mark.parametrize("size", [7, 13, 29, 64, 100, 1000])
def test_records_are_the_same_whatever_the_size_of_the_blocks_that_are_read(size: int, tmp_path: Path) -> None:
    pages = [(f"https://www.zeit.de/politik/2016-08/{n}", f"<h1>{n}</h1>" * n) for n in range(1, 30)]
    data = warc_files.write(tmp_path / "x.warc.gz", pages).read_bytes()
    expected = [(item.offset, item.url) for item in read_records(io.BytesIO(data)) if isinstance(item, Record)]
    assert len(expected) == len(pages)
    found = [(item.offset, item.url) for item in read_records(Slow(data, size)) if isinstance(item, Record)]
    assert found == expected
    for offset, url in expected:
        one = next(read_records(io.BytesIO(data[offset:])))
        assert isinstance(one, Record)
        assert one.url == url
