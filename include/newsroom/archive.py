"""Archives of the press by somebody else: Common Crawl's CC-NEWS and a Wayback Machine, on one port.

Both hold the pages as they were an hour after they were published or changed, those among them that the press itself
has taken down since, and pages of 2016 and 2017 (:mod:`newsroom.past`). Among its WARC files CC-NEWS has pages of
publishers that are none of ours.
"""

from __future__ import annotations

import datetime as dt
import gzip
import re
import uuid
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from newsroom import hostile, pages, past
from newsroom.model import Site

if TYPE_CHECKING:
    from newsroom.http_server import Handler

SLUG = "archive"
LATER = dt.timedelta(hours=1)
"""How long after it was published or changed a page was captured."""
CUT = dt.datetime(2024, 5, 15, 10, tzinfo=dt.UTC)
"""Where the second of the two WARC files begins."""
_FOREIGN = 3  # pages of others after each of ours


class Capture:
    """A page as an archive holds it: the address as named there, the time, the payload and its type, and the archives
    that hold it."""

    def __init__(
        self,
        url: str,
        moment: dt.datetime,
        body: bytes,
        content_type: str,
        holders: tuple[str, ...] = past.HOLDERS,
    ) -> None:
        self.url, self.moment, self.body, self.content_type, self.holders = url, moment, body, content_type, holders

    @property
    def stamp(self) -> str:
        """The time as the 14 digits of an archive's addresses."""
        return self.moment.strftime("%Y%m%d%H%M%S")


def captures(sites: Mapping[str, tuple[Site, str]]) -> list[Capture]:
    """All captures of all sites, in the order of their time; ``sites`` has each with its address."""
    found = []
    for site, base in sites.values():
        for version in site.versions:
            body = pages.render(site, version, base, version.changed.astimezone(dt.UTC))
            moment = version.changed.astimezone(dt.UTC) + LATER
            found.append(Capture(base + version.path, moment, body, f"text/html; charset={version.charset}"))
        for gone in site.gone:
            moment = gone.published.astimezone(dt.UTC) + LATER
            body = hostile.page(head=f'<meta charset="utf-8"><title>{gone.title}</title>').encode()
            found.append(Capture(base + gone.path, moment, body, "text/html; charset=utf-8"))
        for page in past.load() if site.slug == past.SLUG else ():
            body = past.render(site, page, base)
            found.append(
                Capture(base + page.path, page.published + LATER, body, "text/html; charset=utf-8", page.holders)
            )
    return sorted(found, key=lambda capture: (capture.moment, capture.url))


def _with_foreign(ours: list[Capture]) -> Iterator[Capture]:
    for number, capture in enumerate(ours):
        yield capture
        for other in range(_FOREIGN):
            url = f"https://www.fremdes-blatt.example/{number}/{other}"
            yield Capture(url, capture.moment, hostile.page().encode(), "text/html; charset=utf-8")


