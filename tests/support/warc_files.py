"""WARC files of our own, for the tests."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from support import sample_pages

DATE = sample_pages.FETCHED.strftime("%Y-%m-%dT%H:%M:%SZ")


def write(
    path: Path, pages: Iterable[tuple[str, str | bytes] | tuple[str, str | bytes, int]], date: str = DATE
) -> Path:
    """A gzipped WARC file with a response for each page: address, payload and, if it is not 200, status."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for url, html, *status in pages:
            body = html.encode() if isinstance(html, str) else html
            line = f"{status[0] if status else 200} Status"
            head = StatusAndHeaders(line, [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            headers = {"WARC-Date": date}
            writer.write_record(
                writer.create_warc_record(
                    url, "response", io.BytesIO(body), http_headers=head, warc_headers_dict=headers
                )
            )
    return path
