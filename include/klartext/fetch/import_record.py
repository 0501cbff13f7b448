"""Sorts the records of an imported file: pages, records that belong to a page, and records that are only counted."""

from __future__ import annotations

import dataclasses
from typing import BinaryIO, Protocol

from klartext.fetch.capture_rows import row_of_unusable
from klartext.model import Fetch
from klartext.warc.copying import COPY_LIMIT, copy_record, write_record
from klartext.warc.exchange import payload_digest
from klartext.warc.http_response import payload_of, served_type
from klartext.warc.reader import is_asset, skip_reason
from klartext.warc.records import Record, UnreadableRange, read_records
from klartext.warc.revisits import Revisit, RevisitIndex
from klartext.warc.times import record_time

_COMPANIONS = ("request", "metadata", "revisit")


class Target(Protocol):
    """Where the records of an import go; ``data`` is a record as a gzip member."""

    def page(self, url: str | None, data: bytes, place: str) -> None:
        """Adds the record of a page; ``place`` names file and offset that it is from."""

    def companion(self, url: str, data: bytes) -> None:
        """Adds a request, metadata or revisit record that belongs to a page."""

    def lost(self, found: Fetch, url: str | None) -> None:
        """Adds the row of a record that is not kept."""

    def skip(self, url: str | None, reason: str) -> None:
        """Counts a record that is no page, by reason."""

    def checkpoint(self, offset: int, index: RevisitIndex) -> None:
        """Called before a record from which the file can be read on, with its offset, and the index so far."""


class RecordImporter:
    """Reads a file and adds each record to the target.

    Args:
        target: gets the records.
        file, copy: the file, opened twice: to be read, and to copy compressed records from.
        digest: of the file; record IDs are made from it where there are none.
        name: of the file, for rows.
        index: the index of an import that was interrupted.
    """

    def __init__(
        self, target: Target, file: BinaryIO, copy: BinaryIO, digest: str, name: str, index: RevisitIndex | None = None
    ) -> None:
        self._target, self._file, self._copy, self._digest, self._name = target, file, copy, digest, name
        self._index = index or RevisitIndex()

    def run(self, offset: int = 0) -> None:
        """Reads the file from an offset on, of which :meth:`Target.checkpoint` was called. Raises NotWarc and
        OSError."""
        self._file.seek(offset)
        for item in read_records(self._file):
            if isinstance(item, UnreadableRange):
                self._target.lost(row_of_unusable(self._name, item.offset, "warc-damaged"), None)
                continue
            if item.is_seekable:
                self._target.checkpoint(item.offset, self._index)
            self._take(item)
        self._resolve()

    def _take(self, record: Record) -> None:
        url = record.url
        if reason := skip_reason(record):
            self._target.skip(url, reason)
            return
        is_companion = record.type in _COMPANIONS
        if record.type == "warcinfo" or (is_companion and not _is_web(url)):
            return
        content = record.read(COPY_LIMIT + 1)
        problem = "record-truncated" if record.missing else "warc-damaged" if record.damage else None
        if not problem and len(content) > COPY_LIMIT:
            problem = "too-large"
        if is_companion:
            if record.type == "revisit" and is_asset(served_type(content) or ""):
                self._target.skip(url, "not-html")
            elif not problem and url:
                if record.type == "revisit":
                    self._index.add(record)
                self._target.companion(url, copy_record(record, content, self._copy, self._digest))
        elif not problem and is_asset(served_type(content) or ""):
            self._target.skip(url, "not-html")
        elif problem:
            at = record_time(record.headers.get("WARC-Date"))
            self._target.lost(row_of_unusable(self._name, record.offset, problem, url=url, at=at), url)
        else:
            stated = record.headers.get("WARC-Payload-Digest")
            self._index.add(record, "" if stated else payload_digest(payload_of(content)))
            data = copy_record(record, content, self._copy, self._digest)
            self._target.page(url, data, f"{self._digest}#{record.offset}")

    def _resolve(self) -> None:
        """Settles the revisits. One of the same page did not change. One of another address has the content of its
        original, which is read once more and becomes a capture of its own."""
        resolved = self._index.resolve()
        for revisit in resolved.unresolved:
            self._add_row(revisit, "failed", "revisit-unresolved")
        for revisit in resolved.unchanged:
            self._add_row(revisit, "unchanged", "identical")
        wanted = resolved.copies
        if not wanted:
            return
        self._file.seek(0)
        for item in read_records(self._file):
            if isinstance(item, UnreadableRange) or item.offset not in wanted:
                continue
            content = item.read(COPY_LIMIT)
            for revisit in wanted.pop(item.offset):
                place = f"{self._digest}#{revisit.offset}#revisit"
                self._target.page(revisit.url, _as_response(revisit, item, content, place), place)
            if not wanted:
                return

    def _add_row(self, revisit: Revisit, outcome: str, reason: str) -> None:
        found = row_of_unusable(self._name, revisit.offset, reason, url=revisit.url, at=revisit.at)
        if outcome == "unchanged":
            found = dataclasses.replace(found, outcome="unchanged", final_url=revisit.url)
        self._target.lost(found, revisit.url)


def _is_web(url: str | None) -> bool:
    return url is not None and url.lower().startswith(("http://", "https://"))


def _as_response(revisit: Revisit, original: Record, content: bytes, place: str) -> bytes:
    """The response that a revisit refers to, as a record at the revisit's address and time. What says that it was cut
    goes with it."""
    fields = [
        ("WARC-Type", original.type),
        ("WARC-Target-URI", revisit.url),
        ("WARC-Date", revisit.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
        ("WARC-Payload-Digest", revisit.headers.get("WARC-Payload-Digest") or ""),
        ("Content-Type", original.headers.get("Content-Type") or ""),
        *((name, original.headers.get(name) or "") for name in ("WARC-Truncated", "WARC-Segment-Number")),
    ]
    return write_record([(name, value) for name, value in fields if value], content, place)