def warc(held: list[Capture]) -> bytes:
    """A WARC file as Common Crawl writes them: request and response, a gzip member each."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.0")
    for capture in _with_foreign(held):
        date = {"WARC-Date": capture.moment.strftime("%Y-%m-%dT%H:%M:%SZ")}
        for kind in ("request", "response"):
            name = uuid.uuid5(uuid.NAMESPACE_URL, f"{kind} {capture.url} {date['WARC-Date']}")
            headers = {**date, "WARC-Record-ID": f"<urn:uuid:{name}>"}
            body = capture.body if kind == "response" else b""
            http = (
                StatusAndHeaders("200 OK", [("Content-Type", capture.content_type)], protocol="HTTP/1.1")
                if kind == "response"
                else StatusAndHeaders("GET / HTTP/1.1", [("Host", urlsplit(capture.url).netloc)], is_http_request=True)
            )
            writer.write_record(
                writer.create_warc_record(
                    capture.url, kind, payload=BytesIO(body), length=len(body),
                    warc_headers_dict=headers, http_headers=http,
                )
            )  # fmt: skip
    return out.getvalue()


def files(held: list[Capture]) -> dict[str, bytes]:
    """The tree of CC-NEWS, by path: for each month a list of files; two files of the press's days, and one for each day
    of earlier years."""
    parts: dict[tuple[str, str], list[Capture]] = {}
    for capture in held:
        if past.HOLDERS[0] in capture.holders:
            part = str(capture.moment >= CUT) if capture.moment.year == CUT.year else f"{capture.moment:%d}"
            parts.setdefault((f"{capture.moment:%Y/%m}", part), []).append(capture)
    tree: dict[str, bytes] = {}
    lists: dict[str, str] = {}
    for number, ((month, _), part) in enumerate(parts.items()):
        path = f"crawl-data/CC-NEWS/{month}/CC-NEWS-{part[0].stamp}-{number:05}.warc.gz"
        tree[path] = warc(part)
        lists[month] = lists.get(month, "") + f"{path}\n"
    compressed = {month: gzip.compress(paths.encode(), mtime=0) for month, paths in lists.items()}
    return tree | {f"crawl-data/CC-NEWS/{month}/warc.paths.gz": paths for month, paths in compressed.items()}


def index(held: list[Capture], query: Mapping[str, list[str]]) -> bytes:
    """The answer of the Wayback Machine's index, as lines of time stamp and address."""

    def asked(name: str, default: str) -> str:
        return query.get(name, [default])[0]

    url, match = asked("url", ""), asked("matchType", "exact")
    low, high = asked("from", "0"), asked("to", "9")
    limit, begin = int(asked("limit", "100000")), int(asked("resumeKey", "0"))
    found = sorted(
        (
            capture
            for capture in held
            if past.HOLDERS[1] in capture.holders
            and (urlsplit(capture.url).netloc == url if match == "host" else capture.url == url)
            and low <= capture.stamp
            and capture.stamp[: len(high)] <= high
        ),
        key=lambda capture: (capture.url, capture.stamp),
    )
    lines = [f"{capture.stamp} {capture.url}" for capture in found[begin : begin + limit]]
    if begin + limit < len(found):
        lines += ["", str(begin + limit)]
    return "".join(f"{line}\n" for line in lines).encode()


class Archive:
    """What the archives hold of a running press; made when it is asked for first."""

    def __init__(self, sites: Mapping[str, tuple[Site, str]]) -> None:
        self._sites = sites
        self._held: list[Capture] = []
        self._files: dict[str, bytes] = {}

    def respond(self, handler: Handler) -> None:
        """Answers a request to the archive: its index, a capture, or a file of the crawl."""
        self._held = self._held or captures(self._sites)
        parts = urlsplit(handler.path)
        if parts.path.startswith("/crawl-data/"):
            self._files = self._files or files(self._held)
            self._file(handler, self._files.get(parts.path[1:]))
        elif parts.path == "/cdx/search/cdx":
            _send(handler, 200, index(self._held, parse_qs(parts.query)), "text/plain")
        elif found := re.fullmatch(r"/web/(\d{14})id_/(.+)", handler.path):
            self._page(handler, found[1], found[2])
        else:
            _send(handler, 404, b"", "text/plain")

    def _file(self, handler: Handler, body: bytes | None) -> None:
        if body is None:
            _send(handler, 404, b"", "text/plain")
        elif found := re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", "")):
            begin = int(found[1])
            span = f"bytes {begin}-{len(body) - 1}/{len(body)}"
            _send(handler, 206, body[begin:], "application/octet-stream", {"Content-Range": span})
        else:
            _send(handler, 200, body, "application/octet-stream")

    def _page(self, handler: Handler, stamp: str, url: str) -> None:
        held = [c for c in self._held if past.HOLDERS[1] in c.holders]
        held = [c for c in held if quote(c.url, safe=":/?=&%") == url or c.url == url]
        if not held:
            _send(handler, 404, b"", "text/plain")
            return
        nearest = min(held, key=lambda c: abs(int(c.stamp) - int(stamp)))
        shown = nearest.moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
        _send(handler, 200, nearest.body, nearest.content_type, {"Memento-Datetime": shown})


def _send(handler: Handler, status: int, body: bytes, kind: str, headers: Mapping[str, str] | None = None) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)
