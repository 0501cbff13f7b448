"""Handlers for tests of the crawler's process, which imports them by name."""

from __future__ import annotations

import os

from klartext.crawler import Ask, Served, Taken


class Follow:
    """Goes to ``/zwei`` from everywhere else and says what it saw."""

    def __init__(self, word: str) -> None:
        self._word = word

    def take(self, ask: Ask, served: Served) -> Taken:
        found = [{"word": self._word, "body": served.body.decode(), "type": served.content_type}]
        further = [] if ask.about else [Ask(url=f"{served.url}zwei", via=served.url, about={"n": 2})]
        return Taken(found, further, "second" if ask.about else None)


class Raises:
    def take(self, ask: Ask, served: Served) -> Taken:
        raise RuntimeError("daran hat niemand gedacht")


class Dies:
    def take(self, ask: Ask, served: Served) -> Taken:
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

    def take(self, ask: Ask, served: Served) -> Taken:
        return Taken([], [])


class Stalls:
    """Never comes back from a body that says ``stall``; goes on to ``/zwei`` from ``/``."""

    def take(self, ask: Ask, served: Served) -> Taken:
        while served.body == b"stall":
            pass
        further = [Ask(url=f"{served.url}zwei", via=served.url), Ask(url=f"{served.url}drei", via=served.url)]
        return Taken([], further if served.body == b"eins" else [])


class Grows:
    """Takes memory without end for a body that says ``grow``."""

    def take(self, ask: Ask, served: Served) -> Taken:
        kept = []
        while served.body == b"grow":
            kept.append(bytearray(64 * 1024 * 1024))
        return Taken([], [])
