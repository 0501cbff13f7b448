"""HTTP bodies with their codings undone, within bounds: one decoder for the crawler and for WARC files.

Servers and capturing tools are sloppy, so what a header declares is tried and not believed: a coding that is not there
is skipped, one that is there under another name is undone. What is undone is bounded in size, in its ratio to what
was served, in the number of codings, members and chunks, and so in time.

Codings: ``gzip`` (RFC 1952, several members, something behind the last one), ``deflate`` (RFC 1950, and RFC 1951 as
some servers send it), ``br`` (RFC 7932), ``zstd`` (RFC 8878), and ``chunked`` (RFC 9112, section 7.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from klartext.chunked import Unchunked, remove_chunks
from klartext.compressed_members import GZIP_MAGIC, ZSTD_MAGIC, Damaged, Truncated
from klartext.content_codings import DECODERS, TooLarge, has_zlib_header, inflate, is_text

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
"""The Accept-Encoding header of a client that decodes with this module."""

_CODINGS = 4
_NAMES = {
    "gzip": "gzip", "x-gzip": "gzip", "gz": "gzip", "deflate": "deflate", "x-deflate": "deflate", "zlib": "deflate",
    "br": "br", "brotli": "br", "x-brotli": "br", "zstd": "zstd", "zst": "zstd", "x-zstd": "zstd",
}  # fmt: skip
_NOTHING = {"identity", "none", "chunked", ""}
_RANGE = re.compile(r"(?:bytes\s{0,9}[\s=:]\s{0,9})?(\d{1,15})-(\d{1,15})/(\d{1,15})", re.IGNORECASE)
_DIGITS = frozenset(bytes([digit]) for digit in b"0123456789ABCDEFabcdef")


class Incomplete(Truncated):
    """The body has fewer bytes than the server or the capturing tool announced, or is a part of the page (206)."""

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
        Incomplete: there are fewer bytes than announced, or only a part of the page (206).
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
    wants_coding = any(name not in _NOTHING for name in (*content, *transfer))
    framed = None
    if "chunked" in (*transfer, *content):
        framed = remove_chunks(payload, limit)
    framed = _undeclared_chunks(framed.body if framed else payload, limit) or framed
    if framed:
        body, missing = framed.body, "" if framed.whole else "the last chunk is missing"
    elif not transfer and (announced := _length(fields.get("content-length", []))) is not None:
        missing = f"{len(payload)} of {announced} bytes are there" if len(payload) < announced else ""
    is_success = 200 <= status < 300
    try:
        body, undone, declared = _undo(body, [*content, *transfer], limit)
    except Truncated as error:
        if is_success:
            raise (Incomplete(missing) if missing else error) from None
    except Damaged:
        if is_success:
            raise
    if not is_success:
        return body
    # A coding that came to its own end proves a body whole. Where one is declared and not there, the capturing tool
    # undid it, and the announced length is not that of what it wrote.
    if missing and not undone and (framed or not declared):
        raise Incomplete(missing)
    is_all = _is_all(fields.get("content-range", []), len(payload))
    if is_all is False or (status == 206 and not is_all):
        raise Incomplete("the server sent a part of the page" + (" (206)" if status == 206 else " (Content-Range)"))
    return body if wants_coding else _undeclared(body, limit)


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


def _tokens(values: Iterable[str]) -> list[str]:
    """The codings that header lines name, in their order, in lower case and without parameters."""
    parts = (part.partition(";")[0] for value in values for part in value[:1000].split(","))
    return [name for part in parts for name in part.replace('"', " ").replace("'", " ").lower().split()]


def _undeclared_chunks(body: bytes, limit: int) -> Unchunked | None:
    """The body without chunks that no header declares, or that are there twice; None unless all of it is in chunks up
    to the last one."""
    if body[:1] not in _DIGITS:
        return None
    try:
        found = remove_chunks(body, limit)
    except Damaged:
        return None
    return found if found and found.whole and found.body else None


def _length(values: list[str]) -> int | None:
    first = values[0].partition(",")[0].strip() if values else ""
    return int(first) if first.isascii() and first.isdigit() and len(first) < 16 else None


def _is_all(ranges: list[str], size: int) -> bool | None:
    """True if a Content-Range is of the whole body, ``bytes 0-99/100``, False if it is of a part, None for no range."""
    found = _RANGE.fullmatch(ranges[0].strip()) if ranges else None
    if found is None:
        return None
    first, last, total = map(int, found.groups())
    if first == 0 and last + 1 == total:
        return total <= size or None
    return False


def _undeclared(body: bytes, limit: int) -> bytes:
    """The text in a body whose headers name no coding, though it is in one; gzip is left to the readers of files, which
    may be gzipped themselves. Other bodies are returned as they are."""
    if body[:1] in (b"", b"<") or is_text(body) or (other := _by_magic(body)) == "gzip":
        return body
    try:
        decoded = DECODERS[other or "br"](body, limit)
    except (Damaged, TooLarge):  # anything may begin as a coding does
        return body
    return decoded if is_text(decoded) else body


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
            return DECODERS[declared](body, limit)
        except Damaged as error:
            failure = error
    other = _by_magic(body)
    if other and other != declared:
        try:
            return DECODERS[other](body, limit)
        except Damaged:
            pass
    elif other is None and is_text(body):
        return None
    if declared not in (None, "br") and (text := _brotli_text(body, limit)) is not None:
        return text
    raise failure


def _brotli_text(body: bytes, limit: int) -> bytes | None:
    """The text in a Brotli body, which has no magic bytes; None for anything else: other data may decode to something,
    but not to text."""
    try:
        decoded = DECODERS["br"](body, limit)
    except Damaged:
        return None
    return decoded if decoded and is_text(decoded) else None


def gunzipped(body: bytes, limit: int) -> bytes:
    """A file, unpacked if it is still gzipped; nothing of one that is damaged or has more than ``limit`` bytes."""
    if not body.startswith(GZIP_MAGIC):
        return body
    try:
        return inflate(body, limit)
    except (Damaged, TooLarge):
        return b""


def _by_magic(body: bytes) -> str | None:
    if body.startswith(GZIP_MAGIC):
        return "gzip"
    if body.startswith(ZSTD_MAGIC):
        return "zstd"
    return "deflate" if has_zlib_header(body) and not is_text(body) else None
