"""The formats of Common Crawl's CC-NEWS: lists of a month's WARC files, names of files, heads of records.

``KLARTEXT_CC_NEWS`` is the base address, as ``https://data.commoncrawl.org``; without it no request is made there.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import uuid
from collections.abc import Callable
from io import BytesIO

from klartext import tdm, urls
from klartext.discover.interval import Interval
from klartext.http_body import Damaged, TooLarge, inflate
from klartext.sources import Source
from klartext.warc import reader
from klartext.warc.copying import write_record
from klartext.warc.http_response import read_response
from klartext.warc.records import Record, read_records
from klartext.warc.times import record_time

EARLIEST = dt.datetime(2016, 8, 1, tzinfo=dt.UTC)
"""The beginning of the first month that CC-NEWS covers."""
LIST_LIMIT = 16 * 1024 * 1024
"""Bytes that a list of files may have, compressed and decompressed."""
_PATH = re.compile(
    r"(?:(?:https?|s3)://[^/\s]{1,255})?/?(crawl-data/CC-NEWS/\d{4}/\d{2}/[\w.-]{1,200}\.warc\.gz)", re.ASCII
)
_SPAN = dt.timedelta(days=1)
"""How long a file may have been written to after the time in its name."""


def base_url() -> str | None:
    """The configured base address, without a closing slash."""
    return os.environ.get("KLARTEXT_CC_NEWS", "").strip().rstrip("/") or None


def list_urls(base: str, interval: Interval) -> list[str]:
    """Addresses of the lists of the months whose files may hold captures of the interval."""
    start, end = max(EARLIEST, interval.start - _SPAN), interval.end
    months = [dt.date(year, month, 1) for year in range(start.year, end.year + 1) for month in range(1, 13)]
    last = (end - dt.timedelta(microseconds=1)).astimezone(dt.UTC).date()
    first = start.astimezone(dt.UTC).date().replace(day=1)
    return [f"{base}/crawl-data/CC-NEWS/{month:%Y/%m}/warc.paths.gz" for month in months if first <= month <= last]


def parse_list(body: bytes) -> tuple[list[str], int]:
    """The paths of the WARC files in a list, and the number of other lines. Paths may have the address of the bucket
    before them. Raises ValueError if no line is a path."""
    try:
        text = inflate(body, LIST_LIMIT) if body[:2] == b"\x1f\x8b" else body
    except (Damaged, TooLarge) as error:
        raise ValueError(f"the body is not a list of WARC files: {error}") from error
    lines = [line.strip() for line in text.decode("utf-8-sig", "replace").splitlines()]
    found = [_PATH.fullmatch(line) for line in lines if line and not line.startswith("#")]
    paths = [each[1] for each in found if each]
    if found and not paths:
        raise ValueError(f"{lines[0][:100]!r} in a list is not the path of a WARC file, nor is another line")
    return list(dict.fromkeys(paths)), len(found) - len(paths)


def may_contain(path: str, interval: Interval) -> bool:
    """True if a file may contain captures of the interval, by the time in its name, at which it was started (UTC)."""
    found = re.search(r"CC-NEWS-(\d{14})-", path)
    try:
        started = dt.datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC) if found else None
    except ValueError:
        started = None
    return started is None or (started < interval.end and started + _SPAN > interval.start)


def header_value(head: bytes, name: bytes) -> str:
    """A field of a WARC record's head; empty if it is not there."""
    found = re.search(rb"\r\n" + name + rb":[ \t]*([^\r\n]*)", head.partition(b"\r\n\r\n")[0], re.IGNORECASE)
    return found[1].decode("utf-8", "replace").strip() if found else ""


def record_filter(source: Source, interval: Interval) -> Callable[[bytes], bool]:
    """A function that decides by a record's head if it is a capture of an article of the source in the interval."""
    hosts = urls.host_names(source.hosts)
    names = b"|".join(re.escape(host.encode("idna" if not host.isascii() else "ascii")) for host in hosts)
    of_source = re.compile(rb"\r\nWARC-Target-URI:[ \t]*<?https?://(?:" + names + rb")\.?[:/>\r?#]", re.IGNORECASE)

    def is_wanted(head: bytes) -> bool:
        if not of_source.search(head) or header_value(head, b"WARC-Type") != "response":
            return False
        url = header_value(head, b"WARC-Target-URI").strip("<>")
        moment = record_time(header_value(head, b"WARC-Date"))
        try:
            is_article = source.is_article(source.normalize_url(url))
        except ValueError:
            return False
        return interval.start <= moment < interval.end and urls.is_of_host(url, hosts) and is_article

    return is_wanted


def reservation(data: bytes) -> tdm.Reservation | None:
    """The reservation of text and data mining that a captured page states; None if it states nothing.

    Args:
        data: the record, compressed.
    """
    page = next(reader.read(BytesIO(data), ""), None)
    if not isinstance(page, reader.Page):
        return None  # extract reports what is wrong with it
    record = next(read_records(BytesIO(data)))
    response = read_response(record) if isinstance(record, Record) else None
    if response is None:
        return None
    get = response.headers.get
    return tdm.of_page(page.body[: tdm.HEAD]) or tdm.of_headers(get("tdm-reservation"), get("tdm-policy"))


def metadata_record(head: bytes, via: str, stated: tdm.Reservation | None = None) -> bytes:
    """The metadata record to write before a copied capture. The same arguments give the same bytes.

    Args:
        head: the head of the capture's record.
        via: address of the file that the capture is copied from.
        stated: the reservation of text and data mining that the page states.
    """
    record_id = header_value(head, b"WARC-Record-ID")
    content = {"via": via, **(stated.fields if stated else {})}
    fields = [
        ("WARC-Type", "metadata"),
        ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{via} {record_id}')}>"),
        ("WARC-Target-URI", header_value(head, b"WARC-Target-URI").strip("<>")),
        ("WARC-Date", header_value(head, b"WARC-Date")),
        ("WARC-Concurrent-To", record_id),
        ("Content-Type", "application/warc-fields"),
    ]
    lines = "".join(f"{name}: {value}\r\n" for name, value in content.items() if value)
    return write_record(fields, lines.encode(), via)
