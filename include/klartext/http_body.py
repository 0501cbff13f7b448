"""HTTP bodies with their codings undone, within bounds: one decoder for the crawler and for WARC files.

Servers and capturing tools are sloppy, so what a header declares is tried and not believed: a coding that is not there
is passed over, one that is there under another name is undone. What is undone is bounded in size, in its ratio to what
was served, in the number of codings, members and chunks, and so in time.

Codings: ``gzip`` (RFC 1952, several members, something behind the last one), ``deflate`` (RFC 1950, and RFC 1951 as
some servers send it), ``br`` (RFC 7932), ``zstd`` (RFC 8878), and ``chunked`` (RFC 9112, section 7.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import brotli
from isal import isal_zlib

from klartext.chunked import remove_chunks
from klartext.compressed_members import GZIP_MAGIC, ZSTD_MAGIC, Damaged, IsalError, Kind, MemberReader, Truncated

__all__ = [
    "ACCEPT_ENCODING",
    "Damaged",
    "Incomplete",
    "TooLarge",
    "Truncated",
    "UnknownCoding",
    "decode",
    "decode_payload",
    "inflate",
]

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
"""What a client that decodes with this module may ask for."""

_CODINGS = 4
_MEMBERS = 10_000
_RATIO, _ALWAYS = 1000, 4 << 20
"""A body may become so many times as long as it was; up to so many bytes the ratio does not matter."""
_NAMES = {
    "gzip": "gzip", "x-gzip": "gzip", "gz": "gzip", "deflate": "deflate", "x-deflate": "deflate", "zlib": "deflate",
    "br": "br", "brotli": "br", "x-brotli": "br", "zstd": "zstd", "zst": "zstd", "x-zstd": "zstd",
}  # fmt: skip
_NOTHING = {"identity", "none", "chunked", ""}
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_BEFORE = b"\r\n\t \xef\xbb\xbf"  # what scripts print before the compressed page by mistake


class TooLarge(Exception):
    """The body would be longer than the limit, or than its compressed form allows."""

    reason = "too-large"


class Incomplete(Truncated):
    """Less came than the server or the capturing tool announced, or a part was sent on purpose."""

    reason = "record-truncated"


class UnknownCoding(Damaged):
    """The body is in a coding that cannot be undone here."""

    reason = "coding-unknown"


def decode_payload(payload: bytes, headers: Iterable[tuple[str, str]], limit: int, status: int = 200) -> bytes:
    """The body of a response as a reader should see it: transfer coding and content codings undone.

    Args:
        payload: the bytes behind the headers. Chunks may be undone already, as in most captures.
        headers: names and values as served.
        limit: bytes that the body may have at most, before and after.
        status: of the response; a success (2xx) has to be whole, other responses are taken as they are.

    Raises:
        TooLarge: the body is longer than the limit.
        Incomplete: less came than was announced, or only a part was sent (206).
        Truncated: a coding ends early.
        UnknownCoding: a coding is declared, and there, that this module does not know.
        Damaged: a coding cannot be undone.
    """
    fields: dict[str, list[str]] = {}
    for name, value in headers:
        fields.setdefault(name.lower(), []).append(value)
    transfer = _tokens(fields.get("transfer-encoding", []))
    content = _tokens(fields.get("content-encoding", []))
    body, missing = payload, ""
    framed = None
    if "chunked" in (*transfer, *content):
        framed = remove_chunks(payload, limit)
    if framed:
        body, missing = framed.body, "" if framed.whole else "the last chunk is missing"
    elif not transfer and (announced := _length(fields.get("content-length", []))) is not None:
        missing = f"{len(payload)} of {announced} bytes are there" if len(payload) < announced else ""
    try:
        body, undone, declared = _undo(body, [*content, *transfer], limit)
    except Truncated as error:
        raise (Incomplete(missing) if missing else error) from None
    if not 200 <= status < 300:
        return body
    # A coding that came to its own end proves a body whole. Where one is declared and not there, the capturing tool
    # undid it, and the announced length is not that of what it wrote.
    if missing and not undone and (framed or not declared):
        raise Incomplete(missing)
    if status == 206 and not _is_all(fields.get("content-range", []), len(payload)):
        raise Incomplete("the server sent a part of the page (206)")
    return body


def decode(body: bytes, codings: str, limit: int) -> bytes:
    """A body with its content codings undone.

    Args:
        body: as served.
        codings: the value of ``Content-Encoding``; several are undone from the last to the first.
        limit: bytes that the result may have at most.

    Raises:
        TooLarge, Truncated, UnknownCoding, Damaged: as :func:`decode_payload`.
    """
    return _undo(body, _tokens([codings]), limit)[0]


def inflate(data: bytes, limit: int) -> bytes:
    """Gzip data of one or more members, undone; what follows the last member is passed over.

    Raises:
        TooLarge: there are more than ``limit`` bytes in it.
        Truncated: it ends early.
        Damaged: it is no gzip data, or broken.
    """
    start = len(data[:16]) - len(data[:16].lstrip(_BEFORE))
    data = data[start:] if data.startswith(GZIP_MAGIC, start) else data
    if not data.startswith(GZIP_MAGIC[:2]):
        raise Damaged("no gzip data: it begins otherwise")
    return _members(data, "gzip", limit)


def _tokens(values: Iterable[str]) -> list[str]:
    """The codings that header lines name, in their order, in lower case and without parameters."""
    names = (part.partition(";")[0].strip(" \t\"'").lower() for value in values for part in value[:1000].split(","))
    return [name for name in names if name]


def _length(values: list[str]) -> int | None:
    first = values[0].partition(",")[0].strip() if values else ""
    return int(first) if first.isascii() and first.isdigit() and len(first) < 16 else None


def _is_all(ranges: list[str], size: int) -> bool:
    """True if a Content-Range is of the whole body: ``bytes 0-99/100``."""
    found = re.fullmatch(r"bytes\s{1,9}0-(\d{1,15})/(\d{1,15})", ranges[0].strip()) if ranges else None
    return found is not None and int(found[1]) + 1 == int(found[2]) <= size


def _undo(body: bytes, codings: list[str], limit: int) -> tuple[bytes, bool, bool]:
    """The body without its codings; whether one was there, and whether one was declared."""
    wanted = [name for name in codings if name not in _NOTHING]
    if len(wanted) > _CODINGS:
        raise Damaged(f"{len(wanted)} codings one over the other: {_CODINGS} are undone at most")
    undone = False
    for name in reversed(wanted):
        if not body:
            break
        result = _undo_one(body, name, limit)
        undone = undone or result is not None
        body = body if result is None else result
    if len(body) > limit:
        raise TooLarge(f"more than {limit} bytes")
    return body, undone, bool(wanted)


def _undo_one(body: bytes, name: str, limit: int) -> bytes | None:
    """The body without one coding; None if it is not in that coding, nor in another one that is known."""
    declared = _NAMES.get(name)
    failure: Damaged = UnknownCoding(f"the coding {name[:40]!r} is not known here")
    if declared:
        try:
            return _CODERS[declared](body, limit)
        except Damaged as error:
            failure = error
    other = _by_magic(body)
    if other and other != declared:
        try:
            return _CODERS[other](body, limit)
        except Damaged:
            raise failure from None
    if other is None and _is_text(body):
        return None
    raise failure


def _by_magic(body: bytes) -> str | None:
    if body.startswith(GZIP_MAGIC):
        return "gzip"
    if body.startswith(ZSTD_MAGIC):
        return "zstd"
    return "deflate" if _has_zlib_header(body) and not _is_text(body) else None


def _is_text(body: bytes) -> bool:
    """True if the body begins as text does: compressed data has control characters soon."""
    head = body[:2048]
    if head.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return True
    if head.lstrip()[:1] in (b"<", b"{", b"["):
        return len(_CONTROL.findall(head)) <= len(head) // 50
    if _CONTROL.search(head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:  # a cut character at the end of what was looked at is no fault
        if error.start < len(head) - 3 or len(body) <= 2048:
            letters = sum(byte < 0x80 for byte in head)
            return len(head) >= 64 and letters > 0.7 * len(head)  # Latin-1 and the like
    return True


def _members(data: bytes, kind: Kind, limit: int) -> bytes:
    """The content of all members."""
    room = min(limit, max(_ALWAYS, _RATIO * len(data)))
    parts, size = list[bytes](), 0
    chunks = iter([data])
    reader = MemberReader(lambda: next(chunks, b""), kind)
    magic = (GZIP_MAGIC[:2],) if kind == "gzip" else (ZSTD_MAGIC, *_SKIPPABLE)
    count = 0
    while not count or reader.peek(4).startswith(magic):
        if count == _MEMBERS:
            raise Damaged(f"more than {_MEMBERS} {kind} members")
        count += 1
        try:
            reader.next()
            while part := reader.read(min(1 << 20, room - size + 1)):
                parts.append(part)
                size += len(part)
                if size > room:
                    raise TooLarge(f"more than {room} bytes, of {len(data)} compressed ones")
        except Truncated:
            if kind == "gzip" and _lacks_trailer(data[reader.offset :], room):
                break  # all content is there: only the checksum behind it is not
            raise
    return b"".join(parts)


_SKIPPABLE = tuple(bytes([0x50 + n, 0x2A, 0x4D, 0x18]) for n in range(16))


def _gzip(data: bytes, limit: int) -> bytes:
    return inflate(data, limit)


def _zstd(data: bytes, limit: int) -> bytes:
    if not data.startswith((ZSTD_MAGIC, *_SKIPPABLE)):
        raise Damaged("no Zstandard data: it begins otherwise")
    return _members(data, "zstd", limit)


def _lacks_trailer(member: bytes, limit: int) -> bool:
    """True if a gzip member lacks no more than its last eight bytes."""
    flags, at = member[3] if len(member) > 10 else 0, 10
    if flags & 4:
        at += 2 + int.from_bytes(member[at : at + 2], "little")
    for flag in (8, 16):
        if flags & flag:
            at = member.find(b"\0", at) + 1
            if not at:
                return False
    at += 2 if flags & 2 else 0
    try:
        _inflate(member[at:], -isal_zlib.MAX_WBITS, limit)
    except Damaged:
        return False
    return True


def _has_zlib_header(data: bytes) -> bool:
    return len(data) > 2 and data[0] & 15 == 8 and data[0] >> 4 < 8 and int.from_bytes(data[:2], "big") % 31 == 0


def _deflate(data: bytes, limit: int) -> bytes:
    """By the standard with zlib's header and checksum, by some servers without."""
    if _has_zlib_header(data):
        try:
            return _inflate(data, isal_zlib.MAX_WBITS, limit)
        except Truncated:
            return _inflate(data[2:], -isal_zlib.MAX_WBITS, limit)  # all may be there but the checksum
        except Damaged:
            pass
    elif _is_text(data):
        raise Damaged("no deflate data, but text")
    return _inflate(data, -isal_zlib.MAX_WBITS, limit)


