"""What :mod:`klartext.warc.writer` is given and returns: plain data, without the libraries that write the file."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib

Headers = list[tuple[str, str]]
"""Header fields in their order, as names and values."""

ROTATE = 10**9
"""Bytes after which another WARC file is begun."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class WarcOutput:
    """The WARC files that a crawl writes.

    Attributes:
        path: of the first file.
        info: fields of the warcinfo record of each file.
        rotate: bytes after which another file is begun, whose name sorts after the one before; 0 for one file of any
            size.
        rotate_after: seconds after which another file is begun; 0 for no limit.
    """

    path: str
    info: dict[str, str] = dataclasses.field(default_factory=dict)
    rotate: int = ROTATE
    rotate_after: float = 0.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RecordLocation:
    """Where a record was written: name of the file without its folder, offset in bytes, and the payload's digest."""

    file: str
    offset: int
    digest: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StoredResponse:
    """An earlier capture of a page: address, WARC-Date and payload digest of its record."""

    url: str
    date: str
    digest: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """An HTTP request and its response.

    Attributes:
        at: when the response was received, UTC.
        request: headers of the request.
        phrase: reason phrase of the status line.
        response: headers of the response.
        body: the payload as served: transfer encoding undone, content encoding kept.
        ip: address of the server, if it is known.
        metadata: fields of the metadata record, among them ``seed``, the address that was requested first, and
            ``via``, where that was found (both as in Heritrix). Fields without a value are left out.
        known: the earlier capture that the response is compared with.
    """

    url: str
    at: dt.datetime
    request: Headers
    status: int
    phrase: str
    protocol: str
    response: Headers
    body: bytes
    ip: str | None
    metadata: dict[str, str | None]
    known: StoredResponse | None = None


def payload_digest(payload: bytes) -> str:
    """The SHA-1 of a payload as WARC files have it: ``sha1:`` and base32."""
    return "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()
