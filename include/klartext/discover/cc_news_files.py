"""Common Crawl's CC-NEWS: lists of a month's WARC files, and the captures of a source in them.

``KLARTEXT_CC_NEWS`` is the base address, as ``https://data.commoncrawl.org``; without it nothing is asked there.
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

FIRST = dt.datetime(2016, 8, 1, tzinfo=dt.UTC)
"""Nothing is older."""
LIST = 16 * 1024 * 1024
"""Bytes of a list of files that are read."""
_SPAN = dt.timedelta(days=1)
"""How long after the time in its name a file may have been written to."""


def base() -> str | None:
    """The configured base address, without a closing slash."""
    return os.environ.get("KLARTEXT_CC_NEWS", "").strip().rstrip("/") or None


def lists(at: str, interval: Interval) -> list[str]:
    """Addresses of the lists of the months whose files may hold captures of the interval."""
    start, end = max(FIRST, interval.start - _SPAN), interval.end
    months = [dt.date(year, month, 1) for year in range(start.year, end.year + 1) for month in range(1, 13)]
    last = (end - dt.timedelta(microseconds=1)).astimezone(dt.UTC).date()
    first = start.astimezone(dt.UTC).date().replace(day=1)
    return [f"{at}/crawl-data/CC-NEWS/{month:%Y/%m}/warc.paths.gz" for month in months if first <= month <= last]


def paths(body: bytes) -> list[str]:
    """The files that a list names. Raises ValueError for what is no such list."""
    try:
        text = inflate(body, LIST).decode("ascii", "replace") if body[:2] == b"\x1f\x8b" else body.decode("ascii")
    except (Damaged, TooLarge, UnicodeDecodeError) as error:
        raise ValueError(f"no list of WARC files: {error}") from error
    found = [line.strip() for line in text.splitlines() if line.strip()]
    for path in found:
        if not re.fullmatch(r"crawl-data/CC-NEWS/\d{4}/\d{2}/[\w.-]+\.warc\.gz", path):
            raise ValueError(f"no path of a WARC file: {path[:100]!r}")
    return found


def may_hold(path: str, interval: Interval) -> bool:
    """Whether a file may hold captures of the interval, by the time in its name at which it was begun."""
    found = re.search(r"CC-NEWS-(\d{14})-", path)
    try:
        begun = dt.datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC) if found else None
    except ValueError:
        begun = None
    return begun is None or (begun < interval.end and begun + _SPAN > interval.start)


def header(head: bytes, name: bytes) -> str:
    """A field of a WARC record's head; empty if it is not there."""
    found = re.search(rb"\r\n" + name + rb":[ \t]*([^\r\n]*)", head.partition(b"\r\n\r\n")[0], re.IGNORECASE)
    return found[1].decode("utf-8", "replace").strip() if found else ""


def chooser(source: Source, interval: Interval) -> Callable[[bytes], bool]:
    """What says, by the head of a record, whether it is a capture of an article of the source in the interval."""
    hosts = urls.host_names(source.hosts)
    names = b"|".join(re.escape(host.encode("idna" if not host.isascii() else "ascii")) for host in hosts)
    ours = re.compile(rb"\r\nWARC-Target-URI:[ \t]*<?https?://(?:" + names + rb")[:/>\r?#]", re.IGNORECASE)

    def wanted(head: bytes) -> bool:
        if not ours.search(head) or header(head, b"WARC-Type") != "response":
            return False
        url = header(head, b"WARC-Target-URI").strip("<>")
        moment = record_time(header(head, b"WARC-Date"))
        try:
            is_article = source.is_article(source.normalize_url(url))
        except ValueError:
            return False
        return interval.start <= moment < interval.end and urls.is_of_host(url, hosts) and is_article

    return wanted


def reservation(data: bytes) -> tdm.Reservation | None:
    """What the page of a record stated of text and data mining when it was captured; None for nothing."""
    page = next(reader.read(BytesIO(data), ""), None)
    if not isinstance(page, reader.Page):
        return None  # what is wrong with it is said where its page is read
    record = next(read_records(BytesIO(data)))
    response = read_response(record) if isinstance(record, Record) else None
    if response is None:
        return None
    get = response.headers.get
    return tdm.of_page(page.body[: tdm.HEAD]) or tdm.of_headers(get("tdm-reservation"), get("tdm-policy"))


def companion(head: bytes, via: str, stated: tdm.Reservation | None = None) -> bytes:
    """The metadata record that goes before a capture and names the file that it is from. The same every time."""
    of = header(head, b"WARC-Record-ID")
    content = {"via": via, **(stated.fields if stated else {})}
    fields = [
        ("WARC-Type", "metadata"),
        ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{via} {of}')}>"),
        ("WARC-Target-URI", header(head, b"WARC-Target-URI").strip("<>")),
        ("WARC-Date", header(head, b"WARC-Date")),
        ("WARC-Concurrent-To", of),
        ("Content-Type", "application/warc-fields"),
    ]
    lines = "".join(f"{name}: {value}\r\n" for name, value in content.items() if value)
    return write_record(fields, lines.encode(), via)
