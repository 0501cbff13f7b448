"""Revisit records (WARC 1.1, section 6.7) and the responses of the same file that they refer to."""

from __future__ import annotations

import dataclasses
import datetime as dt

from klartext.urls import page_key
from klartext.warc.records import Headers, Record
from klartext.warc.times import record_time

_RESPONSES = 1_000_000
"""Responses that are remembered."""


@dataclasses.dataclass(frozen=True, slots=True)
class Revisit:
    """A page that was requested once more: ``headers`` are those of its record, ``offset`` is the record's."""

    url: str
    at: dt.datetime
    headers: Headers
    offset: int


@dataclasses.dataclass(frozen=True, slots=True)
class Original:
    """The response that a revisit refers to: its address, and the offset of its record."""

    url: str
    offset: int


@dataclasses.dataclass(slots=True)
class Resolved:
    """The revisits of a file, sorted: pages that did not change, pages whose response is not in the file, and, by the
    offset of the response, pages that have the content of another address."""

    unchanged: list[Revisit] = dataclasses.field(default_factory=list)
    unresolved: list[Revisit] = dataclasses.field(default_factory=list)
    copies: dict[int, list[Revisit]] = dataclasses.field(default_factory=dict)


class RevisitIndex:
    """The responses of a file, by each of the fields with which revisits refer to them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Original] = {}
        self._revisits: list[Revisit] = []

    def add(self, record: Record) -> None:
        """Adds a response, or a revisit."""
        if not record.url:
            return
        get = record.headers.get
        if record.type == "revisit":
            self._revisits.append(Revisit(record.url, record_time(get("WARC-Date")), record.headers, record.offset))
            return
        if len(self._known) >= 4 * _RESPONSES:
            return
        found = Original(record.url, record.offset)
        for key in (
            ("id", get("WARC-Record-ID") or ""),
            ("date", record.url, record_time(get("WARC-Date")).isoformat()),
            ("digest", _digest(get("WARC-Payload-Digest"))),
        ):
            if all(key):
                self._known.setdefault(key, found)
        self._known["url", record.url] = found

    def resolve(self) -> Resolved:
        """Sorts the revisits by what they refer to; called at the end of the file."""
        result = Resolved()
        for revisit in self._revisits:
            original = self._find(revisit)
            if original is None:
                result.unresolved.append(revisit)
            elif original.url == revisit.url or page_key(original.url) == page_key(revisit.url):
                result.unchanged.append(revisit)
            else:
                result.copies.setdefault(original.offset, []).append(revisit)
        return result

    def _find(self, revisit: Revisit) -> Original | None:
        """The response that a revisit refers to: by its ID, its address and time, the digest of its payload, or, where
        a server has only stated that nothing changed, by the address alone. None if it is not in the file."""
        get = revisit.headers.get
        url = (get("WARC-Refers-To-Target-URI") or "").strip("<> ")
        keys = [
            ("id", get("WARC-Refers-To") or ""),
            ("date", url, record_time(get("WARC-Refers-To-Date")).isoformat()),
            ("digest", _digest(get("WARC-Payload-Digest"))),
        ]
        if "server-not-modified" in (get("WARC-Profile") or ""):
            keys.append(("url", url or revisit.url))
        return next((self._known[key] for key in keys if all(key) and key in self._known), None)


def _digest(value: str | None) -> str:
    return (value or "").strip().lower()
