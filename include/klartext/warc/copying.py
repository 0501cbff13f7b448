"""Copies records of any WARC or ARC file as gzip members of their own, the form in which the lake stores them."""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Iterable
from typing import BinaryIO

from klartext.warc.records import Record
from klartext.warc.times import record_time

COPY_LIMIT = 64 << 20
"""Bytes of content of a record that is copied; pages are far shorter."""


def copy_record(record: Record, content: bytes, file: BinaryIO, seed: str) -> bytes:
    """A record as a gzip member.

    Its compressed bytes are copied as they are if they are a member of the file and the record is well formed, so that
    they stay what its writer made. Otherwise it is written again: with carriage returns, its length, and of an ARC
    record with the fields that a WARC record must have.

    Args:
        record: a whole record.
        content: its content.
        file: the file that it is in, at any place.
        seed: names the file; the same gives the same record ID where the record has none.
    """
    is_well_formed = record.length is not None and record.head.endswith(b"\r\n\r\n") and not record.is_arc
    if is_well_formed and record.is_gzip_member:
        file.seek(record.offset)
        return file.read(record.end - record.offset)
    if is_well_formed:
        return gzip.compress(record.head + content + b"\r\n\r\n", compresslevel=6, mtime=0)
    return write_record(record.headers.pairs, content, f"{seed}#{record.offset}")


def write_record(fields: Iterable[tuple[str, str]], content: bytes, seed: str) -> bytes:
    """A WARC 1.1 record as a gzip member, from its fields and its content. ``seed`` is what its ID is made from, if
    none is among the fields; the same arguments give the same bytes."""
    pairs = [(name, value) for name, value in fields if name.lower() != "content-length"]
    names = {name.lower() for name, _ in pairs}
    if "warc-record-id" not in names:
        pairs.append(("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, seed)}>"))
    pairs = [(name, _date(value) if name.lower() == "warc-date" else value) for name, value in pairs]
    pairs.append(("Content-Length", str(len(content))))
    head = "WARC/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in pairs) + "\r\n"
    return gzip.compress(head.encode("utf-8", "replace") + content + b"\r\n\r\n", compresslevel=6, mtime=0)


def _date(value: str) -> str:
    """14 digits in the form that WARC has; other values as they are."""
    return record_time(value).strftime("%Y-%m-%dT%H:%M:%SZ") if value.isdigit() and len(value) >= 8 else value
