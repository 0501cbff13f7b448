"""How fast pages are fetched and written down, beside a Scrapy spider that writes nothing, and in how much memory.

``python -m bench.fetching [PAGES]``: a server on loopback in a process of its own, politeness off, both ways one after
the other over the same pages. Memory is that of the step and of its crawler, the highest in each fifth of the run.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from klartext.batch import Batch
from klartext.crawler import Limits
from klartext.fetch import fetch_batch
from klartext.lake import Lake
from klartext.model import Candidate
from klartext.sources import Source

PAGES = 5_000
SHARE = 0.7
"""Of the bare spider's pages a second, at least."""
MEMORY = 400
"""MiB, at most."""
AT_ONCE = 8
ROUNDS = 2
"""Of which the faster one counts, and the memory of the larger one."""
_WORDS = "Der Deich am Fluss wurde im Frühjahr um zwei Meter erhöht, sagte die Sprecherin des Verbandes. "
SPIDER = """
import sys, scrapy
from scrapy.crawler import CrawlerProcess

class Bare(scrapy.Spider):
    name = "bare"
    async def start(self):
        for n in range(int(sys.argv[2])):
            yield scrapy.Request(f"{sys.argv[1]}/artikel-{n}.html")
    def parse(self, response):
        pass

process = CrawlerProcess({"LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS": int(sys.argv[3]),
                          "CONCURRENT_REQUESTS_PER_DOMAIN": int(sys.argv[3]), "TELNETCONSOLE_ENABLED": False})
process.crawl(Bare)
process.start()
"""


def page(number: int) -> bytes:
    """Some 30 kB of HTML, no two pages alike."""
    lines = "".join(f"<p>{number} {n} {_WORDS * 3}</p>\n" for n in range(90))
    return f"<!DOCTYPE html><html lang='de'><head><title>{number}</title></head><body>{lines}</body></html>".encode()


def _serve(listening: socket.socket) -> None:
    """A server that does as little as can be."""
    import asyncio

    body = page(0)

    class Answering(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self._transport, self._left = transport, b""

        def data_received(self, data: bytes) -> None:
            self._left += data
            while b"\r\n\r\n" in self._left:
                head, _, self._left = self._left.partition(b"\r\n\r\n")
                path = head.split(b" ", 2)[1]
                if path.startswith(b"/artikel-"):
                    own = body + b"<!-- %s -->" % path
                    answer = (
                        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s"
                    )
                    self._transport.write(answer % (len(own), own))  # type: ignore[attr-defined]
                else:
                    self._transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")  # type: ignore[attr-defined]

    async def forever() -> None:
        server = await asyncio.get_running_loop().create_server(Answering, sock=listening)
        await server.serve_forever()

    asyncio.run(forever())


@contextmanager
def server() -> Iterator[str]:
    """``host:port`` of the pages."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = multiprocessing.get_context("fork").Process(target=_serve, args=(listening,), daemon=True)
        process.start()
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            process.kill()
            process.join()


class Memory(threading.Thread):
    """Looks at what this process's children and it itself hold, in MiB."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: list[float] = []
        self._over = threading.Event()

    def run(self) -> None:
        """Notes the memory every tenth of a second until :meth:`fifths` is called."""
        me = psutil.Process()
        while not self._over.wait(0.1):
            sizes = []
            for process in [me, *me.children(recursive=True)]:
                try:
                    if process is me or "klartext.crawler" in process.cmdline():
                        sizes.append(process.memory_info().rss)
                except psutil.Error:
                    continue
            self.seen.append(sum(sizes) / 2**20)

    def fifths(self) -> list[float]:
        """Ends the thread; returns the peak of each fifth of the time, in MiB."""
        self._over.set()
        self.join()
        size = max(1, len(self.seen) // 5)
        return [max(self.seen[n * size : (n + 1) * size or None], default=0.0) for n in range(5)]


def bare(host: str, pages: int, at_once: int) -> float:
    """Seconds of the spider that writes nothing."""
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", SPIDER, f"http://{host}", str(pages), str(at_once)], check=True)
    return time.monotonic() - begun


def ours(host: str, pages: int, at_once: int, root: Path) -> tuple[float, list[float]]:
    """Seconds of the step, from staged candidates to staged rows, and the memory. Raises SystemExit if pages lack."""
    os.environ["KLARTEXT_ALLOW_HOSTS"] = host
    source = Source.model_validate({"slug": "bench", "name": "Bench", "hosts": [host],
                                    "fetch": {"delay": 0, "limit": pages}})  # fmt: skip
    start = dt.datetime(2024, 5, 14, tzinfo=dt.UTC)
    batch, lake = Batch.of_interval(source, start, start + dt.timedelta(days=1)), Lake.open(str(root))
    lake.stage(batch, "candidates", [
        Candidate(url=f"http://{host}/artikel-{n}.html", discovered_from=f"http://{host}/feed", title=None,
                  published_at=start, modified_at=None)
        for n in range(pages)
    ])  # fmt: skip
    limits = Limits(at_once=at_once)
    memory = Memory()
    memory.start()
    begun = time.monotonic()
    counts = fetch_batch(lake, batch, source, limits=limits)
    took = time.monotonic() - begun
    if counts["captured"] != pages:
        rows = lake.staged(batch, "fetches")
        raise SystemExit([row for row in rows.to_pylist() if row["outcome"] != "captured"])
    return took, memory.fifths()


def main() -> int:
    """Measures and prints; returns the exit code."""
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else PAGES
    table = Table("at once", "bare spider", "klartext", "share", "memory, MiB, by fifths of the run",
                  title=f"{pages:,} pages of {len(page(0)) // 1000} kB from loopback, pages a second")  # fmt: skip
    good = True
    for at_once in (1, AT_ONCE):
        theirs, took, memory = float("inf"), float("inf"), [0.0]
        for _ in range(ROUNDS):  # in turns, so that a machine that is busy for a while is so for both
            with server() as host, tempfile.TemporaryDirectory() as root:
                theirs = min(theirs, bare(host, pages, at_once))
                seconds, held = ours(host, pages, at_once, Path(root))
            took, memory = min(took, seconds), max(memory, held, key=max)
        share = theirs / took
        good = good and share >= SHARE and max(memory) < MEMORY
        table.add_row(str(at_once), f"{pages / theirs:.0f}", f"{pages / took:.0f}", f"{share:.2f}",
                      " ".join(f"{size:.0f}" for size in memory))  # fmt: skip
    Console(width=120).print(table)
    Console().print(f"wanted: a share of {SHARE} at least, under {MEMORY} MiB: {'yes' if good else 'NO'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
