"""A proxy in front of an object store that answers as stores and networks do on a bad day."""

from __future__ import annotations

import contextlib
import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAULTS = ("refused before", "refused after", "dropped before", "dropped after", "cut", "late")
"""503 without and with the request done, the connection closed without and with it done, half an answer, a delay."""


class FaultyProxy(ThreadingHTTPServer):
    """Forwards requests to ``upstream`` (``host:port``); a share of them, chosen at random, meets one of FAULTS.

    ``met`` counts them. The ``Host`` header is forwarded as received, so that signatures stay valid.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, upstream: str, share: float, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream, self.share = upstream, share
        self.met: Counter[str] = Counter()
        self._random, self._lock = random.Random(seed), threading.Lock()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fault(self) -> str | None:
        """What the next request meets."""
        with self._lock:
            found = self._random.choice(FAULTS) if self._random.random() < self.share else None
            self.met[found or "none"] += 1
            return found

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients are killed in the middle of their requests: nothing to report."""


@contextlib.contextmanager
def faulty_proxy(upstream: str, share: float, seed: int = 0) -> Iterator[FaultyProxy]:
    with FaultyProxy(upstream, share, seed) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyProxy

    def _forward(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        fault = self.server.fault()
        if fault == "late":
            time.sleep(0.5)
        if fault == "refused before":
            self._refuse()
            return
        if fault == "dropped before":
            self.close_connection = True
            return
        status, headers, content = self._upstream(body)
        if fault == "refused after":
            self._refuse()
            return
        if fault == "dropped after":
            self.close_connection = True
            return
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "keep-alive"):
                self.send_header(name, value)
        announced = next((v for n, v in headers if n.lower() == "content-length"), str(len(content)))
        if status not in (204, 304):
            self.send_header("Content-Length", announced if self.command == "HEAD" else str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            if fault == "cut":
                self.wfile.write(content[: len(content) // 2])
                self.close_connection = True
                return
            self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _forward

    def _upstream(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self.server.upstream, timeout=60)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("connection", "keep-alive", "expect"):
                    connection.putheader(name, value)
            connection.endheaders(body or None)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _refuse(self) -> None:
        content = (
            b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"
        )
        self.send_response_only(503)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Thousands of lines would hide what a test prints."""
