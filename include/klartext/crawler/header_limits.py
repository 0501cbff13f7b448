"""Reads the header section of a response within bounds, and tolerant of names that are none.

Twisted reads it without end into memory, and ends the connection at such a name.
"""

from __future__ import annotations

import contextlib
from typing import Any

from scrapy.core.downloader.handlers import http11
from scrapy.crawler import Crawler
from twisted.web import _newclient
from twisted.web.http_headers import InvalidHeaderName

BYTES = 256 * 1024
"""Bytes of status line and headers; browsers end at about that."""
LINES = 1_000
"""Lines of them."""


class HeadersTooLarge(Exception):
    """The header section of a response is longer than the limit."""


class BoundedParser(http11._LenientHTTPClientParser):
    """Counts what it reads before the body; interim responses (1xx) count too."""

    _bytes = 0
    _lines = 0

    def lineReceived(self, line: bytes) -> None:
        """Called for each line. Raises :class:`HeadersTooLarge` beyond the bounds."""
        self._bytes += len(line) + 1
        self._lines += 1
        if self._bytes > BYTES or self._lines > LINES:
            raise HeadersTooLarge(f"more than {BYTES} bytes or {LINES} lines of headers")
        if self.state == _newclient.HEADER and self._partialHeader is None:
            line = line.lstrip(b" \t")  # it continues nothing
        super().lineReceived(line)

    def headerReceived(self, name: bytes, value: bytes) -> None:
        """Called for each field. One with a name that is none is left out, as browsers do; Twisted would end the
        connection. White space before the colon is no part of the name."""
        with contextlib.suppress(InvalidHeaderName):
            super().headerReceived(name.strip(b" \t"), value)  # type: ignore[no-untyped-call]


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


def is_cause(failure: BaseException) -> bool:
    """True if a download failed because of the bounds."""
    seen: list[BaseException] = [failure]
    for error in seen:  # grows
        if isinstance(error, HeadersTooLarge):
            return True
        reasons = [reason.value for reason in getattr(error, "reasons", None) or []]
        seen += [cause for cause in (error.__cause__, *reasons) if cause is not None and cause not in seen][:10]
    return False
