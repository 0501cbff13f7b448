"""The running newsroom: a small HTTP server for each site, all in this process."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from newsroom import archive as archive_site
from newsroom import hostile as hostile_site
from newsroom.answers import Answer, answer
from newsroom.http_server import Asked, Handler, PortTaken, Server
from newsroom.model import FIRST_PORT, HERE, HOST, LAST_MOMENT, Site, load

__all__ = ["Asked", "Handler", "PortTaken", "Press", "Server", "asked_moment", "serve"]


def asked_moment(header: str | None) -> dt.datetime:
    """The moment that a request asks for: not after the press's last one, which is also what is shown unasked.

    Raises ValueError for a header that is no HTTP date.
    """
    if header is None:
        return LAST_MOMENT
    moment = parsedate_to_datetime(header)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return min(moment.astimezone(dt.UTC), LAST_MOMENT)


def reply_of_site(site: Site, handler: Handler) -> None:
    """Answers a request to a publisher, with its state at the time that the request asks for."""
    try:
        moment = asked_moment(handler.headers.get("accept-datetime"))
    except ValueError as error:
        handler.respond(Answer(400, "text/plain; charset=utf-8", f"Accept-Datetime: {error}\n".encode()), None)
        return
    handler.respond(answer(site, handler.server.base, handler.path, moment), moment)


class Press:
    """The running press. ``ports`` is by slug; ``request_log`` grows with every request, in the order they came."""

    def __init__(self, servers: Mapping[str, Server], log: list[Asked]) -> None:
        self.servers, self.request_log = dict(servers), log
        self.ports = {slug: server.server_port for slug, server in servers.items()}

    @property
    def hosts(self) -> list[str]:
        """``host:port`` of every site, as KLARTEXT_ALLOW_HOSTS takes them."""
        return [server.base.partition("://")[2] for server in self.servers.values()]

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
        """An address at a site."""
        return self.servers[slug].base + target

    def sources(self, directory: Path, hostile: bool = False) -> Path:
        """Writes the sites' source files with the real ports into a folder, and returns the folder.

        The hostile site's file is among them only if it is asked for.
        """
        directory.mkdir(parents=True, exist_ok=True)
        for slug, server in self.servers.items():
            if server.slug == archive_site.SLUG or (not server.site and not hostile):
                continue
            text = (HERE / "sources" / f"{slug}.yaml").read_text("utf-8") if server.site else hostile_site.SOURCE
            place = FIRST_PORT - 1 + (server.site.place if server.site else len(load()) + 1)
            (directory / f"{slug}.yaml").write_text(
                text.replace(f"{HOST}:{place}", server.base.partition("://")[2]), "utf-8"
            )
        return directory

    def gold(self, slug: str) -> list[dict[str, Any]]:
        """The gold of a site's newest pages at their real addresses."""
        from newsroom.gold import gold_lines  # here, so that python -m newsroom.gold is not imported twice

        server = self.servers[slug]
        return gold_lines(server.site, server.base) if server.site else []


@contextlib.contextmanager
def serve(
    ports: Sequence[int] | None = None, hostile: bool = False, archive: bool = False, host: str = HOST
) -> Iterator[Press]:
    """Runs the newsroom until the block ends: on the ports given, one for each publisher, or on free ones.

    ``hostile`` starts a fifth site, on a free port, that answers with all that may go wrong, and ``archive`` the
    archives that hold the press's pages, on another. ``host`` is the name of this machine in addresses. Raises
    :class:`PortTaken`, with nothing left running.
    """
    sites = load()
    log: list[Asked] = []
    with contextlib.ExitStack() as stack:
        servers: dict[str, Server] = {}

        def start(port: int, slug: str, reply: Callable[[Handler], None], site: Site | None = None) -> None:
            servers[slug] = Server(port, slug, log, reply, site, host)
            stack.callback(servers[slug].server_close)

        for site, port in zip(sites, ports or [0] * len(sites), strict=False):
            start(port, site.slug, functools.partial(reply_of_site, site), site)
        pages = {slug: (server.site, server.base) for slug, server in servers.items() if server.site}
        if hostile:
            start(0, hostile_site.SLUG, hostile_site.respond)
        if archive:
            start(0, archive_site.SLUG, archive_site.Archive(pages).respond)
        for server in servers.values():
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            stack.callback(server.shutdown)
        yield Press(servers, log)
