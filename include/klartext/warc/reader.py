"""Captures as they lie in WARC files (ISO 28500), read record by record.

A record that cannot be used is not passed over: it comes out as :class:`Damage` with its reason.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from klartext import wayback
from klartext.model import Capture
from klartext.warc.digest import payload_digest

__all__ = ["PAYLOAD_LIMIT", "Damage", "Head", "Page", "head", "payload_digest", "read"]

PAYLOAD_LIMIT = 20 * 1024 * 1024
"""Bytes of a decoded payload that are read; a longer page is refused."""

_TOLD = 1000


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One HTTP response: ``body`` is the payload with transfer and content encoding undone, ``via`` is where the
    address was found, ``seed`` the address that was asked for first where a redirect led here, ``published`` the time
    of publication given where it was found, ``fetched_at`` is UTC. A capture that the Wayback Machine gave back is the
    page at its own address, at the time at which it was captured first.

    ``reserved`` is what the publisher said of text and data mining when it was asked (None for nothing), ``policy`` the
    address under which it grants that."""

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
class Damage:
    """A record of which no page can be made, with a stable reason."""

    url: str | None
    fetched_at: dt.datetime
    reason: str
    detail: str
    capture: Capture


def _moment(record: ArcWarcRecord) -> dt.datetime:
    value = record.rec_headers.get_header("WARC-Date") or ""
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return dt.datetime.fromtimestamp(0, dt.UTC)
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _fields(record: ArcWarcRecord) -> dict[str, str]:
    """The fields of a metadata record."""
    lines = record.content_stream().read(65536).decode("utf-8", "replace").splitlines()
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs if value.strip()}


def read(stream: BinaryIO, name: str) -> Iterator[Page | Damage]:
    """Every record that ought to be a page, in the file's order.

    ``name`` is what ``capture.file`` says. A metadata record's ``via`` belongs to the response that it names as
    concurrent and that comes after it. Requests, warcinfo and the like are passed over in silence; a revisit is a page
    that did not change and is passed over too. What follows a broken place cannot be read and is one Damage.
    """
    told: dict[str, dict[str, str]] = {}
    records = ArchiveIterator(stream)
    offset = 0
    try:
        for record in records:
            offset = records.offset
            kind = record.rec_type
            if kind == "metadata":
                if of := record.rec_headers.get_header("WARC-Concurrent-To"):
                    told[of] = _fields(record)
                    if len(told) > _TOLD:  # written after their responses, by another crawler: nobody asks for them
                        told.pop(next(iter(told)))
            elif kind in ("response", "resource"):
                yield _page(record, Capture(file=name, offset=offset, digest=""), told)
            elif kind not in ("request", "warcinfo", "revisit"):
                place = Capture(file=name, offset=offset, digest="")
                yield _damage(record, place, "not-a-response", f"record of type {kind}")
    except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
        yield Damage(
            url=None,
            fetched_at=dt.datetime.fromtimestamp(0, dt.UTC),
            reason="warc-damaged",
            detail=f"{name} cannot be read from byte {offset} on: {error}",
            capture=Capture(file=name, offset=offset, digest=""),
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a stored response says of itself: ``date`` as in WARC-Date, ``http`` are its headers by their names in lower
    case. Of a revisit ``url`` and ``date`` are those of the response that it refers to."""

    url: str
    date: str
    http: dict[str, str]


def head(stream: BinaryIO) -> Head | None:
    """The head of the record at which the stream stands; None if that is no response or revisit, or cannot be read."""
    try:
        record = next(iter(ArchiveIterator(stream)), None)
    except (ArchiveLoadFailed, EOFError, OSError, ValueError):
        return None
    if record is None or record.rec_type not in ("response", "revisit") or record.http_headers is None:
        return None
    get = record.rec_headers.get_header
    url, date = get("WARC-Refers-To-Target-URI") or _target(record), get("WARC-Refers-To-Date") or get("WARC-Date")
    http = {name.lower(): value for name, value in record.http_headers.headers}
    return Head(url=url, date=date, http=http) if url and date else None


def _target(record: ArcWarcRecord) -> str | None:
    """The record's address; some crawlers put it into angle brackets, as an early version of the standard had it."""
    url = record.rec_headers.get_header("WARC-Target-URI")
    return url.strip("<>") if url else None


def _missing(record: ArcWarcRecord) -> int:
    """Bytes that the record's header promises and the file does not hold."""
    while record.raw_stream.read(65536):
        pass
    return max(0, int(record.raw_stream.limit))


def _damage(record: ArcWarcRecord, capture: Capture, reason: str, detail: str) -> Damage:
    return Damage(
        url=_target(record),
        fetched_at=_moment(record),
        reason=reason,
        detail=detail,
        capture=capture,
    )


def _page(record: ArcWarcRecord, capture: Capture, told: dict[str, dict[str, str]]) -> Page | Damage:
    url = _target(record)
    if not url or not url.startswith(("http://", "https://")) or record.http_headers is None:
        return _damage(record, capture, "not-a-response", "no HTTP response to an http or https address")
    try:
        body = record.content_stream().read(PAYLOAD_LIMIT + 1)
        missing = 0 if len(body) > PAYLOAD_LIMIT else _missing(record)
    except Exception as error:  # noqa: BLE001  a broken encoding raises whatever its decoder raises
        return _damage(record, capture, "payload-damaged", f"{type(error).__name__}: {error}")
    digest = record.rec_headers.get_header("WARC-Payload-Digest") or payload_digest(body)
    capture = dataclasses.replace(capture, digest=digest)
    if len(body) > PAYLOAD_LIMIT:
        return _damage(record, capture, "too-large", f"more than {PAYLOAD_LIMIT // 1024**2} MiB")
    if missing:
        return _damage(record, capture, "record-truncated", f"{missing} bytes are missing")
    status = record.http_headers.get_statuscode()
    fields = told.pop(record.rec_headers.get_header("WARC-Record-ID") or "", {})
    shown = wayback.shown(record.http_headers.get_header("Memento-Datetime"), url)
    seed = fields.get("seed")
    return Page(
        url=wayback.original(url) or url,
        fetched_at=shown or _moment(record),
        status=int(status) if status.isdigit() else 0,
        content_type=record.http_headers.get_header("Content-Type") or "",
        body=body,
        capture=capture,
        via=fields.get("via"),
        seed=(wayback.original(seed) or seed) if seed else None,
        published=fields.get("published"),
        reserved={"0": False, "1": True}.get(fields.get("tdm", "")),
        policy=fields.get("tdm-policy"),
    )
