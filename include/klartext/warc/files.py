"""WARC and ARC files of any origin, by their path."""

from __future__ import annotations

import dataclasses
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from klartext.model import Capture
from klartext.warc.compression import NotWarc, is_record_start, open_runs
from klartext.warc.http_response import served_type
from klartext.warc.reader import Page, PageReader, UnusableRecord, is_asset, skip_reason
from klartext.warc.records import Record, UnreadableRange, read_records
from klartext.warc.revisits import Revisit, RevisitIndex
from klartext.warc.times import EPOCH

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_HEAD = 1 << 18
"""Bytes of a revisit that are read for its headers."""
_NAMES = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz", ".wet", ".wet.gz", ".wat", ".wat.gz", ".wacz")


def require_file(path: Path, kind_of_file: str = "WARC file") -> None:
    """Checks that a file can be read. The messages of errors contain what to do.

    Raises:
        FileNotFoundError: there is no such file.
        OSError: it is no regular file or cannot be opened, as type(error) of what opening it raised.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a pipe" if stat.S_ISFIFO(mode) else "a device or a socket"
            raise OSError(f"{path} cannot be read: it is {kind}; name a regular file")
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path} is not there: name a {kind_of_file} that exists") from error
    except OSError as error:
        if error.strerror is None:
            raise
        raise type(error)(f"{path} cannot be read ({error.strerror}): check the name and its permissions") from error


def file_name(path: Path) -> str:
    """The name of a file without its folder, as text that can be stored: bytes that are no UTF-8, and control
    characters, are replaced."""
    return _CONTROLS.sub("\ufffd", os.fsencode(path.name).decode("utf-8", "replace"))


def is_warc_file(path: Path) -> bool:
    """True for a file that is a WARC or ARC file by its name or its first bytes. Raises OSError."""
    if path.name.lower().endswith(_NAMES):
        return True
    with path.open("rb") as file:
        try:
            runs = open_runs(file)
            return runs.next() and is_record_start(runs.read().lstrip(b"\r\n"))
        except NotWarc:
            return False


def read_file(path: Path, skipped: Counter[str]) -> Iterator[Page | UnusableRecord]:
    """The pages of a WARC or ARC file, pictures and other parts of pages left out, revisits resolved within the file.

    Args:
        path: of the file; its name is that of the captures.
        skipped: gets the number of records that were skipped, by reason.

    Raises:
        NotWarc: it is no WARC file, or one without pages; the message has what to do.
        OSError: it cannot be read.
    """
    pages, index, count = PageReader(file_name(path), skipped, pages_only=True), RevisitIndex(), 0
    with path.open("rb") as file:
        try:
            for item in read_records(file):
                found = _unreadable(path, item) if isinstance(item, UnreadableRange) else pages.take(item)
                if isinstance(item, Record):
                    if isinstance(found, Page):
                        index.add(item, found.capture.digest)
                    elif item.type == "revisit" and skip_reason(item) is None:
                        _add_revisit(index, item, skipped)
                if found is not None:
                    count += 1
                    yield found
            file.seek(0)
            for found in _revisits(path, index, read_records(file), skipped):
                count += 1
                yield found
        except NotWarc as error:
            raise NotWarc(f"{path} cannot be read: {error}") from error
    if not count:
        raise NotWarc(why_empty(path, skipped))


def _add_revisit(index: RevisitIndex, record: Record, skipped: Counter[str]) -> None:
    """Adds a revisit, unless its own headers say that it is of a picture or the like."""
    if is_asset(served_type(record.read(_HEAD)) or ""):
        skipped["not-html"] += 1
    else:
        index.add(record)


def why_empty(path: Path, skipped: Counter[str]) -> str:
    """A sentence on a file without pages, with what to do."""
    if skipped["text-of-a-page"]:
        return (
            f"{path} is a WET file, which has the text of pages without the pages: "
            "name the WARC file that it was made from"
        )
    if ".wat" in path.suffixes:
        return (
            f"{path} is a WAT file, which has facts about pages without the pages: "
            "name the WARC file that it was made from"
        )
    counts = ", ".join(f"{count} {reason}" for reason, count in sorted(skipped.items()))
    return f"{path} has no record of a page: nothing to import" + (f" (skipped: {counts})" if counts else "")


def _unreadable(path: Path, gap: UnreadableRange) -> UnusableRecord:
    detail = f"{file_name(path)} cannot be read at byte {gap.offset}: {gap.detail}"
    capture = Capture(file=file_name(path), offset=gap.offset, digest="")
    return UnusableRecord(url=None, fetched_at=EPOCH, reason="warc-damaged", detail=detail, capture=capture)


def _revisits(
    path: Path, index: RevisitIndex, records: Iterator[Record | UnreadableRange], skipped: Counter[str]
) -> Iterator[Page | UnusableRecord]:
    """The pages of revisits that refer to the response of another address."""
    resolved = index.resolve()
    skipped.update({"revisit-unchanged": len(resolved.unchanged)} if resolved.unchanged else {})
    for revisit in resolved.unresolved:
        capture = Capture(file=file_name(path), offset=revisit.offset, digest="")
        detail = "the response that it refers to is not in this file: name the file that has it"
        yield UnusableRecord(
            url=revisit.url, fetched_at=revisit.at, reason="revisit-unresolved", detail=detail, capture=capture
        )
    wanted: dict[int, list[Revisit]] = resolved.copies
    for record in records if wanted else ():
        revisits = wanted.pop(record.offset, []) if isinstance(record, Record) else []
        page = PageReader(file_name(path)).take(record) if revisits and isinstance(record, Record) else None
        if not isinstance(page, Page):
            continue
        for revisit in revisits:
            capture = dataclasses.replace(page.capture, offset=revisit.offset)
            yield dataclasses.replace(page, url=revisit.url, fetched_at=revisit.at, capture=capture, seed=None)
        if not wanted:
            return
