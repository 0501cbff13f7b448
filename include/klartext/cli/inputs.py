"""What a person names to be extracted: HTML files and WARC files."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import lxml.html
from lxml import etree

from klartext.compressed_members import GZIP_MAGIC
from klartext.http_body import Damaged, TooLarge, inflate
from klartext.model import Capture
from klartext.warc import reader
from klartext.warc.files import file_name, is_warc_file, read_file, require_file


def records(
    paths: Iterable[Path], url: str | None, skipped: Counter[str] | None = None
) -> Iterator[reader.Page | reader.UnusableRecord]:
    """The pages of the files, in their order.

    Args:
        paths: HTML files, and WARC or ARC files, compressed or not.
        url: the address of the page, if one HTML file is named.
        skipped: gets the number of records of WARC files that were passed over, by reason.

    Raises:
        ValueError: the address of an HTML file is not known, or a WARC file cannot be used.
        OSError: a file cannot be read.
    """
    named = list(paths)
    if url and len(named) > 1:
        raise ValueError("--url is the address of one HTML file; give one file with it")
    for path in named:
        if path.is_dir():
            raise ValueError(f"{path} is a folder; name HTML files or WARC files")
        path.stat()  # of a file that is not there the error names it
        require_file(path, "file")
        if is_warc_file(path):
            yield from read_file(path, Counter() if skipped is None else skipped)
        else:
            yield _page(path, url)


def _page(path: Path, url: str | None) -> reader.Page | reader.UnusableRecord:
    with path.open("rb") as stream:
        body = stream.read(reader.PAYLOAD_LIMIT + 1)
    changed = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    capture = Capture(file=file_name(path), offset=0, digest=reader.payload_digest(body))
    try:
        if body.startswith(GZIP_MAGIC):
            body = inflate(body, reader.PAYLOAD_LIMIT)
        if len(body) > reader.PAYLOAD_LIMIT:
            raise TooLarge(f"more than {reader.PAYLOAD_LIMIT // 1024**2} MiB")
    except (TooLarge, Damaged) as error:
        return reader.UnusableRecord(
            url=url, fetched_at=changed, reason=error.reason, detail=str(error), capture=capture
        )
    address = url or _canonical(body)
    if address is None:
        raise ValueError(f"{path}: the page does not say its address; give it with --url https://…")
    return reader.Page(
        url=address, fetched_at=changed, status=200, content_type="text/html", body=body, capture=capture
    )


def _canonical(body: bytes) -> str | None:
    if not body.strip():
        return None
    try:
        tree = lxml.html.document_fromstring(body)
    except etree.ParserError:  # no element in it
        return None
    found = [link.get("href") for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    return next((str(href) for href in found if href and href.startswith("http")), None)
