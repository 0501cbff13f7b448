"""Handlers for tests of the crawler's process, which imports them by name."""

from __future__ import annotations

import os

from klartext.crawler import CrawlRequest, HandlerResult, ServedResponse


class Follow:
    """Goes to ``/zwei`` from everywhere else and says what it saw."""

    def __init__(self, word: str) -> None:
        self._word = word

    def handle(self, request: CrawlRequest, served: ServedResponse) -> HandlerResult:
        found = [{"word": self._word, "body": served.body.decode(), "type": served.content_type}]
        next_requests = (
            [] if request.context else [CrawlRequest(url=f"{served.url}zwei", via=served.url, context={"n": 2})]
        )
        return HandlerResult(found, next_requests, "second" if request.context else None)


class Raises:
    def handle(self, request: CrawlRequest, served: ServedResponse) -> HandlerResult:
        raise RuntimeError("daran hat niemand gedacht")


class Dies:
    def handle(self, request: CrawlRequest, served: ServedResponse) -> HandlerResult:
        os.write(2, b"letzte Worte\n")
        os._exit(9)


class Rebinds:
    """Names lead elsewhere at the second look: first to where nobody listens and which counts as public here, then to
    the server."""

    def __init__(self) -> None:
        import socket

        from klartext.crawler import request_filter

        answers = iter(["127.0.0.1"])
        request_filter.is_public = lambda address: address == "127.0.0.1"
        socket.gethostbyname = lambda name: next(answers, "127.0.0.2")

    def handle(self, request: CrawlRequest, served: ServedResponse) -> HandlerResult:
        return HandlerResult([], [])


class Stalls:
    """Never comes back from a body that says ``stall``; goes on to ``/zwei`` from ``/``."""

    def handle(self, request: CrawlRequest, served: ServedResponse) -> HandlerResult:
        while served.body == b"stall":
            pass
        next_requests = [
            CrawlRequest(url=f"{served.url}zwei", via=served.url),
            CrawlRequest(url=f"{served.url}drei", via=served.url),
        ]
        return HandlerResult([], next_requests if served.body == b"eins" else [])


class Grows:
    """Takes memory without end for a body that says ``grow``."""

    def handle(self, request: CrawlRequest, served: ServedResponse) -> HandlerResult:
        kept = []
        while served.body == b"grow":
            kept.append(bytearray(64 * 1024 * 1024))
        return HandlerResult([], [])
