"""Taking down each article of the newsroom: nothing of it is left in any byte below the data folder."""

from __future__ import annotations

import contextlib
import datetime as dt
import html
import json
import os
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import newsroom
from klartext import sources
from klartext.batch import Batch
from klartext.curate import curate
from klartext.discover import discover_batch
from klartext.extract import extract_batch
from klartext.fetch import fetch_batch
from klartext.lake import Lake, layout
from klartext.maintenance.takedown import take_down
from klartext.publish import publish_batch
from klartext.validate import validate_batch
from support.lake_runs import BERLIN, press_at

PRESS = [site.slug for site in newsroom.load()]
START = dt.datetime(2024, 5, 14, 4, tzinfo=BERLIN)
WHY = "letter of the publisher, 3 May"


@pytest.fixture(scope="module", params=[["nordwoche"], pytest.param(PRESS, marks=pytest.mark.soak)], ids=len)
def landed(
    request: pytest.FixtureRequest, press: newsroom.Press, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Two days of some publishers through all steps; what a killed run and a killed process leave is there too."""
    root = tmp_path_factory.mktemp("newsroom") / "data"
    lake = Lake.open(str(root))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KLARTEXT_SOURCES", press_at(press, root.parent / "sources"))
        environment.setenv("KLARTEXT_ALLOW_HOSTS", ",".join(press.hosts))
        known = {
            slug: source.model_copy(update={"fetch": source.fetch.model_copy(update={"delay": 0.0})})
            for slug, source in sources.load().items()
        }
        for slug in request.param:
            batch = Batch.of_interval(known[slug], START, START + dt.timedelta(days=2))
            discover_batch(lake, batch, known[slug])
            fetch_batch(lake, batch, known[slug])
            extract_batch(lake, batch, known[slug])
            validate_batch(lake, batch, known[slug])
            for key in publish_batch(lake, batch)["partitions"]:
                curate(lake, *key.split("|"))
            dead = Batch.of_interval(known[slug], START, START + dt.timedelta(days=3))
            whole, scratch = lake.storage.read(lake.raw_files(batch)[0]) or b"", lake.scratch_folder(dead)
            (scratch / "fetch.warc.gz").write_bytes(whole + whole[: len(whole) // 2])
            (scratch / "fetch-1.warc.gz").write_bytes(whole[:-20])
            for left in scratch.glob("*.warc.gz"):
                os.utime(left, (0, 0))
            for n, name in enumerate(lake.storage.files(layout.table_folder("versions", slug), "")):
                lake.storage.put(f"{layout.WRITING}/{slug}{n}", (lake.storage.read(name) or b""))
        yield root


def articles(root: Path) -> list[dict[str, Any]]:
    files = sorted((root / "lake" / "articles").rglob("*.parquet"))
    return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]


def marks(row: dict[str, Any], others: list[dict[str, Any]]) -> dict[str, str]:
    """Texts by which an article is recognised, without those that another article has too."""
    path = urlsplit(row["canonical_url"]).path
    found = {
        "address": row["canonical_url"],
        "slug": path.rstrip("/").rpartition("/")[2],
        "title": row["title"],
        "sentence": row["text"].splitlines()[0][:80],
        **{f"picture {n}": image["url"] for n, image in enumerate(row["images"])},
    }
    texts = "\n".join(f"{other['kicker']} {other['title']} {other['lead']} {other['text']}" for other in others)
    pictures = {image["url"] for other in others for image in other["images"] if found["slug"] not in image["url"]}
    return {name: text for name, text in found.items() if text and text not in pictures and text not in texts}


def spellings(text: str) -> set[str]:
    """A text as HTML, JSON and addresses write it."""
    plain = {text, html.escape(text), html.escape(text, quote=False), quote(text), quote(text, safe=""), unquote(text)}
    return plain | {json.dumps(each, ensure_ascii=ascii)[1:-1] for each in plain for ascii in (True, False)}


def texts(path: Path) -> Iterator[str]:
    """All that a file says: its bytes, the rows of a Parquet or Arrow file, every record of a WARC file that is not the
    capture of another page."""
    data = path.read_bytes()
    yield path.as_posix()
    yield data.decode("utf-8", "replace")
    if data[:4] == b"PAR1":
        yield repr(pq.read_table(pa.BufferReader(data)).to_pylist())
        yield repr(pq.ParquetFile(pa.BufferReader(data)).metadata.to_dict())
    elif data[:6] == b"ARROW1":
        yield repr(pa.ipc.open_file(pa.BufferReader(data)).read_all().to_pylist())


def records(path: Path, url: str) -> Iterator[str]:
    """The records of a WARC file that another page does not own; of an unfinished one what can be read."""
    own, rest = urlsplit(url), path.read_bytes()
    while rest:
        member = zlib.decompressobj(31)
        content = member.decompress(rest)
        rest = member.unused_data
        head, _, block = content.partition(b"\r\n\r\n")
        fields = [line.partition(": ") for line in head.decode("utf-8", "replace").splitlines()[1:]]  # maybe cut off
        target = urlsplit({name: value for name, _, value in fields}.get("WARC-Target-URI", ""))
        yield head.decode()
        if not target.path or target.path == own.path:
            yield block.decode("utf-8", "replace")
            with contextlib.suppress(zlib.error):
                yield zlib.decompressobj(47).decompress(block.partition(b"\r\n\r\n")[2]).decode("utf-8", "replace")


def traces(root: Path, row: dict[str, Any], marked: dict[str, str]) -> list[str]:
    """What is left of an article, by file."""
    wanted = {name: spellings(text) for name, text in marked.items()}
    found = []
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        warc = path.name.endswith(".warc.gz")
        for text in records(path, row["canonical_url"]) if warc else texts(path):
            for name, forms in wanted.items():
                if any(form in text for form in forms):
                    found.append(f"{path.relative_to(root)}: {name}")
    return sorted(set(found))


def test_nothing_of_it_is_left(landed: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    rows = articles(landed)
    every = request.node.get_closest_marker("soak") is not None
    assert len(rows) > 6
    for number in range(0, len(rows), 1 if every else 3):
        take_down_one(landed, tmp_path / str(number), rows, rows[number])


def take_down_one(landed: Path, data: Path, rows: list[dict[str, Any]], row: dict[str, Any]) -> None:
    marked = marks(row, [other for other in rows if other["article_id"] != row["article_id"]])
    assert {"address", "slug", "title"} <= set(marked)
    shutil.copytree(landed, data)
    assert len(traces(data, row, marked)) > 5, "or the search below proves nothing"
    take_down(Lake.open(str(data)), row["url"], WHY, captures=True)
    assert traces(data, row, marked) == []