def _inflate(data: bytes, window: int, limit: int) -> bytes:
    room = min(limit, max(_ALWAYS, _RATIO * len(data)))
    stream = isal_zlib.decompressobj(window)
    parts, size = list[bytes](), 0
    try:
        while not stream.eof and data:
            part = stream.decompress(data, room - size + 1)
            size += len(part)
            if size > room:
                raise TooLarge(f"more than {room} bytes")
            parts.append(part)
            data = stream.unconsumed_tail
    except (IsalError, ValueError, EOFError) as error:
        raise Damaged(f"no valid deflate data: {error}") from error
    if not stream.eof:
        raise Truncated("the deflate data ends early")
    return b"".join(parts)


def _brotli(data: bytes, limit: int) -> bytes:
    room = min(limit, max(_ALWAYS, _RATIO * len(data)))
    stream, parts, size = brotli.Decompressor(), list[bytes](), 0

    def take(given: bytes) -> None:
        nonlocal size
        while True:
            part = stream.process(given, output_buffer_limit=1 << 20)
            parts.append(part)
            size += len(part)
            if size > room:
                raise TooLarge(f"more than {room} bytes, of {len(data)} compressed ones")
            if stream.can_accept_more_data():
                return
            given = b""

    step, at = 1 << 12, 0
    try:
        while at < len(data) and not stream.is_finished():
            take(data[at : at + step])
            at += step
    except brotli.error as error:
        if not _ends_within(data, at, step):
            raise Damaged(f"no valid Brotli data: {error}") from error
        return _brotli(data[: _ends_within(data, at, step)], limit)
    if not stream.is_finished():
        raise Truncated("the Brotli data ends early")
    return b"".join(parts)


def _ends_within(data: bytes, at: int, step: int) -> int:
    """Where a Brotli stream ends that is followed by something else within some bytes; 0 if it does not end there.

    The library does not say where the stream ended: so these bytes are given to it one by one."""
    stream = brotli.Decompressor()
    try:
        stream.process(data[:at])
        for end in range(at, min(at + step, len(data))):
            stream.process(data[end : end + 1])
            if stream.is_finished():
                return end + 1
    except brotli.error:
        pass
    return 0


_CODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
