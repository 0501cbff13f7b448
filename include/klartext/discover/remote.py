"""A long file over HTTP, read as it comes; a connection that breaks is taken up again where it broke."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from klartext.crawler.job import user_agent

if TYPE_CHECKING:
    import httpx

_TRIES = 3
_PASSING = (429, 500, 502, 503, 504)


class Unreachable(Exception):
    """A file that could not be read to its end; ``reason`` is stable, ``status`` that of HTTP if there was one."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.status = reason, status


@contextlib.contextmanager
def client(timeout: float = 60.0) -> Iterator[httpx.Client]:
    import httpx

    with httpx.Client(timeout=timeout, headers={"User-Agent": user_agent(), "Accept-Encoding": "identity"}) as opened:
        yield opened


def chunks(http: httpx.Client, url: str, until: float, wait: float = 2.0) -> Iterator[bytes]:
    """The bytes of a file, at most until a moment of the monotonic clock. Raises :class:`Unreachable`."""
    import httpx

    position, failures = 0, 0
    while True:
        try:
            headers = {"Range": f"bytes={position}-"} if position else {}
            with http.stream("GET", url, headers=headers) as response:
                if response.status_code in _PASSING and failures < _TRIES:
                    raise httpx.RemoteProtocolError(f"status {response.status_code}")
                if response.status_code != (206 if position else 200):
                    raise Unreachable(f"http-{response.status_code}", response.status_code)
                for chunk in response.iter_raw():
                    if time.monotonic() > until:
                        raise Unreachable("deadline", response.status_code)
                    position += len(chunk)
                    yield chunk
            return
        except httpx.TimeoutException:
            reason = "timeout"
        except httpx.TransportError:
            reason = "connection"
        except httpx.InvalidURL:
            raise Unreachable("address") from None
        failures += 1
        if failures > _TRIES or time.monotonic() > until:
            raise Unreachable(reason)
        time.sleep(wait * 2 ** (failures - 1))


def whole(http: httpx.Client, url: str, limit: int, until: float, wait: float = 2.0) -> bytes:
    """A short file. Raises :class:`Unreachable`."""
    body = b""
    for chunk in chunks(http, url, until, wait):
        body += chunk
        if len(body) > limit:
            raise Unreachable("too-large")
    return body
