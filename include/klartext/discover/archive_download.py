"""Downloads large files of an archive over HTTP as a stream, one after the other and as politely as the crawler.

Between two requests lies the source's delay. ``Retry-After`` is followed and a server that is overloaded is given time;
a pause that is longer than the limit ``patience`` ends all downloads, and so does the deadline. A connection that
breaks is resumed where it broke.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from klartext.crawler import CrawlPoliteness, Limits, user_agent
from klartext.crawler.http_status import TRANSIENT, retry_after

if TYPE_CHECKING:
    import httpx

_RETRIES = 3
_TIMEOUT = 60.0  # seconds


class DownloadFailed(Exception):
    """A file could not be read to its end. ``reason`` is a stable code, ``status`` that of HTTP if there was one."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.status = reason, status


class _Transient(Exception):
    """A failure after which the request may be made again, after ``pause`` seconds at least."""

    def __init__(self, reason: str, status: int | None = None, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.reason, self.status, self.pause = reason, status, pause


class ArchiveDownloads:
    """The downloads of one run from one archive.

    Args:
        limits: ``deadline`` counts from now and is for all files together.
        delay: seconds between two requests.
        politeness: gets a pause that the archive asks for and that is longer than ``limits.patience``.
    """

    def __init__(self, http: httpx.Client, limits: Limits, delay: float, politeness: CrawlPoliteness) -> None:
        self._http, self._limits, self._delay, self._politeness = http, limits, delay, politeness
        self._until = time.monotonic() + limits.deadline
        self._next = 0.0  # no request before this moment of the monotonic clock
        self._stop_reason: str | None = None

    def stream(self, url: str) -> Iterator[bytes]:
        """The bytes of a file, in parts.

        Raises :class:`DownloadFailed`; after the reasons ``deadline`` and ``retry-after`` every further file fails too.
        """
        position, failures = 0, 0
        while True:
            self._wait()
            try:
                for chunk in self._request(url, position):
                    position += len(chunk)
                    yield chunk
                return
            except _Transient as failure:
                failures += 1
                if failures > _RETRIES:
                    raise DownloadFailed(failure.reason, failure.status) from None
                self._next += max(failure.pause, self._limits.backoff * 2 ** (failures - 1))

    def read(self, url: str, limit: int) -> bytes:
        """A whole file of at most ``limit`` bytes. Raises :class:`DownloadFailed`."""
        body = b""
        for chunk in self.stream(url):
            body += chunk
            if len(body) > limit:
                raise DownloadFailed("too-large")
        return body

    def _request(self, url: str, position: int) -> Iterator[bytes]:
        """The bytes of a file from a position on, as one response brings them."""
        import httpx

        headers = {"Range": f"bytes={position}-"} if position else {}
        try:
            with self._http.stream("GET", url, headers=headers) as response:
                self._require_status(response, 206 if position else 200)
                for chunk in response.iter_raw():
                    if time.monotonic() > self._until:
                        raise DownloadFailed("deadline", response.status_code)
                    yield chunk
        except httpx.TimeoutException:
            raise _Transient("timeout") from None
        except httpx.TransportError:
            raise _Transient("connection") from None
        except httpx.InvalidURL:
            raise DownloadFailed("address") from None
        finally:
            self._next = time.monotonic() + self._delay

    def _require_status(self, response: httpx.Response, expected: int) -> None:
        status = response.status_code
        if status in TRANSIENT:
            pause = retry_after(response.headers.get("Retry-After"), dt.datetime.now(dt.UTC)) or 0.0
            if pause > self._limits.patience:
                self._politeness.pause, self._stop_reason = pause, "retry-after"
                raise DownloadFailed(f"http-{status}", status)
            raise _Transient(f"http-{status}", status, pause)
        if status != expected:
            raise DownloadFailed(f"http-{status}", status)

    def _wait(self) -> None:
        """Waits until the next request may be made. Raises DownloadFailed if none may be made any more."""
        if max(self._next, time.monotonic()) > self._until:
            self._stop_reason = self._stop_reason or "deadline"
        if self._stop_reason:
            raise DownloadFailed(self._stop_reason)
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._politeness.require_lease()


@contextlib.contextmanager
def open_downloads(limits: Limits, delay: float, politeness: CrawlPoliteness) -> Iterator[ArchiveDownloads]:
    """The downloads from an archive; connections are closed at the end. See :class:`ArchiveDownloads`."""
    import httpx

    headers = {"User-Agent": user_agent(), "Accept-Encoding": "identity"}
    with httpx.Client(timeout=_TIMEOUT, headers=headers) as http:
        yield ArchiveDownloads(http, limits, delay, politeness)
