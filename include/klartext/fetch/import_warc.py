"""Imports a WARC file from elsewhere as batches: one for each source that it has pages of."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import re
import uuid
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from klartext import sources
from klartext.batch import Batch
from klartext.fetch.capture_rows import row_of_record
from klartext.fetch.import_record import RecordImporter
from klartext.fetch_log import FetchLog
from klartext.lake import takedown_filter
from klartext.model import Fetch, Skipped
from klartext.sources import Source
from klartext.warc import reader, redact
from klartext.warc.compression import NotWarc
from klartext.warc.copying import write_record
from klartext.warc.files import require_file, why_empty
from klartext.warc.split import PartFiles
from klartext.warc.times import EPOCH

if TYPE_CHECKING:
    from klartext.lake import Lake

UNKNOWN = Source(slug="unknown", name="unknown", hosts=["unknown"])
"""The source of records whose address names no host of a publisher."""


class ImportFailed(ValueError):
    """The file cannot be imported; the message has what to do."""


def import_warc(lake: Lake, path: str | Path) -> list[Batch]:
    """Splits a WARC or ARC file by source into batches, keeps their records as raw files, and stages ``fetches`` with a
    row for everything that is or ought to be a page, and ``skipped_by_fetch`` with the number of records that are not.

    The file may be compressed with gzip or Zstandard, in any way. Importing it again gives the same batches and adds
    nothing. Pages that were taken down are ``refused``, and their bytes left out. Skipped records of hosts without a
    page are counted in the first batch.

    Raises:
        ImportFailed: it is no usable WARC file; the message has what to do.
        klartext.sources.SourceError: it has pages of a source whose file cannot be used.
        OSError: it cannot be read.
    """
    path = Path(path)
    require_file(path)
    digest = _digest(path)
    stem = re.sub(r"(\.w?arc)?(\.gz|\.zst)?$", "", path.name)
    label = f"{re.sub(r'[^A-Za-z0-9.-]+', '-', stem)[:60].strip('.-') or 'warc'}-{digest[:8]}"
    importer = _Importer(lake, path, label, digest)
    try:
        importer.run()
    except NotWarc as error:
        raise ImportFailed(f"{path} cannot be imported: {error}") from error
    return importer.store()


class _Importer:
    """The import of one file."""

    def __init__(self, lake: Lake, path: Path, label: str, digest: str) -> None:
        self._lake, self._path, self._label, self._digest = lake, path, label, digest
        self._owners: dict[str, Source] = {}
        self._lost: dict[str, list[Fetch]] = {}
        self._skipped: dict[str, Counter[str]] = {}
        self._takedowns = lake.takedown_filter()
        self._parts = PartFiles(self._part_path, _warcinfo(path.name, digest))

    def run(self) -> None:
        """Writes each record to the part of its source."""
        try:
            with self._path.open("rb") as file, self._path.open("rb") as copy:
                record_importer = RecordImporter(self, file, copy, self._digest, self._path.name)
                record_importer.run()
        finally:
            self._parts.close()

    def page(self, url: str | None, data: bytes, place: str) -> None:
        """Adds the record of a page, as a gzip member."""
        slug = self._owner(url)
        if url and self._takedowns.matches_url(url):
            self._lost.setdefault(slug, []).extend(_taken_down(data))
            data = redact.replacement(len(data), place)  # all others stay where they would be
        self._parts.write(slug, data)

    def companion(self, url: str, data: bytes) -> None:
        """Adds a record that belongs to a page. One of a page that was taken down leaves a gap of its length."""
        source = owner(url)
        if self._takedowns.matches_url(url):
            data = redact.replacement(len(data), f"{self._digest}#{hashlib.sha256(data).hexdigest()}")
        self._parts.hold(source.slug, data)

    def lost(self, found: Fetch, url: str | None) -> None:
        """Adds the row of a record that gives no page, or of a page that did not change."""
        if url and self._takedowns.matches_url(url):
            found = dataclasses.replace(found, outcome="refused", reason=takedown_filter.REASON)
        self._lost.setdefault(self._owner(url), []).append(found)

    def skip(self, url: str | None, reason: str) -> None:
        """Counts a record that is no page."""
        slug = owner(url).slug if url else UNKNOWN.slug
        self._skipped.setdefault(slug, Counter())[reason] += 1

    def store(self) -> list[Batch]:
        """Stores the parts as raw files and stages the rows of each source."""
        if not self._owners:
            self._refuse()
        slugs = sorted(self._owners)
        for slug in [slug for slug in self._skipped if slug not in self._owners]:
            self._skipped.setdefault(slugs[0], Counter()).update(self._skipped.pop(slug))
        return [self._store_batch(self._owners[slug]) for slug in slugs]

    def _refuse(self) -> None:
        raise ImportFailed(why_empty(self._path, sum(self._skipped.values(), Counter())))

    def _owner(self, url: str | None) -> str:
        source = owner(url)
        self._owners.setdefault(source.slug, source)
        return source.slug

    def _batch(self, source: Source, moments: list[dt.datetime]) -> Batch:
        return Batch.of_import(source, self._label, min(moments, default=EPOCH), max(moments, default=EPOCH))

    def _part_path(self, slug: str) -> Path:
        return self._lake.scratch_folder(self._batch(self._owners[slug], [])) / "import.warc.gz"

    def _store_batch(self, source: Source) -> Batch:
        part, lost = self._parts.paths.get(source.slug), self._lost.get(source.slug, [])
        origin = f"urn:klartext:{self._path.name}"
        found: list[Fetch] = []
        if part is not None:
            with part.open("rb") as file:
                found = [row_of_record(item, origin, EPOCH) for item in reader.read(file, "")]
        batch = self._batch(source, [f.fetched_at for f in [*found, *lost] if f.fetched_at > EPOCH])
        if part is not None:
            raw = self._lake.raw_files(batch)
            if raw:
                part.unlink()  # stored whole by an earlier import of the same file
            else:
                raw = [self._lake.add_raw_file(batch, part)]
            found = [_with_raw_file(f, raw[0], self._path.name) for f in found]
        rows = [f if f.fetched_at > EPOCH else dataclasses.replace(f, fetched_at=batch.start) for f in [*found, *lost]]
        log = FetchLog.new(self._lake, batch, source)
        log.add(rows)
        log.save()
        if counts := self._skipped.get(source.slug):
            skipped = [Skipped(origin=origin, reason=reason, count=n) for reason, n in sorted(counts.items())]
            self._lake.stage(batch, "skipped_by_fetch", skipped)
        return batch


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def owner(url: str | None) -> Source:
    """The source of a record, by its address.

    Raises :class:`klartext.sources.SourceError` if the source file that names its host cannot be used.
    """
    try:
        parts = urlsplit(url or "")
        is_page = parts.scheme in ("http", "https") and len(parts.hostname or "") <= 253  # no host name is longer
        return sources.of_url(parts.geturl()) if is_page else UNKNOWN
    except sources.SourceError:
        raise
    except ValueError:
        return UNKNOWN  # a host of which no name of a source can be made


def _taken_down(data: bytes) -> list[Fetch]:
    """The row of a page that is left out; its time counts among those of the batch, as in an import before."""
    rows = (row_of_record(item, takedown_filter.URN, EPOCH) for item in reader.read(BytesIO(data), ""))
    return [dataclasses.replace(it, outcome="refused", reason=takedown_filter.REASON, capture=None) for it in rows]


def _with_raw_file(found: Fetch, raw: str, name: str) -> Fetch:
    assert found.capture is not None
    url = found.url if not found.url.startswith("urn:klartext:#") else f"urn:klartext:{name}{found.url[13:]}"
    return dataclasses.replace(found, url=url, capture=dataclasses.replace(found.capture, file=raw))


def _warcinfo(name: str, digest: str) -> bytes:
    """The first record of each part, which names the file that it is from. The same file gives the same bytes."""
    fields = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}>"),
        ("WARC-Date", "1970-01-01T00:00:00Z"),
        ("Content-Type", "application/warc-fields"),
    ]
    info = {"format": "WARC File Format 1.1", "description": f"copied from {name}", "sha256": digest}
    content = "".join(f"{field}: {value}\r\n" for field, value in info.items())
    return write_record(fields, content.encode(), digest)
