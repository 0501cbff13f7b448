"""Writes HTTP exchanges as WARC 1.1 (ISO 28500): each record is a gzip member, flushed when it is complete.

After a process is killed all complete records are readable; :func:`klartext.warc.repair.repair_file` cuts off the rest.
"""

from __future__ import annotations

import time
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from klartext.warc.exchange import Exchange, RecordLocation, WarcOutput, payload_digest

_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
_LEVEL = 6  # of zlib; 9 takes twice the time for a hundredth of the size


class WarcFile:
    """A WARC file to write exchanges to, and the files that follow it. Each is created, with its warcinfo record, when
    the first exchange is written to it."""

    def __init__(self, output: WarcOutput) -> None:
        self._output, self._number = output, 0
        self._path = Path(output.path)
        self._out: _Members | None = None
        self._writer: Any = None
        self._began = 0.0

    def write(self, exchange: Exchange) -> tuple[RecordLocation, str | None]:
        """Writes the records of an exchange: request, metadata, and response or revisit.

        Returns:
            The location of the response or revisit, and ``not-modified`` or ``identical`` for a revisit.

        Raises:
            OSError: the file cannot be written; FileExistsError if it exists.
        """
        if self._out is None or self._is_full(self._out):
            self._begin()
        assert self._out is not None
        date = exchange.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        digest = payload_digest(exchange.body)
        response, unchanged = self._response_record(exchange, date, digest)
        common = {"WARC-Date": date, "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")}
        parts = urlsplit(exchange.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        request = self._writer.create_warc_record(
            exchange.url,
            "request",
            payload=BytesIO(),
            length=0,
            warc_headers_dict=dict(common),
            http_headers=StatusAndHeaders(f"GET {target} HTTP/1.1", exchange.request, is_http_request=True),
        )
        fields = "".join(f"{name}: {value}\r\n" for name, value in exchange.metadata.items() if value).encode()
        metadata = self._writer.create_warc_record(
            exchange.url, "metadata", payload=BytesIO(fields), length=len(fields), warc_headers_dict=common
        )
        self._writer.write_record(request)  # ends with a flush, as the others do
        self._writer.write_record(metadata)
        offset = self._out.size
        self._writer.write_record(response)
        digest = exchange.known.digest if unchanged and exchange.known else digest
        return RecordLocation(file=self._path.name, offset=offset, digest=digest), unchanged

    def _is_full(self, out: _Members) -> bool:
        age = time.monotonic() - self._began
        return 0 < self._output.rotate <= out.size or 0 < self._output.rotate_after <= age

    def _response_record(self, exchange: Exchange, date: str, digest: str) -> tuple[ArcWarcRecord, str | None]:
        """The record of a response, or a revisit where it is the same as the known capture, and then the reason."""
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
        """Closes the current file."""
        if self._out is not None:
            self._out.close()

    def _begin(self) -> None:
        """Creates the next file."""
        self.close()
        if self._number:
            first = Path(self._output.path)
            self._path = first.with_name(f"{first.name.removesuffix('.warc.gz')}~{self._number:05}.warc.gz")
        self._number += 1
        self._began = time.monotonic()
        self._out = _Members(self._path.open("xb"))
        self._writer = WARCWriter(self._out, gzip=False, warc_version="1.1")
        info = {"format": "WARC File Format 1.1", "conformsTo": "https://iipc.github.io/warc-specifications/"}
        self._writer.write_record(self._writer.create_warcinfo_record(self._path.name, {**info, **self._output.info}))


class _Members:
    """Makes a gzip member of what is written between two flushes. ``size`` is that of the file so far, in bytes."""

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
