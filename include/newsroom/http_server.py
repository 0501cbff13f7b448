"""An HTTP server on loopback with a log of its requests: what all sites of the newsroom run on."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import errno
import hashlib
import http.server
import sys
from collections.abc import Callable, Mapping
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from newsroom.answers import Answer
from newsroom.model import HOST, Site, load


class PortTaken(OSError):
    """Another program listens on a port that the press needs."""


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in. ``site`` is the slug, ``target`` path and query, ``headers`` has lower-case names."""

    site: str
    method: str
    target: str
    headers: Mapping[str, str]


class Handler(http.server.BaseHTTPRequestHandler):
    """Logs a request and hands it to the server's ``reply``."""

    protocol_version = "HTTP/1.1"
    server_version = "Newsroom"
    timeout = 30
    disable_nagle_algorithm = True  # head and body leave in two writes; the second would wait 40 ms for nothing
    server: Server

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.log.append(Asked(self.server.slug, self.command, self.path, headers))
        self.server.reply(self)

    do_HEAD = do_GET

    def respond(self, found: Answer, moment: dt.datetime | None) -> None:
        """Sends an answer, or 304 where the client has it already."""
        tag = '"' + hashlib.sha256(found.body).hexdigest()[:32] + '"'
        same = found.status == 200 and self._has(tag, found.changed)
        self.send_response(304 if same else found.status)
        self.send_header("ETag", tag)
        self.send_header("Vary", "Accept-Datetime")
        if moment:
            self.send_header("Memento-Datetime", format_datetime(moment, usegmt=True))
        if found.changed:
            self.send_header("Last-Modified", format_datetime(found.changed.astimezone(dt.UTC), usegmt=True))
        if same:
            self.end_headers()
            return
        self.send_header("Content-Type", found.content_type)
        self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(found.body)

    def _has(self, tag: str, changed: dt.datetime | None) -> bool:
        """Whether the client's copy is this one. If-Modified-Since counts only without If-None-Match (RFC 9110)."""
        if tags := self.headers.get("If-None-Match"):
            return tags.strip() == "*" or tag in [part.strip().removeprefix("W/") for part in tags.split(",")]
        since = self.headers.get("If-Modified-Since")
        with contextlib.suppress(ValueError):
            return bool(since and changed and changed.replace(microsecond=0) <= parsedate_to_datetime(since))
        return False

    def version_string(self) -> str:
        return self.server_version

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal: the press keeps its own log."""


class Server(http.server.ThreadingHTTPServer):
    """The server of one site.

    Args:
        slug: the site's slug.
        reply: answers a request.
        site: one of the publishers; None for the hostile site and for the archives.
        host: its name in addresses. It listens on loopback, and under another name on all interfaces.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        port: int,
        slug: str,
        log: list[Asked],
        reply: Callable[[Handler], None],
        site: Site | None = None,
        host: str = HOST,
    ) -> None:
        self.slug, self.log, self.reply, self.site = slug, log, reply, site
        self.robots_status, self.robots_page = 200, False
        try:
            super().__init__((HOST if host == HOST else "", port), Handler)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                ways = f"set KLARTEXT_NEWSROOM_PORT to the first of {len(load())} free ports in a row"
                raise PortTaken(f"Port {port} is in use; {ways}.") from error
            raise
        self.base = f"http://{host}:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is not worth a word; anything else is."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)
