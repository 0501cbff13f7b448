"""A WARC file from elsewhere becomes batches: one for each source that it has pages of."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import hashlib
import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from warcio.warcwriter import WARCWriter

from klartext import sources
from klartext.batch import Batch
from klartext.fetch.capture_rows import row
from klartext.fetch_log import FetchLog
from klartext.lake import takedown_filter
from klartext.model import Fetch
from klartext.sources import Source
from klartext.warc import reader, redact
from klartext.warc.split import Gap, ImportFailed, Parts, Rec, check, is_companion, is_page, member, records

if TYPE_CHECKING:
    from klartext.lake import Lake

UNKNOWN = Source(slug="unknown", name="unknown", hosts=["unknown"])
"""The source of records that do not tell whose they are."""
_EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)


def import_warc(lake: Lake, path: str | Path) -> list[Batch]:
    """Splits a WARC file by source into batches, keeps their records as raw files, and stages ``fetches`` with a row
    for everything that is or ought to be a page.

    The same file gives the same batches again, and nothing twice. Pages that were taken down are ``refused``, and their
    bytes left out. Raises :class:`ImportFailed` (a ValueError) for what
    is no usable WARC file and OSError for one that cannot be read, both with what to do.
    """
    path = Path(path)
    try:
        packed = check(path)
        digest = _digest(path)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path} is not there: name a WARC file that exists") from error
    except OSError as error:
        raise type(error)(f"{path} cannot be read ({error.strerror}): check the name and its permissions") from error
    stem = re.sub(r"(\.warc)?(\.gz)?$", "", path.name)
    label = f"{re.sub(r'[^A-Za-z0-9.-]+', '-', stem)[:60].strip('.-') or 'warc'}-{digest[:8]}"
    owners: dict[str, Source] = {}

    def place(slug: str) -> Path:
        return lake.scratch_folder(_batch(owners[slug], label, [])) / "import.warc.gz"

    parts = Parts(place, _warcinfo(path.name, digest))
    lost: dict[str, list[Fetch]] = {}
    known = lake.takedown_filter()
    try:
        with path.open("rb") as file, path.open("rb") as copy:
            for item in records(file, path.stat().st_size, str(path)):
                source = _owner(item)
                if source is None:
                    continue
                owners.setdefault(source.slug, source)
                if isinstance(item, Gap) or not item.whole:
                    lost.setdefault(source.slug, []).append(_lost(item, path.name))
                    continue
                copy.seek(item.offset)
                data = member(copy.read(item.length), packed=packed)
                if known.matches_url((item.url or "").strip("<>")):
                    lost.setdefault(source.slug, []).extend(_taken_down(data))
                    data = redact.member(len(data), f"{digest}#{item.offset}")  # all others stay where they would be
                parts.write(source.slug, data)
    finally:
        parts.close()
    if not owners:
        raise ImportFailed(f"{path} has no record of a page: nothing to import")
    return [
        _land(lake, owners[slug], label, parts.paths.get(slug), lost.get(slug, []), path.name)
        for slug in sorted(owners)
    ]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.lru_cache(maxsize=10_000)
def _of_host(netloc: str) -> Source:
    try:
        return sources.of_url(f"https://{netloc}/")
    except sources.SourceError:
        raise
    except ValueError:
        return UNKNOWN  # a host of which no name of a source can be made


def _owner(item: Rec | Gap) -> Source | None:
    """Whose record it is; None for one that is no page and goes with none."""
    if isinstance(item, Gap):
        return UNKNOWN
    url = (item.url or "").strip("<>")
    if url.startswith(("http://", "https://")) and (is_page(item.kind) or is_companion(item.kind)):
        try:
            return _of_host(urlsplit(url).netloc)
        except sources.SourceError:
            raise
        except ValueError:
            return UNKNOWN
    return UNKNOWN if is_page(item.kind) else None


def _taken_down(data: bytes) -> list[Fetch]:
    """The row of a page that is left out; its time counts among those of the batch, as in an import before."""
    rows = (row(item, takedown_filter.URN, _EPOCH) for item in reader.read(BytesIO(data), ""))
    return [dataclasses.replace(it, outcome="refused", reason=takedown_filter.REASON, capture=None) for it in rows]


def _lost(item: Rec | Gap, name: str) -> Fetch:
    here = f"urn:klartext:{name}#{item.offset}"
    return Fetch(
        url=here if isinstance(item, Gap) else item.url or here,
        discovered_from=f"urn:klartext:{name}",
        outcome="failed",
        reason="warc-damaged" if isinstance(item, Gap) else "record-truncated",
        status=None,
        final_url=None,
        bytes=None,
        attempt=1,
        fetched_at=_EPOCH,
        capture=None,
        candidate_title=None,
        candidate_published_at=None,
    )


def _batch(source: Source, label: str, moments: list[dt.datetime]) -> Batch:
    return Batch.of_import(source, label, min(moments, default=_EPOCH), max(moments, default=_EPOCH))


def _land(lake: Lake, source: Source, label: str, part: Path | None, lost: list[Fetch], name: str) -> Batch:
    """Puts a source's part in its place and stages its rows."""
    found: list[Fetch] = []
    if part is not None:
        with part.open("rb") as file:
            found = [row(item, f"urn:klartext:{name}", _EPOCH) for item in reader.read(file, "")]
    batch = _batch(source, label, [f.fetched_at for f in [*found, *lost] if f.fetched_at > _EPOCH])
    raw = lake.raw_files(batch)
    if part is not None:
        if raw:
            part.unlink()  # kept whole by an earlier import of the same file
        else:
            raw = [lake.add_raw_file(batch, part)]
        found = [_placed(f, raw[0], name) for f in found]
    rows = [f if f.fetched_at > _EPOCH else dataclasses.replace(f, fetched_at=batch.start) for f in [*found, *lost]]
    log = FetchLog.new(lake, batch)
    log.add(rows)
    log.save()
    return batch


def _placed(found: Fetch, raw: str, name: str) -> Fetch:
    assert found.capture is not None
    url = found.url if not found.url.startswith("urn:klartext:#") else f"urn:klartext:{name}{found.url[13:]}"
    return dataclasses.replace(found, url=url, capture=dataclasses.replace(found.capture, file=raw))


def _warcinfo(name: str, digest: str) -> bytes:
    """The first record of each part: what file it is from. The same file gives the same bytes."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    info = {"format": "WARC File Format 1.1", "description": f"copied from {name}", "sha256": digest}
    record = writer.create_warcinfo_record(None, info)
    record.rec_headers.replace_header("WARC-Record-ID", f"<urn:uuid:{_uuid(digest)}>")
    record.rec_headers.replace_header("WARC-Date", "1970-01-01T00:00:00Z")
    writer.write_record(record)
    return out.getvalue()


def _uuid(digest: str) -> str:
    import uuid

    return str(uuid.uuid5(uuid.NAMESPACE_OID, digest))
