"""What a person gives to extract: HTML files and WARC files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

import lxml.html
from lxml import etree

from klartext.model import Capture
from klartext.warc import reader


def records(paths: Iterable[Path], url: str | None) -> Iterator[reader.Page | reader.Damage]:
    """The pages of the files, in their order. Raises ValueError for an HTML file whose address nobody knows and OSError
    for a file that cannot be read."""
    named = list(paths)
    if url and len(named) > 1:
        raise ValueError("--url is the address of one HTML file; give one file with it")
    for path in named:
        if path.is_dir():
            raise ValueError(f"{path} is a folder; name HTML files or WARC files")
        if _is_warc(path):
            with path.open("rb") as stream:
                yield from reader.read(stream, path.name)
        else:
            yield _page(path, url)


def _is_warc(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(5)
    return head.startswith((b"\x1f\x8b", b"WARC/")) or path.name.endswith((".warc", ".warc.gz"))


def _page(path: Path, url: str | None) -> reader.Page | reader.Damage:
    with path.open("rb") as stream:
        body = stream.read(reader.PAYLOAD_LIMIT + 1)
    changed = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    capture = Capture(file=path.name, offset=0, digest=reader.payload_digest(body))
    if len(body) > reader.PAYLOAD_LIMIT:
        detail = f"more than {reader.PAYLOAD_LIMIT // 1024**2} MiB"
        return reader.Damage(url=url, fetched_at=changed, reason="too-large", detail=detail, capture=capture)
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
