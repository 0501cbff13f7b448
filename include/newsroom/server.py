"""The press on loopback: one small HTTP server a site, all in this process."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import errno
import hashlib
import http.server
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any

from newsroom import archive as archive_site
from newsroom import hostile as hostile_site
from newsroom.answers import Answer, answer
from newsroom.model import FIRST_PORT, HERE, HOST, LAST_MOMENT, Site, load


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
    """What every site's server does with a request: log it, find the moment, answer or say that nothing changed."""

    protocol_version = "HTTP/1.1"
    server_version = "Newsroom"
    timeout = 30
    disable_nagle_algorithm = True  # head and body leave in two writes; the second would wait 40 ms for nothing
    server: Server

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        site, log = self.server.site, self.server.log
        log.append(Asked(self.server.slug, self.command, self.path, headers))
        if self.server.archive:
            self.server.archive.respond(self)
            return
        if site is None:
            hostile_site.respond(self)
            return
        try:
            moment = asked_moment(headers.get("accept-datetime"))
        except ValueError as error:
            self.respond(Answer(400, "text/plain; charset=utf-8", f"Accept-Datetime: {error}\n".encode()), None)
            return
        self.respond(answer(site, self.server.base, self.path, moment), moment)

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


def asked_moment(header: str | None) -> dt.datetime:
    """The moment that a request asks for: not after the press's last one, which is also what is shown unasked.

    Raises ValueError for a header that is no HTTP date.
    """
    if header is None:
        return LAST_MOMENT
    moment = parsedate_to_datetime(header)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return min(moment.astimezone(dt.UTC), LAST_MOMENT)


class Server(http.server.ThreadingHTTPServer):
    """A site's server; without a site the hostile one, or the one of the archives."""

    daemon_threads = True
    block_on_close = False

    def __init__(
        self, port: int, site: Site | None, log: list[Asked], archive: archive_site.Archive | None = None
    ) -> None:
        self.site, self.log, self.archive = site, log, archive
        self.slug = site.slug if site else archive_site.SLUG if archive else hostile_site.SLUG
        self.robots_status, self.robots_page = 200, False
        try:
            super().__init__((HOST, port), Handler)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                ways = f"set KLARTEXT_NEWSROOM_PORT to the first of {len(load())} free ports in a row"
                raise PortTaken(f"Port {port} is in use; {ways}.") from error
            raise
        self.base = f"http://{HOST}:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is not worth a word; anything else is."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Press:
    """The running press. ``ports`` is by slug; ``request_log`` grows with every request, in the order they came."""

    def __init__(self, servers: Mapping[str, Server], log: list[Asked]) -> None:
        self.servers, self.request_log = dict(servers), log
        self.ports = {slug: server.server_port for slug, server in servers.items()}

    @property
    def hosts(self) -> list[str]:
        """``host:port`` of every site, as KLARTEXT_ALLOW_HOSTS takes them."""
        return [f"{HOST}:{port}" for port in self.ports.values()]

    @property
    def archive(self) -> str:
        """The base address of both archives, as KLARTEXT_CC_NEWS and KLARTEXT_WAYBACK take it."""
        return self.servers[archive_site.SLUG].base

    @property
    def hostile(self) -> Server:
        """The hostile site's server: ``base`` is its address, ``robots_status`` what its robots.txt answers with, and
        ``robots_page`` whether that is a page."""
        return self.servers[hostile_site.SLUG]

    def url(self, slug: str, target: str = "/") -> str:
        return self.servers[slug].base + target

    def sources(self, directory: Path, hostile: bool = False) -> Path:
        """Writes the sites' source files with the real ports into a folder, and returns the folder.

        The hostile site's file is among them only if it is asked for.
        """
        directory.mkdir(parents=True, exist_ok=True)
        for slug, server in self.servers.items():
            if server.archive or (not server.site and not hostile):
                continue
            text = (HERE / "sources" / f"{slug}.yaml").read_text("utf-8") if server.site else hostile_site.SOURCE
            place = FIRST_PORT - 1 + (server.site.place if server.site else len(load()) + 1)
            (directory / f"{slug}.yaml").write_text(
                text.replace(f"{HOST}:{place}", f"{HOST}:{server.server_port}"), "utf-8"
            )
        return directory

    def gold(self, slug: str) -> list[dict[str, Any]]:
        """The gold of a site's newest pages at their real addresses."""
        from newsroom.gold import gold_lines  # here, so that python -m newsroom.gold is not imported twice

        server = self.servers[slug]
        return gold_lines(server.site, server.base) if server.site else []


@contextlib.contextmanager
def serve(ports: Sequence[int] | None = None, hostile: bool = False, archive: bool = False) -> Iterator[Press]:
    """Runs the press until the block ends: on the ports given, one a site, or on free ones.

    ``hostile`` starts a fifth site, on a free port, that answers with all that may go wrong, and ``archive`` the
    archives that hold the press's pages, on another. Raises :class:`PortTaken`, with nothing left running.
    """
    sites: list[Site | None] = [*load(), *([None] if hostile else [])]
    wanted = [*(ports or [0] * len(load())), 0]
    log: list[Asked] = []
    with contextlib.ExitStack() as stack:
        servers = {}
        for site, port in zip(sites, wanted, strict=False):
            server = Server(port, site, log)
            stack.callback(server.server_close)
            servers[server.slug] = server
        if archive:
            held = archive_site.Archive({slug: (s.site, s.base) for slug, s in servers.items() if s.site})
            server = Server(0, None, log, held)
            stack.callback(server.server_close)
            servers[server.slug] = server
        for server in servers.values():
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            stack.callback(server.shutdown)
        yield Press(servers, log)
