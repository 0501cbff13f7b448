"""A lake with an article that somebody wants gone, in every table and in captures; and where it is still."""

from __future__ import annotations

import dataclasses
import gzip
import shutil
from pathlib import Path

from klartext.batch import Batch
from klartext.lake import Lake, tables
from klartext.maintenance.check import check
from klartext.model import Candidate, Capture
from klartext.warc import reader
from support.sample_lake import republish, stage
from support.sample_rows import article, batch, fetch, moment, reject, teaser

GONE = "Bürgermeister tritt zurück"
SLUG = "buergermeister-tritt-zurueck"
URL = f"https://deutsche-wirtschafts-nachrichten.de/500009/{SLUG}"
WHY = "letter of the publisher, 3 May"
NOW = moment("2024-06-01T12:00")
EARLIER, LATER = moment("2024-05-02T04:00"), moment("2024-05-03T04:00")


def copied(lived: Path, root: Path) -> Lake:
    shutil.copytree(lived, root)
    return Lake.open(str(root))


def record(kind: str, url: str, body: str, number: int) -> bytes:
    """One record as a member of its own."""
    http = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{body}" if kind == "response" else "GET / HTTP/1.1\r\n\r\n"
    )
    digest = f"WARC-Payload-Digest: {reader.payload_digest(body.encode())}\r\n" if kind == "response" else ""
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Date: 2024-05-02T04:00:00Z\r\n{digest}"
        f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(http.encode())}\r\n\r\n"
    )
    return gzip.compress(f"{head}{http}\r\n\r\n".encode(), mtime=0)


def capture(lake: Lake, of: Batch, pages: dict[str, str]) -> dict[str, Capture]:
    """Keeps a WARC file with a request and a response for each page; where the responses are."""
    if not lake.raw_files(of):
        path = lake.scratch_folder(of) / "fetch.warc.gz"
        path.write_bytes(b"".join(
        record(kind, url, body, 2 * number + (kind == "response"))
        for number, (url, body) in enumerate(pages.items()) for kind in ("request", "response")
    ))  # fmt: skip
        lake.add_raw_file(of, path)
    (name,) = lake.raw_files(of)
    with lake.open_raw(name) as stream:
        return {page.url: page.capture for page in reader.read(stream, name) if isinstance(page, reader.Page)}


def lives(lake: Lake) -> None:
    """Two batches: the article, its edit, a card that leads to it, an article that was found through it."""
    other = article(1, discovered_from=URL)
    for day, title, at in (("2024-05-01", GONE, EARLIER), ("2024-05-02", f"{GONE} – nun doch", LATER)):
        pages = {URL: f"<h1>{title}</h1>", other.url: "<h1>Anderes</h1>"}
        places = capture(lake, batch(day), pages)
        own = article(500009, url=f"{URL}?utm_source=feed", canonical_url=URL, title=title, fetched_at=at,
                      capture=places[URL])  # fmt: skip
        rest = dataclasses.replace(other, capture=places[other.url], fetched_at=at)
        lake.stage(batch(day), "candidates", [_candidate(own.url, title), _candidate(rest.url, rest.title)])
        lake.stage(batch(day), "articles", [own, rest])
        stage(
            lake, batch(day), [own, rest],
            [teaser(500009, url=own.url, capture=own.capture), teaser(1, 1, target_url=URL, title=title), teaser(1, 2)],
            [reject(500009, title=title, url=own.url, capture=own.capture), reject(3)],
            [fetch(500009, url=own.url, final_url=URL, capture=own.capture, candidate_title=title),
             fetch(1, capture=rest.capture, discovered_from=URL)],
        )  # fmt: skip
        republish(lake, batch(day))
        lake.save_quality_file(batch(day), "page.html", f"<p>title-too-short: {title}</p>")
        lake.save_quality_file(batch(day), "verdict.json", {"reasons": {"title-too-short": 1}})


def _candidate(url: str, title: str) -> Candidate:
    return Candidate(
        url=url, discovered_from="https://dwn.de/feed", title=title, published_at=EARLIER, modified_at=None
    )  # fmt: skip


def traces(lake: Lake, folders: tuple[str, ...] = ("lake", "staging")) -> list[str]:
    """Files in which a reader finds the article's headline or address."""
    found = []
    for folder in folders:
        for name in lake.storage.files(folder, ".parquet"):
            table = name.split("/")[1] if folder == "lake" else name.rpartition("/")[2].removesuffix(".parquet")
            rows = tables.from_parquet("current" if table == "articles" and folder == "lake" else table,
                                          lake.storage.read(name) or b"")  # fmt: skip
            found += [name] if GONE in str(rows.to_pylist()) or SLUG in str(rows.to_pylist()) else []
    return found


def problems(lake: Lake) -> list[str]:
    return [f"{problem.file}: {problem.what}" for problem in check(lake)]
