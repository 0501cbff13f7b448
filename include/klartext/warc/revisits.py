"""Revisit records (WARC 1.1, section 6.7) and the responses of the same file that they refer to."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import re

from klartext.urls import page_key
from klartext.warc.records import Headers, Record
from klartext.warc.times import record_time

_RESPONSES = 1_000_000
"""Responses that are remembered."""
_SIZES = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}
"""Bytes of a digest, by the name of its function."""
_HEXADECIMAL = re.compile("[0-9a-f]+")
_OF_NOTHING = {base64.b32encode(hashlib.new(name, b"").digest()).decode().lower().rstrip("=") for name in _SIZES}


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

    def add(self, record: Record, digest: str = "") -> None:
        """Adds a response, or a revisit. ``digest`` is that of a response's payload, where its record has none."""
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
            ("id", (get("WARC-Record-ID") or "").strip("<> ")),
            ("date", record.url, record_time(get("WARC-Date")).isoformat()),
            ("digest", _digest(get("WARC-Payload-Digest") or digest)),
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
        a server has only stated that nothing changed, or nothing refers to anything, by the address alone. None if it
        is not in the file."""
        get = revisit.headers.get
        url = (get("WARC-Refers-To-Target-URI") or "").strip("<> ")
        keys = [
            ("id", (get("WARC-Refers-To") or "").strip("<> ")),
            ("date", url, record_time(get("WARC-Refers-To-Date")).isoformat()),
            ("digest", _digest(get("WARC-Payload-Digest"))),
        ]
        if "server-not-modified" in (get("WARC-Profile") or "") or not (url or keys[0][1] or keys[2][1]):
            keys.append(("url", url or revisit.url))
        return next((self._known[key] for key in keys if all(key) and key in self._known), None)


def _digest(value: str | None) -> str:
    """A digest in the form that all writers' forms have in common; empty for that of an empty payload, which all
    records without one share, those of pages that did not change among them."""
    name, colon, digits = (value or "").strip().lower().partition(":")
    name = name.replace("-", "")
    size = _SIZES.get(name, 0)
    if len(digits) == 2 * size and _HEXADECIMAL.fullmatch(digits):
        digits = base64.b32encode(bytes.fromhex(digits)).decode().lower()
    digits = digits.rstrip("=")
    return "" if digits in _OF_NOTHING else f"{name}{colon}{digits}"
