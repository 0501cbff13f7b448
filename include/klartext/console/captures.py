"""One capture: its record, read from the WARC file, and the article that extraction makes of it now."""

from __future__ import annotations

import dataclasses

from klartext import sources
from klartext.console.lake_cache import LakeCache
from klartext.console.view import NotFound, View
from klartext.console.warm_extractor import WarmExtractor
from klartext.extract.page import EXTRACTOR
from klartext.extract.worker import Result
from klartext.lake import Lake
from klartext.lake.table_files import source_of_raw_file
from klartext.sources import Source
from klartext.warc import reader

GONE = "This page was taken down. Its captures are not shown."


@dataclasses.dataclass(frozen=True, slots=True)
class ReadCapture:
    """A capture as read: ``record`` is the page, without its bytes, ``source`` as what it was read, ``result`` None for
    a record that is no page."""

    record: reader.Page | reader.UnusableRecord
    source: Source
    result: Result | None


def read_capture(
    cache: LakeCache, extractor: WarmExtractor, view: View, slug: str, file: str, offset: int, *, generic: bool = False
) -> ReadCapture:
    """Reads a capture and extracts its article.

    Args:
        cache: of the lake.
        extractor: extracts it.
        view: who looks.
        slug: the source as whose page it is asked for.
        file: the WARC file, a name in the lake.
        offset: of the record, in bytes.
        generic: extract without the source's own rules.

    Raises:
        NotAllowed: the user may not see the source.
        NotFound: there is no such capture of this source, or it was taken down.
        Busy: too many pages are being extracted.
    """
    view.require(slug)
    lake, stored_under = cache.lake, source_of_raw_file(file)
    if stored_under is None or offset < 0:
        raise NotFound("There is no such capture: the address names no WARC file of the lake.")
    taken_down = lake.takedown_filter()
    if (file, offset) in taken_down.captures:
        raise NotFound(GONE)
    record = _record(lake, file, offset)
    if record is None:
        raise NotFound(f"{file} has no capture at byte {offset}.")
    if taken_down.matches_url(record.url):
        raise NotFound(GONE)
    # the captures of a host that got a source file later stay where they are
    if slug != stored_under and sources.owner(record.url).slug != slug:
        raise NotFound(f"{file} has no capture of {slug} at byte {offset}.")
    source = sources.page_source(cache.source(slug), record.url)
    if isinstance(record, reader.UnusableRecord):
        return ReadCapture(record, source, None)
    key = (lake.storage.root, file, offset, generic, EXTRACTOR, source.model_dump_json())
    result = extractor.extract(key, (record, source, generic, True))
    return ReadCapture(dataclasses.replace(record, body=b""), source, result)


def _record(lake: Lake, file: str, offset: int) -> reader.Page | reader.UnusableRecord | None:
    try:
        with lake.open_raw(file) as stream:
            stream.seek(offset)
            found = next(reader.read(stream, file), None)
    except FileNotFoundError:
        return None
    return found if found is not None and found.capture.offset == offset else None
