"""Exchanges written as WARC 1.1, a gzip member a record, each flushed when it is whole.

A process that is killed leaves all complete records readable; see :func:`klartext.fetch.salvage.mend` for the rest.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

Headers = list[tuple[str, str]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its response. ``body`` is the payload as served, transfer encoding undone and content encoding
    kept; ``at`` is UTC; ``seed`` is the address that was asked for first, ``via`` where that was found."""

    url: str
    at: dt.datetime
    request: Headers
    status: int
    phrase: str
    protocol: str
    response: Headers
    body: bytes
    ip: str | None
    via: str
    seed: str
    published: str | None = None


class WarcFile:
    """A WARC file that is written to. The file and its warcinfo record come into being with the first exchange."""

    def __init__(self, path: Path, info: dict[str, str]) -> None:
        self._path, self._info = path, info
        self._writer: WARCWriter | None = None

    def write(self, exchange: Exchange) -> None:
        """Request, metadata and response. Raises OSError."""
        writer = self._writer = self._writer or self._open()
        date = exchange.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        address = {"WARC-Date": date} | ({"WARC-IP-Address": exchange.ip} if exchange.ip else {})
        response = writer.create_warc_record(
            exchange.url,
            "response",
            payload=BytesIO(exchange.body),
            length=len(exchange.body),
            warc_headers_dict=address,
            http_headers=StatusAndHeaders(
                f"{exchange.status} {exchange.phrase}".strip(), exchange.response, protocol=exchange.protocol
            ),
        )
        with_response = {"WARC-Date": date, "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")}
        parts = urlsplit(exchange.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        request = writer.create_warc_record(
            exchange.url,
            "request",
            payload=BytesIO(),
            length=0,
            warc_headers_dict=dict(with_response),
            http_headers=StatusAndHeaders(f"GET {target} HTTP/1.1", exchange.request, is_http_request=True),
        )
        told = {"via": exchange.via, "seed": exchange.seed, "published": exchange.published}
        fields = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value).encode()
        metadata = writer.create_warc_record(
            exchange.url, "metadata", payload=BytesIO(fields), length=len(fields), warc_headers_dict=with_response
        )
        for record in (request, metadata, response):
            writer.write_record(record)  # ends with a flush

    def close(self) -> None:
        if self._writer is not None:
            self._writer.out.close()

    def _open(self) -> WARCWriter:
        writer: Any = WARCWriter(self._path.open("xb"), gzip=True, warc_version="1.1")
        info = {"format": "WARC File Format 1.1", "conformsTo": "https://iipc.github.io/warc-specifications/"}
        writer.write_record(writer.create_warcinfo_record(self._path.name, {**info, **self._info}))
        return writer
