"""Reads pages from WARC files: every record that is, or ought to be, an article's page.

A record that cannot be used is returned as :class:`UnusableRecord` with its reason. What is no page (requests, DNS
responses, screenshots, texts made of pages) is skipped and can be counted by reason.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import urlsplit

from klartext import wayback
from klartext.http_body import Damaged, TooLarge
from klartext.model import Capture
from klartext.urls import LONGEST
from klartext.warc.compression import NotWarc
from klartext.warc.exchange import payload_digest
from klartext.warc.http_response import content_type, media_type, read_body, read_response
from klartext.warc.records import Record, UnreadableRange, parse_fields, read_records
from klartext.warc.times import EPOCH, record_time

__all__ = [
    "PAYLOAD_LIMIT",
    "Head",
    "Page",
    "PageReader",
    "UnusableRecord",
    "head",
    "payload_digest",
    "read",
    "skip_reason",
]

PAYLOAD_LIMIT = 20 * 1024 * 1024
"""Bytes of a decoded payload that are read; a longer page is refused."""

_METADATA = 1000
"""Metadata records that are remembered for responses that are still to come."""
_COMPANIONS = ("request", "metadata", "warcinfo", "revisit")
_PAGES = ("text/html", "application/xhtml+xml", "application/http")
"""Types of a ``resource`` record that may be a page; some tools write whole responses into one."""
_ASSETS = ("image/", "audio/", "video/", "font/", "text/css", "text/javascript", "application/javascript",
           "application/x-javascript", "application/json", "application/ld+json", "application/font",
           "application/x-font", "application/vnd.", "application/pdf", "application/zip", "application/wasm",
           "application/manifest+json")  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One HTTP response: ``body`` is the payload with transfer and content coding decoded, ``via`` is where the address
    was found, ``seed`` the address that was requested first where a redirect led here, ``published`` the time of
    publication given where it was found, ``fetched_at`` is UTC. A capture that the Wayback Machine returned is the
    page at its own address, at the time at which it was captured first.

    ``reserved`` is what the publisher stated of text and data mining (None for nothing), ``policy`` the address under
    which it grants that."""

    url: str
    fetched_at: dt.datetime
    status: int
    content_type: str
    body: bytes
    capture: Capture
    via: str | None = None
    seed: str | None = None
    published: str | None = None
    reserved: bool | None = None
    policy: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class UnusableRecord:
    """A record of which no page can be made, with a stable reason."""

    url: str | None
    fetched_at: dt.datetime
    reason: str
    detail: str
    capture: Capture


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a stored response: ``date`` as in WARC-Date, ``http`` are its headers by their names in lower case.
    Of a revisit ``url`` and ``date`` are those of the response that it refers to."""

    url: str
    date: str
    http: dict[str, str]


def read(stream: BinaryIO, name: str, skipped: Counter[str] | None = None) -> Iterator[Page | UnusableRecord]:
    """Every record that is or ought to be a page, in the file's order, those behind a damaged part included.

    Args:
        stream: the file, read from its current position on.
        name: of the file, as in ``capture.file``.
        skipped: gets the number of records that were skipped, by reason (:func:`skip_reason`).

    A revisit is a page that did not change, and is skipped too. Raises OSError if the file cannot be read.
    """
    pages = PageReader(name, skipped)
    try:
        for item in read_records(stream):
            if isinstance(item, UnreadableRange):
                detail = f"{name} cannot be read at byte {item.offset}: {item.detail}"
                yield _damage(None, EPOCH, "warc-damaged", detail, Capture(file=name, offset=item.offset, digest=""))
            elif (page := pages.take(item)) is not None:
                yield page
    except NotWarc as error:
        if not error.is_empty:
            yield _damage(None, EPOCH, "warc-damaged", f"{name}: {error}", Capture(file=name, offset=0, digest=""))


def skip_reason(record: Record) -> str | None:
    """Why a record is no page and does not belong to one: a stable code; None for all others.

    ``not-http`` is of an address that is none of the web (``dns:``, ``urn:pageinfo:``, a screenshot), ``not-html`` of a
    file without HTTP headers that is no HTML, ``text-of-a-page`` of a WET file's record, ``record-segment`` of the
    further parts of a long record, ``record-type`` of a type that the standard does not have.
    """
    is_http = not record.url or record.url.lower().startswith(("http://", "https://"))
    if not is_http and record.type in ("response", "resource", "revisit"):
        return "not-http"
    if record.type in _COMPANIONS:
        return None
    if record.type in ("response", "resource"):
        kind = (record.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
        return "not-html" if record.type == "resource" and kind not in (*_PAGES, "") else None
    return {"conversion": "text-of-a-page", "continuation": "record-segment"}.get(record.type, "record-type")


def is_asset(media_type: str) -> bool:
    """True for the media type of what pages are made with (pictures, scripts, fonts) and of documents that are no HTML.
    The type is in lower case and without parameters."""
    return media_type.startswith(_ASSETS)


class PageReader:
    """Makes pages of records, in their order. A metadata record's ``via`` belongs to the response that it names as
    concurrent and that comes after it.

    Args:
        name: of the file, as in ``capture.file``.
        skipped: gets the number of records that were skipped, by reason.
        pages_only: skip responses that are pictures, scripts and the like, as ``not-html``.
    """

    def __init__(self, name: str, skipped: Counter[str] | None = None, *, pages_only: bool = False) -> None:
        self._pages_only = pages_only
        self._name, self._skipped = name, Counter() if skipped is None else skipped
        self._metadata: dict[str, dict[str, str]] = {}

    def take(self, record: Record) -> Page | UnusableRecord | None:
        """The page of a record; None for a record of something else."""
        if reason := skip_reason(record):
            self._skipped[reason] += 1
        elif record.type == "metadata":
            self._remember(record)
        elif record.type in ("response", "resource"):
            return self._page(record)
        return None

    def _remember(self, record: Record) -> None:
        if of := record.headers.get("WARC-Concurrent-To"):
            fields = parse_fields(record.read(1 << 16))
            self._metadata[of] = {name.lower(): value for name, value in fields if value}
            if len(self._metadata) > _METADATA:  # written after their responses, by another crawler
                self._metadata.pop(next(iter(self._metadata)))

    def _page(self, record: Record) -> Page | UnusableRecord | None:
        capture = Capture(file=self._name, offset=record.offset, digest="")
        url, at = record.url, record_time(record.headers.get("WARC-Date"))
        response = read_response(record)
        if not url or response is None or not _is_address(url):
            if record.missing or record.damage:
                reason = "record-truncated" if record.missing else "warc-damaged"
                return _damage(url, at, reason, record.damage or f"{record.missing} bytes are missing", capture)
            return _damage(url, at, "not-a-response", "no HTTP response to an http or https address", capture)
        if at == EPOCH:  # the record has no time: the server's is the next best
            at = record_time(response.headers.get("Date"))
        if self._pages_only and is_asset(media_type(response.headers)):
            self._skipped["not-html"] += 1
            return None
        try:
            body = read_body(record, response, PAYLOAD_LIMIT)
        except TooLarge:
            capture = dataclasses.replace(capture, digest=record.headers.get("WARC-Payload-Digest") or "")
            return _damage(url, at, TooLarge.reason, f"more than {PAYLOAD_LIMIT // 1024**2} MiB", capture)
        except Damaged as error:
            return _damage(url, at, error.reason, str(error), capture)
        digest = record.headers.get("WARC-Payload-Digest") or payload_digest(body)
        fields = self._metadata.pop(record.headers.get("WARC-Record-ID") or "", {})
        shown = wayback.memento_time(response.headers.get("Memento-Datetime"), url)
        seed = fields.get("seed")
        return Page(
            url=wayback.page_url(url) or url,
            fetched_at=shown or at,
            status=response.status,
            content_type=content_type(response.headers),
            body=body,
            capture=dataclasses.replace(capture, digest=digest),
            via=fields.get("via"),
            seed=(wayback.page_url(seed) or seed) if seed else None,
            published=fields.get("published"),
            reserved={"0": False, "1": True}.get(fields.get("tdm", "")),
            policy=fields.get("tdm-policy"),
        )


def _is_address(url: str) -> bool:
    """True for an address with a host and a valid port that is not too long."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and len(url) <= LONGEST
    except ValueError:
        return False


def head(stream: BinaryIO) -> Head | None:
    """The head of the record at the stream's position; None if that is no response or revisit, or cannot be read.

    Raises OSError.
    """
    try:
        record = next(read_records(stream), None)
    except NotWarc:
        return None
    if not isinstance(record, Record) or record.type not in ("response", "revisit"):
        return None
    response, get = read_response(record), record.headers.get
    url, date = get("WARC-Refers-To-Target-URI") or record.url, get("WARC-Refers-To-Date") or get("WARC-Date")
    if response is None or not url or not date:
        return None
    return Head(url=url, date=date, http={name.lower(): value for name, value in response.headers.pairs})


def _damage(url: str | None, at: dt.datetime, reason: str, detail: str, capture: Capture) -> UnusableRecord:
    return UnusableRecord(url=url, fetched_at=at, reason=reason, detail=detail, capture=capture)
