"""The HTTP response in the content of a record: status, headers, payload with its codings undone."""

from __future__ import annotations

import dataclasses
import re

from klartext import http_body
from klartext.compressed_members import GZIP_MAGIC
from klartext.warc.records import Headers, Record, parse_fields

_STATUS = re.compile(
    rb"[\r\n]{0,4}(?:HTTP(?:[/ ][\w.]{1,12})?|h[23]|ICY)[ \t]{1,9}(\d{3})(?!\d)[^\r\n]{0,8000}(?:\r{0,2}\n|$)",
    re.IGNORECASE,
)
"""The line of a status, also as tools write it that convert HTTP/2 and HTTP/3: ``HTTP/2 200``, ``h2 200``."""
_BLANK_LINE = re.compile(rb"\r{0,2}\n\r{0,2}\n")
"""A second carriage return is added where a file was written as text."""
_MARKUP = re.compile(rb"\s{0,64}(?:<!doctype|<html|<head|<!--|<\?xml)", re.IGNORECASE)
_BODY_AT_ONCE = re.compile(rb"\n(?=<(?:!doctype|html)\b)", re.IGNORECASE)
"""Where the head ends that has no blank line behind it."""
_HEAD_LIMIT = 1 << 18
_INTERIM = 8
"""Informational responses before the final one that are passed over."""


@dataclasses.dataclass(frozen=True, slots=True)
class Response:
    """A response as stored. ``begin`` are bytes of the payload that were read with the head; more follow in the
    record."""

    status: int
    headers: Headers
    begin: bytes


def read_response(record: Record) -> Response | None:
    """The head of the response that a record holds, or of what stands for one: a ``resource`` is a file without
    headers, its type is the record's. None if there is no response in it."""
    data = _without_interim(record.read(1 << 14))
    status = _STATUS.match(data)
    if status is None:
        kind = record.headers.get("Content-Type") or ""
        if record.type == "resource" or kind.lower().startswith(("text/html", "application/xhtml")):
            return Response(200, Headers([("Content-Type", kind)]), data)
        return Response(200, Headers([]), data) if _MARKUP.match(data) else None
    while not (end := _end_of_head(data, status)) and len(data) < _HEAD_LIMIT:
        if not (more := record.read(1 << 16)):
            break
        data += more
    if end is None and len(data) >= _HEAD_LIMIT:
        return None
    head, begin = (data[: end.start()], data[end.end() :]) if end else (data, b"")
    return Response(int(status[1]), Headers(parse_fields(head[status.end() :])), begin)


def _end_of_head(data: bytes, status: re.Match[bytes]) -> re.Match[bytes] | None:
    """What ends the head: a blank line, or the line feed before an HTML document that begins sooner."""
    blank = _BLANK_LINE.search(data, max(0, status.end() - 3))
    return _BODY_AT_ONCE.search(data, max(0, status.end() - 1), blank.start() if blank else len(data)) or blank


def media_type(headers: Headers) -> str:
    """The media type that a response names, in lower case, without parameters. Of several fields and values the last
    valid one counts, as in browsers (WHATWG Fetch, section 2.2.2)."""
    return content_type(headers).partition(";")[0].strip().lower()


def content_type(headers: Headers) -> str:
    """The last valid Content-Type of a response; else the first value."""
    values = [value for name, value in headers.pairs if name.lower() == "content-type"]
    parts = [part.strip() for value in values[:20] for part in value[:1000].split(",")] if len(values) > 1 else []
    return next((part for part in reversed(parts) if "/" in part.partition(";")[0]), values[0] if values else "")


def _without_interim(data: bytes) -> bytes:
    """The bytes from the final response on: without the informational responses (1xx) before it, and without that of a
    proxy which opened a tunnel."""
    for _ in range(_INTERIM):
        status = _STATUS.match(data)
        if status is None or not (100 <= int(status[1]) < 200 or b"connection established" in status[0].lower()):
            break
        blank = _BLANK_LINE.search(data, max(0, status.end() - 3), _HEAD_LIMIT)
        if blank is None or not _STATUS.match(data, blank.end()):
            break
        data = data[blank.end() :]
    return data


def served_type(content: bytes) -> str | None:
    """The media type that the response in a record's content names, in lower case; empty for none, and None if there is
    no HTTP response in it."""
    if (parts := _head_and_payload(content)) is None:
        return None
    return media_type(Headers(parse_fields(parts[0])))


def payload_of(content: bytes) -> bytes:
    """The payload in a record's content, as it was served: what WARC-Payload-Digest is the digest of."""
    parts = _head_and_payload(content)
    return content if parts is None else parts[1]


def _head_and_payload(content: bytes) -> tuple[bytes, bytes] | None:
    """The header fields of the response in a record's content, and what follows them; None if there is no response."""
    content = _without_interim(content)
    if (status := _STATUS.match(content)) is None:
        return None
    end = _end_of_head(content[:_HEAD_LIMIT], status)
    if end is None:
        return content[status.end() : _HEAD_LIMIT], b""
    return content[status.end() : end.start()], content[end.end() :]


def read_body(record: Record, response: Response, limit: int) -> bytes:
    """The payload with transfer and content codings undone, a gzip that no header declares included.

    Args:
        record: the record of the response, from whose content :func:`read_response` has read the head.
        response: that head.
        limit: bytes that the body may have at most.

    Raises:
        TooLarge, Incomplete, Truncated, UnknownCoding, Damaged: of :mod:`klartext.http_body`.
        RecordDamaged: the record is broken in the file.
    """
    room = limit + limit // 8 + 1  # chunks add to it
    payload = response.begin + record.read(max(0, room - len(response.begin)))
    if len(payload) >= room:
        raise http_body.TooLarge(f"more than {limit} bytes")
    if record.missing:
        raise http_body.Incomplete(f"{record.missing} bytes of the record are missing")
    if record.damage:
        raise RecordDamaged(record.damage)
    if 200 <= response.status < 300:
        _require_whole(record)
    body = http_body.decode_payload(payload, response.headers.pairs, limit, response.status)
    for _ in range(2):
        if not body.startswith(GZIP_MAGIC):
            break
        try:
            body = http_body.inflate(body, limit)
        except http_body.Damaged:
            break
    return body


class RecordDamaged(http_body.Damaged):
    """The record itself is broken in the file."""

    reason = "warc-damaged"


def _require_whole(record: Record) -> None:
    if why := record.headers.get("WARC-Truncated"):
        raise http_body.Incomplete(f"the capturing tool cut the record (WARC-Truncated: {why[:40]})")
    if record.headers.get("WARC-Segment-Number"):
        raise http_body.Incomplete("the record is the first of several segments, which are not put together")
