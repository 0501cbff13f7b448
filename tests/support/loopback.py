"""A server on loopback that answers as a test wants it to, and remembers what it was asked."""

from __future__ import annotations

import contextlib
import dataclasses
import http.server
import threading
import time
from collections.abc import Callable, Iterator, Mapping


@dataclasses.dataclass(frozen=True)
class Answer:
    body: bytes = b"<html><body><h1>Gr\xc3\xbc\xc3\x9fe</h1></body></html>"
    status: int = 200
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    type: str = "text/html; charset=utf-8"
    chunked: bool = False


@dataclasses.dataclass(frozen=True)
class Asked:
    path: str
    headers: Mapping[str, str]
    began: float
    ended: float


Page = Answer | Callable[["Handler"], None] | list[Answer]


class Site:
    """``pages`` by path with query: an answer, a list of them one after another (the last stays), or a function that
    writes to the handler. robots.txt is absent unless given."""

    def __init__(self, pages: dict[str, Page], address: str = "127.0.0.1") -> None:
        self.pages, self.log = pages, list[Asked]()
        self.server = Server((address, 0), type("Bound", (Handler,), {"site": self}))
        self.host = f"{address}:{self.server.server_port}"
        self.base = f"http://{self.host}"

    def paths(self) -> list[str]:
        return [asked.path for asked in self.log]

    def pause(self) -> float:
        """The mean of the seconds between the begins of two requests: a single one says little on a busy machine."""
        return (self.log[-1].began - self.log[0].began) / (len(self.log) - 1)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is what some tests are about."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    site: Site

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        began = time.monotonic()
        page = self.site.pages.get(self.path, Answer(b"weg", 404))
        if isinstance(page, list):
            page = page.pop(0) if len(page) > 1 else page[0]
        with contextlib.suppress(ConnectionError):
            if isinstance(page, Answer):
                self.send(page)
            else:
                page(self)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.site.log.append(Asked(self.path, headers, began, time.monotonic()))

    def send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(answer.body), answer.body))
        else:
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)


@contextlib.contextmanager
def serve(pages: dict[str, Page], address: str = "127.0.0.1") -> Iterator[Site]:
    site = Site(pages, address)
    threading.Thread(target=site.server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield site
    finally:
        site.server.shutdown()
        site.server.server_close()
