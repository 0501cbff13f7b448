"""Imports a WARC file from elsewhere as batches: one for each source file whose pages it has, and one for the pages of
all other hosts."""

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

from klartext import sources
from klartext.batch import Batch
from klartext.fetch.capture_rows import row_of_record
from klartext.fetch.import_checkpoint import Checkpoint, ImportState
from klartext.fetch.import_record import RecordImporter
from klartext.fetch_log import FetchLog
from klartext.lake import takedown_filter
from klartext.lake.batches import find_batch
from klartext.model import Fetch, Skipped
from klartext.sources import Source
from klartext.warc import reader, redact
from klartext.warc.compression import NotWarc
from klartext.warc.copying import write_record
from klartext.warc.files import file_name, require_file, why_empty
from klartext.warc.revisits import RevisitIndex
from klartext.warc.split import PartFiles
from klartext.warc.times import EPOCH

if TYPE_CHECKING:
    from klartext.lake import Lake


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
    stem = re.sub(r"(\.w?arc)?(\.gz|\.zst)?$", "", file_name(path))
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
        self._parts = PartFiles(self._part_path, _warcinfo(file_name(path), digest))
        self._checkpoint = Checkpoint(lake.import_folder(digest))

    def run(self) -> None:
        """Writes each record to the part of its source; goes on where an import that was interrupted stopped."""
        state = self._checkpoint.load()
        if state is not None:
            self._owners = state.owners
            if self._parts.resume(state.sizes, state.held):
                self._lost, self._skipped = state.lost, state.skipped
            else:
                state, self._owners = None, {}
        try:
            with self._path.open("rb") as file, self._path.open("rb") as copy:
                index = state.index if state else None
                importer = RecordImporter(self, file, copy, self._digest, file_name(self._path), index)
                importer.run(state.offset if state else 0)
        finally:
            self._parts.close()

    def checkpoint(self, offset: int, index: RevisitIndex) -> None:
        """Stores what was read before this offset, from time to time."""
        if self._checkpoint.is_due():
            sizes, held = self._parts.state()
            self._checkpoint.save(ImportState(offset, sizes, held, self._owners, self._lost, self._skipped, index))

    def page(self, url: str | None, data: bytes, place: str) -> None:
        """Adds the record of a page, as a gzip member."""
        slug = self._owner(url)
        if url and self._takedowns.matches_url(url):
            self._lost.setdefault(slug, []).extend(_taken_down(data))
            data = redact.replacement(len(data), place)  # all others stay where they would be
        self._parts.write(slug, data)

    def companion(self, url: str, data: bytes) -> None:
        """Adds a record that belongs to a page. One of a page that was taken down leaves a gap of its length."""
        source = sources.owner(url)
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
        slug = sources.owner(url).slug
        self._skipped.setdefault(slug, Counter())[reason] += 1

    def store(self) -> list[Batch]:
        """Stores the parts as raw files and stages the rows of each source."""
        if not self._owners:
            self._refuse()
        slugs = sorted(self._owners)
        for slug in [slug for slug in self._skipped if slug not in self._owners]:
            self._skipped.setdefault(slugs[0], Counter()).update(self._skipped.pop(slug))
        batches = [self._store_batch(self._owners[slug]) for slug in slugs]
        self._checkpoint.remove()
        return batches

    def _refuse(self) -> None:
        raise ImportFailed(why_empty(self._path, sum(self._skipped.values(), Counter())))

    def _owner(self, url: str | None) -> str:
        source = sources.owner(url)
        self._owners.setdefault(source.slug, source)
        return source.slug

    def _batch(self, source: Source, moments: list[dt.datetime]) -> Batch:
        return Batch.of_import(source, self._label, min(moments, default=EPOCH), max(moments, default=EPOCH))

    def _part_path(self, slug: str) -> Path:
        return self._lake.scratch_folder(self._batch(self._owners[slug], [])) / "import.warc.gz"

    def _store_batch(self, source: Source) -> Batch:
        part, lost = self._parts.paths.get(source.slug), self._lost.get(source.slug, [])
        origin = f"urn:klartext:{file_name(self._path)}"
        found: list[Fetch] = []
        if part is not None:
            with part.open("rb") as file:
                found = [row_of_record(item, origin, EPOCH) for item in reader.read(file, "")]
        batch = self._batch(source, [f.fetched_at for f in [*found, *lost] if f.fetched_at > EPOCH])
        if former := find_batch(self._lake, source.slug, batch.name):
            batch = dataclasses.replace(batch, date=former.date)
        if part is not None:
            raw = self._lake.raw_files(batch)
            if not raw:
                raw = [self._lake.add_raw_file(batch, part)]
            elif self._lake.raw_size(raw[0]) != part.stat().st_size:  # it has pages whose host got a source file since
                found = self._own_rows(raw[0], source, origin)
            part.unlink(missing_ok=True)  # stored whole by an earlier import of the same file
            found = [_with_raw_file(f, raw[0], file_name(self._path)) for f in found]
        rows = [f if f.fetched_at > EPOCH else dataclasses.replace(f, fetched_at=batch.start) for f in [*found, *lost]]
        log = FetchLog.new(self._lake, batch, source)
        log.add(rows)
        log.save()
        if counts := self._skipped.get(source.slug):
            skipped = [Skipped(origin=origin, reason=reason, count=n) for reason, n in sorted(counts.items())]
            self._lake.stage(batch, "skipped_by_fetch", skipped)
        return batch

    def _own_rows(self, raw: str, source: Source, origin: str) -> list[Fetch]:
        """The rows of the records of a raw file that belong to a source now."""
        with self._lake.open_raw(raw) as file:
            rows = [row_of_record(item, origin, EPOCH) for item in reader.read(file, "")]
        return [row for row in rows if sources.owner(row.final_url or row.url).slug == source.slug]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
