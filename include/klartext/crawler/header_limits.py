"""Reads the header section of a response within bounds, and tolerant of what is no field or no length.

Twisted reads it without end into memory, and ends the connection at a name, a length, a transfer coding or a status
line that it does not know.
"""

from __future__ import annotations

import contextlib
import re
from typing import Any

from scrapy.core.downloader.handlers import http11
from scrapy.crawler import Crawler
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Request, Response
from twisted.web import _newclient
from twisted.web.http_headers import InvalidHeaderName

from klartext.crawler.chunked_bodies import TolerantChunks

BYTES = 256 * 1024
"""Bytes of status line and headers; browsers end at about that."""
LINES = 1_000
"""Lines of them."""
_USUAL = re.compile(rb"HTTP/1\.[01] \d{3}(?: |$)")
_STATUS = re.compile(rb"(?:HTTP(?:/\S{1,12})?|ICY|h[23])[ \t]{1,9}(\d{3})(?!\d)(.*)", re.IGNORECASE | re.DOTALL)
_LENGTHS = re.compile(rb"[ \t]{0,9}\d{1,30}[ \t]{0,9}(?:,[ \t]{0,9}\d{1,30}[ \t]{0,9}){0,9}")


class HeadersTooLarge(Exception):
    """The header section of a response is longer than the limit."""


class BoundedParser(http11._LenientHTTPClientParser):
    """Counts what it reads before the body; interim responses (1xx) count too."""

    _bytes = 0
    _lines = 0
    _transferDecoders = {b"chunked": TolerantChunks}  # noqa: RUF012  (Twisted's name and type)

    def lineReceived(self, line: bytes) -> None:
        """Called for each line. Raises :class:`HeadersTooLarge` beyond the bounds."""
        self._bytes += len(line) + 1
        self._lines += 1
        if self._bytes > BYTES or self._lines > LINES:
            raise HeadersTooLarge(f"more than {BYTES} bytes or {LINES} lines of headers")
        if self.state == _newclient.HEADER and self._partialHeader is None:
            line = line.lstrip(b" \t")  # it continues nothing
        if self.state == _newclient.STATUS and not line.strip():
            return  # left over from the response before
        super().lineReceived(line)

    def statusReceived(self, status: bytes) -> None:
        """Called for the first line, which may name a protocol as ``HTTP/2`` or ``ICY``."""
        found = _STATUS.match(status)
        if found and not _USUAL.match(status):
            status = b"HTTP/1.0 " + found[1] + b" " + found[2].strip()
        super().statusReceived(status)  # type: ignore[no-untyped-call]

    def headerReceived(self, name: bytes, value: bytes) -> None:
        """Called for each field. One with a name that is none is left out, as browsers do, and so is a length that is
        none; Twisted would end the connection. White space before the colon is no part of the name."""
        name = name.strip(b" \t")
        fields = [(name, value)]
        if name.lower() == b"content-length" and not _LENGTHS.fullmatch(value):
            fields = []
        elif name.lower() == b"transfer-encoding":
            fields = self._codings(value)
        for field in fields:
            with contextlib.suppress(InvalidHeaderName):
                super().headerReceived(*field)  # type: ignore[no-untyped-call]

    @staticmethod
    def _codings(value: bytes) -> list[tuple[bytes, bytes]]:
        """Chunks are removed here. Another transfer coding is left on the body, as a content coding."""
        names = [name.strip().lower() for name in value[:1000].split(b",")]
        others = [name for name in names if name not in (b"", b"identity", b"chunked")]
        fields = [(b"Content-Encoding", b", ".join(others))] if others else []
        return fields + ([(b"Transfer-Encoding", b"chunked")] if b"chunked" in names else [])


class BoundedProtocol(http11._LenientHTTP11ClientProtocol):
    """A connection whose responses :class:`BoundedParser` reads."""

    def request(self, request: Any) -> Any:
        """Sends a request; its response is read within the bounds."""
        response = super().request(request)
        # Twisted names its parser's class in the method; Scrapy replaces the class in the same way.
        assert self._parser is not None
        self._parser.__class__ = BoundedParser
        return response


class BoundedFactory(http11._LenientHTTP11ClientFactory):
    """Builds the connections."""

    def buildProtocol(self, addr: Any) -> Any:
        """A connection with the bounds."""
        return BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class BoundedDownloadHandler(http11.HTTP11DownloadHandler):
    """Scrapy's handler of http and https with these bounds."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = BoundedFactory
        self._fail_on_dataloss = False

    async def download_request(self, request: Request) -> Response:
        """The response. Only a success has to be whole: a redirect is followed without the rest of its body.

        Raises ResponseDataLossError for a success that ends early.
        """
        response = await super().download_request(request)
        if "dataloss" in response.flags and 200 <= response.status < 300:
            raise ResponseDataLossError
        return response


def is_cause(failure: BaseException) -> bool:
    """True if a download failed because of the bounds."""
    seen: list[BaseException] = [failure]
    for error in seen:  # grows
        if isinstance(error, HeadersTooLarge):
            return True
        reasons = [reason.value for reason in getattr(error, "reasons", None) or []]
        seen += [cause for cause in (error.__cause__, *reasons) if cause is not None and cause not in seen][:10]
    return False
