"""Common Crawl's CC-NEWS measured: a month's list with two WARC files, and the captures of one source among many.

    python -m bench.ccnews [--captures 20000] [--ours 200]

Two files of 20,000 captures in all, 200 of them ours, are read over HTTP from loopback. Against it: FastWARC that
goes through the same files on disk and does nothing with them.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import gzip
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from fastwarc.warc import ArchiveIterator
from rich.console import Console
from rich.table import Table
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from klartext.batch import Batch
from klartext.discover.interval import Interval
from klartext.discover.origins import CcNews
from klartext.lake import Lake
from klartext.sources import Discover, Fetching, Source
from klartext.warc import reader

DAY = dt.datetime(2016, 9, 14, tzinfo=dt.UTC)
OURS = "www.beispiel.de"
FOLDER = Path("crawl-data/CC-NEWS/2016/09")
ROUNDS = 2
SHARE = 0.5
"""Of FastWARC's captures a second, at least."""


def page(chance: random.Random) -> bytes:
    """About as long and as compressible as a page of news: 60 kB in markup and words."""
    words = [f"w{chance.randrange(4000)}" for _ in range(2200)]
    parts = [
        f'<div class="c{n % 40}"><p>{" ".join(words[n : n + 12])}</p><span></span></div>' for n in range(0, 2200, 4)
    ]
    return f"<!DOCTYPE html><html><body>{''.join(parts)}</body></html>".encode()


def build(root: Path, captures: int, ours: int) -> list[Path]:
    """Writes the list and two WARC files below ``root``; returns the files."""
    chance = random.Random(1)
    bodies = [page(chance) for _ in range(50)]
    (root / FOLDER).mkdir(parents=True)
    files = [root / FOLDER / f"CC-NEWS-20160914{hour:02}0000-0000{n}.warc.gz" for n, hour in enumerate((0, 12))]
    every = captures // ours
    for n, path in enumerate(files):
        with path.open("wb") as out:
            writer = WARCWriter(out, gzip=True, warc_version="1.0")
            for number in range(n * captures // 2, (n + 1) * captures // 2):
                host = OURS if number % every == 0 else f"www.blatt{number % 997}.example"
                moment = DAY + dt.timedelta(seconds=number * 86_400 // captures)
                body = bodies[number % len(bodies)]
                writer.write_record(writer.create_warc_record(
                    f"https://{host}/artikel/{number}", "response", payload=BytesIO(body), length=len(body),
                    warc_headers_dict={"WARC-Date": moment.strftime("%Y-%m-%dT%H:%M:%SZ")},
                    http_headers=StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1"),
                ))  # fmt: skip
    listed = "".join(f"{path.relative_to(root)}\n" for path in files)
    (root / FOLDER / "warc.paths.gz").write_bytes(gzip.compress(listed.encode()))
    return files


@contextlib.contextmanager
def served(folder: str) -> Iterator[str]:
    """The folder over HTTP, from a process of its own: what it costs is not ours."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", folder]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def iterated(files: list[Path]) -> int:
    """The number of records that FastWARC finds in the files."""
    count = 0
    for path in files:
        with path.open("rb") as stream:
            count += sum(1 for _ in ArchiveIterator(stream))
    return count


def landed(lake: Lake, batch: Batch) -> Iterator[str]:
    """The addresses of the captures in the batch's raw files."""
    for name in lake.raw_files(batch):
        with lake.open_raw(name) as file:
            yield from (item.url for item in reader.read(file, name) if isinstance(item, reader.Page))


def main() -> int:
    """Measures and prints; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=int, default=20_000)
    parser.add_argument("--ours", type=int, default=200)
    options = parser.parse_args()
    source = Source(
        slug="beispiel", name="Beispiel", hosts=[OURS], discover=Discover(cc_news=True), fetch=Fetching(delay=0)
    )
    batch = Batch.of_interval(source, DAY, DAY + dt.timedelta(days=1))
    interval = Interval(batch.start, batch.end, dt.datetime.now(dt.UTC), source.zone)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        files = build(Path(folder), options.captures, options.ours)
        size = sum(path.stat().st_size for path in files)
        theirs: list[float] = []
        mine: list[float] = []
        urls: list[str] = []
        os.environ["KLARTEXT_CC_NEWS"] = stack.enter_context(served(folder))
        for round_ in range(ROUNDS):
            began = time.perf_counter()
            assert iterated(files) >= options.captures
            theirs.append(time.perf_counter() - began)
            lake = Lake.open(f"{folder}/lake{round_}")
            began = time.perf_counter()
            result = CcNews().gather(lake, batch, source, interval)
            mine.append(time.perf_counter() - began)
            assert not result.problems
            urls = list(landed(lake, batch))
    assert len(urls) == len(set(urls)) == options.ours, "only ours land, each once"
    table = Table(
        "", "seconds", "captures/s", "MB/s", title=f"{options.captures} captures, {options.ours} of them ours"
    )
    for name, seconds in (("FastWARC, from disk", min(theirs)), ("CC-NEWS, over HTTP into the lake", min(mine))):
        table.add_row(name, f"{seconds:.2f}", f"{options.captures / seconds:,.0f}", f"{size / seconds / 1e6:.0f}")
    Console().print(table)
    share = min(theirs) / min(mine)
    verdict = "yes" if share >= SHARE else "NO"
    Console().print(f"{share:.2f} of FastWARC's speed, wanted: {SHARE:.2f} at least: {verdict}; {len(urls)} landed")
    return 0 if share >= SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
