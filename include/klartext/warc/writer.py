"""Exchanges written as WARC 1.1 (ISO 28500), a gzip member a record, each flushed when it is whole.

A process that is killed leaves all complete records readable; see :func:`klartext.warc.repair.mend` for the rest.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from klartext.crawler.job import Place, Record, StoredResponse
from klartext.warc.digest import payload_digest

Headers = list[tuple[str, str]]
_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
_LEVEL = 6  # of zlib; 9 takes twice the time for a hundredth of the size


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its response. ``body`` is the payload as served, transfer encoding undone and content encoding
    kept; ``at`` is UTC; ``told`` are the fields of the metadata record: ``seed``, the address that was asked for first,
    ``via``, where that was found, and others. ``known`` is the capture that the page was compared with."""

    url: str
    at: dt.datetime
    request: Headers
    status: int
    phrase: str
    protocol: str
    response: Headers
    body: bytes
    ip: str | None
    told: dict[str, str | None]
    known: StoredResponse | None = None


class WarcFile:
    """A WARC file that is written to, and those that follow it. A file and its warcinfo record come into being with
    its first exchange."""

    def __init__(self, record: Record) -> None:
        self._record, self._number = record, 0
        self._path = Path(record.path)
        self._out: _Members | None = None
        self._writer: Any = None

    def write(self, exchange: Exchange) -> tuple[Place, str | None]:
        """Writes request, metadata, and response or revisit; gives the place of the last, and ``not-modified`` or
        ``identical`` for a revisit. Raises OSError."""
        if self._out is None or 0 < self._record.rotate <= self._out.size:
            self._begin()
        assert self._out is not None
        date = exchange.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        digest = payload_digest(exchange.body)
        answer, unchanged = self._answer(exchange, date, digest)
        with_answer = {"WARC-Date": date, "WARC-Concurrent-To": answer.rec_headers.get_header("WARC-Record-ID")}
        parts = urlsplit(exchange.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        request = self._writer.create_warc_record(
            exchange.url,
            "request",
            payload=BytesIO(),
            length=0,
            warc_headers_dict=dict(with_answer),
            http_headers=StatusAndHeaders(f"GET {target} HTTP/1.1", exchange.request, is_http_request=True),
        )
        fields = "".join(f"{name}: {value}\r\n" for name, value in exchange.told.items() if value).encode()
        metadata = self._writer.create_warc_record(
            exchange.url, "metadata", payload=BytesIO(fields), length=len(fields), warc_headers_dict=with_answer
        )
        self._writer.write_record(request)  # ends with a flush, as the others do
        self._writer.write_record(metadata)
        offset = self._out.size
        self._writer.write_record(answer)
        digest = exchange.known.digest if unchanged and exchange.known else digest
        return Place(file=self._path.name, offset=offset, digest=digest), unchanged

    def _answer(self, exchange: Exchange, date: str, digest: str) -> tuple[ArcWarcRecord, str | None]:
        """The record of a response; of a revisit where it brings nothing new."""
        headers = {"WARC-Date": date} | ({"WARC-IP-Address": exchange.ip} if exchange.ip else {})
        http = StatusAndHeaders(
            f"{exchange.status} {exchange.phrase}".strip(), exchange.response, protocol=exchange.protocol
        )
        known, unchanged = exchange.known, None
        if known and exchange.status == 304:
            unchanged, profile = "not-modified", "server-not-modified"
        elif known and exchange.status == 200 and digest == known.digest:
            unchanged, profile = "identical", "identical-payload-digest"
        if known and unchanged:
            headers |= {
                "WARC-Profile": _PROFILE + profile,
                "WARC-Refers-To-Target-URI": known.url,
                "WARC-Refers-To-Date": known.date,
                "WARC-Payload-Digest": known.digest,
            }
            return self._writer.create_warc_record(
                exchange.url, "revisit", warc_headers_dict=headers, http_headers=http
            ), unchanged
        record = self._writer.create_warc_record(
            exchange.url,
            "response",
            payload=BytesIO(exchange.body),
            length=len(exchange.body),
            warc_headers_dict=headers | {"WARC-Payload-Digest": digest},
            http_headers=http,
        )
        return record, None

    def close(self) -> None:
        if self._out is not None:
            self._out.close()

    def _begin(self) -> None:
        """The next file."""
        self.close()
        if self._number:
            first = Path(self._record.path)
            self._path = first.with_name(f"{first.name.removesuffix('.warc.gz')}~{self._number:05}.warc.gz")
        self._number += 1
        self._out = _Members(self._path.open("xb"))
        self._writer = WARCWriter(self._out, gzip=False, warc_version="1.1")
        info = {"format": "WARC File Format 1.1", "conformsTo": "https://iipc.github.io/warc-specifications/"}
        self._writer.write_record(self._writer.create_warcinfo_record(self._path.name, {**info, **self._record.info}))


class _Members:
    """What is written between two flushes becomes a gzip member. ``size`` is that of the file so far."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._parts, self.size = file, list[bytes](), 0

    def write(self, data: bytes) -> None:
        self._parts.append(data)

    def flush(self) -> None:
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS + 16)
        data = packer.compress(b"".join(self._parts)) + packer.flush()
        self._parts.clear()
        self._file.write(data)
        self._file.flush()
        self.size += len(data)

    def close(self) -> None:
        self._file.close()
