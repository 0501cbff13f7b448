"""Long files of an archive over HTTP, read as they come, one after the other and with the manners of a crawl.

Between two requests lies the delay, ``Retry-After`` and a server that is overrun are waited for, a rest that is longer
than anybody's patience ends the asking, and so does the deadline. A connection that breaks is taken up where it broke.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from klartext.crawler.http_status import PASSING, retry_after
from klartext.crawler.job import Limits, Manners, user_agent

if TYPE_CHECKING:
    import httpx

_TRIES = 3
_TIMEOUT = 60.0


class Unreachable(Exception):
    """A file that could not be read to its end; ``reason`` is stable, ``status`` that of HTTP if there was one."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.status = reason, status


class _Again(Exception):
    """The request may be made again, after so many seconds at least."""

    def __init__(self, reason: str, status: int | None = None, after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason, self.status, self.after = reason, status, after


class Reading:
    """The files of one archive. ``manners`` gets what it asks for beyond what is waited for here."""

    def __init__(self, http: httpx.Client, limits: Limits, delay: float, manners: Manners) -> None:
        self._http, self._limits, self._delay, self._manners = http, limits, delay, manners
        self._until = time.monotonic() + limits.deadline
        self._next = 0.0  # nothing is asked before this moment of the monotonic clock
        self._closed: str | None = None

    def chunks(self, url: str) -> Iterator[bytes]:
        """The bytes of a file. Raises :class:`Unreachable`; with ``deadline`` or ``retry-after`` for its reason nothing
        more is asked of the archive."""
        position, failures = 0, 0
        while True:
            self._wait()
            try:
                for chunk in self._stream(url, position):
                    position += len(chunk)
                    yield chunk
                return
            except _Again as again:
                failures += 1
                if failures > _TRIES:
                    raise Unreachable(again.reason, again.status) from None
                self._next += max(again.after, self._limits.backoff * 2 ** (failures - 1))

    def whole(self, url: str, limit: int) -> bytes:
        """A short file. Raises :class:`Unreachable`."""
        body = b""
        for chunk in self.chunks(url):
            body += chunk
            if len(body) > limit:
                raise Unreachable("too-large")
        return body

    def _stream(self, url: str, position: int) -> Iterator[bytes]:
        import httpx

        headers = {"Range": f"bytes={position}-"} if position else {}
        try:
            with self._http.stream("GET", url, headers=headers) as response:
                self._require(response, 206 if position else 200)
                for chunk in response.iter_raw():
                    if time.monotonic() > self._until:
                        raise Unreachable("deadline", response.status_code)
                    yield chunk
        except httpx.TimeoutException:
            raise _Again("timeout") from None
        except httpx.TransportError:
            raise _Again("connection") from None
        except httpx.InvalidURL:
            raise Unreachable("address") from None
        finally:
            self._next = time.monotonic() + self._delay

    def _require(self, response: httpx.Response, wanted: int) -> None:
        status = response.status_code
        if status in PASSING:
            after = retry_after(response.headers.get("Retry-After"), dt.datetime.now(dt.UTC)) or 0.0
            if after > self._limits.patience:
                self._manners.rest, self._closed = after, "retry-after"
                raise Unreachable(f"http-{status}", status)
            raise _Again(f"http-{status}", status, after)
        if status != wanted:
            raise Unreachable(f"http-{status}", status)

    def _wait(self) -> None:
        if max(self._next, time.monotonic()) > self._until:
            self._closed = self._closed or "deadline"
        if self._closed:
            raise Unreachable(self._closed)
        time.sleep(max(0.0, self._next - time.monotonic()))


@contextlib.contextmanager
def reading(limits: Limits, delay: float, manners: Manners) -> Iterator[Reading]:
    import httpx

    headers = {"User-Agent": user_agent(), "Accept-Encoding": "identity"}
    with httpx.Client(timeout=_TIMEOUT, headers=headers) as http:
        yield Reading(http, limits, delay, manners)
