"""Why a request gave no page: as an exception, which passes through Scrapy, and as a stable reason."""

from __future__ import annotations

from scrapy import exceptions
from scrapy.exceptions import IgnoreRequest
from twisted.internet import error

from klartext.crawler import header_limits


class RequestEnded(IgnoreRequest):
    """A request that ends without a response to hand on: its outcome and stable reason, and the HTTP status if any."""

    def __init__(self, outcome: str, reason: str, status: int | None = None) -> None:
        super().__init__(f"{outcome}: {reason}")
        self.outcome, self.reason, self.status = outcome, reason, status


class WriteFailed(Exception):
    """An exchange could not be written to the WARC file: the crawl cannot go on."""


_REASONS: list[tuple[type[BaseException], str]] = [
    (exceptions.DownloadTimeoutError, "timeout"),
    (error.TimeoutError, "timeout"),
    (exceptions.DownloadCancelledError, "too-large"),  # the downloader itself cancels for no other reason
    (exceptions.CannotResolveHostError, "dns"),
    (error.DNSLookupError, "dns"),
    (exceptions.ResponseDataLossError, "cut-short"),
    (exceptions.DownloadConnectionRefusedError, "connection"),
    (exceptions.DownloadFailedError, "connection"),
    (error.ConnectError, "connection"),
    (error.ConnectionDone, "connection"),
    (error.ConnectionLost, "connection"),
    (MemoryError, "memory-limit"),
]
TRANSIENT = tuple(kind for kind, reason in _REASONS if reason not in ("too-large", "memory-limit"))
"""Failures that another try may not meet."""


def reason_of_failure(failure: BaseException) -> str:
    """The stable reason of a failed download; ``unexpected`` for one that has none of its own."""
    if header_limits.is_cause(failure):
        return "headers-too-large"
    return next((reason for kind, reason in _REASONS if isinstance(failure, kind)), "unexpected")
