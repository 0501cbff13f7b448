"""Extraction measured: how good, how quick against trafilatura alone, how much memory.

    python -m bench.extraction [--pages FILE.warc.gz --gold FILE.jsonl] [--many 20000]

Without --pages the newsroom's own pages are read. Gold has a JSON object a line, as `include/newsroom/gold`.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import os
import resource
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import trafilatura
from rich.console import Console
from rich.table import Table

import newsroom
from bench import measures
from klartext import sources, warc
from klartext.extract import page as pages
from klartext.extract import pool
from klartext.extract.document import NotHtml
from klartext.model import Capture

Gold = dict[str, Any]
ROUNDS = 5


def from_warc(path: Path, gold: Path) -> list[tuple[warc.Page, Gold]]:
    known = {g["url"]: g for g in map(json.loads, gold.read_text("utf-8").splitlines())}
    with path.open("rb") as stream:
        found = [p for p in warc.read(stream, path.name) if isinstance(p, warc.Page)]
    last = {p.url: p for p in found}
    return [(last[url], g) for url, g in known.items() if url in last]


def from_newsroom(folder: Path) -> Iterator[tuple[warc.Page, Gold]]:
    with newsroom.serve() as press:
        os.environ["KLARTEXT_SOURCES"] = os.pathsep.join([str(sources.DEFAULT_DIRECTORIES), str(press.sources(folder))])
        for slug in press.ports:
            for gold in press.gold(slug):
                moment = dt.datetime.fromisoformat(gold["fetched_at"])
                stamp = moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
                asked = urllib.request.Request(gold["url"], headers={"Accept-Datetime": stamp})
                with urllib.request.urlopen(asked) as answer:
                    yield (
                        warc.Page(
                            url=gold["url"], fetched_at=moment, status=200, body=answer.read(),
                            content_type=answer.headers["Content-Type"], capture=Capture(file="", offset=0, digest=""),
                        ),
                        gold,
                    )  # fmt: skip


def ours(page: warc.Page, generic: bool) -> dict[str, Any] | None:
    try:
        return dataclasses.asdict(pages.extract(page, sources.of_url(page.url), generic=generic).article)
    except (NotHtml, pages.NoArticle):
        return None


def theirs(page: warc.Page) -> dict[str, Any]:
    found = trafilatura.bare_extraction(page.body, url=page.url, include_comments=False, with_metadata=True)
    return {"text": found.text, "title": found.title, "authors": (found.author or "").split("; ")} if found else {}


def quality(console: Console, read: list[tuple[warc.Page, Gold]]) -> None:
    table = Table("", title="Against gold; leaked and lost are lines per 100 pages")
    ways: dict[str, Callable[[warc.Page], dict[str, Any] | None]] = {
        "generic": lambda p: ours(p, True), "with source rules": lambda p: ours(p, False), "trafilatura alone": theirs,
    }  # fmt: skip
    described = [(p, g) for p, g in read if sources.of_url(p.url).layouts]
    for name, extract in ways.items():
        for label, some in (("all", read), ("described", described)):
            if some and (len(some) < len(read) or label == "all"):
                total = measures.total([measures.score(gold, extract(page)) for page, gold in some])
                if not table.rows:
                    for key in total:
                        table.add_column(key, justify="right")
                cells = [f"{v:.0f}" if k in ("pages", "leaked", "lost") else f"{v:.3f}" for k, v in total.items()]
                table.add_row(f"{name}, {label}", *cells)
    console.print(table)


def best(work: Callable[[], Any]) -> float:
    """Seconds of processor time of the quickest of some rounds."""

    def once() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return min(once() for _ in range(ROUNDS))


def speed(console: Console, read: list[tuple[warc.Page, Gold]]) -> None:
    every = [page for page, _ in read]
    named = [p for p in every if any(layout.body for layout in sources.of_url(p.url).layouts)]
    table = Table("", "ms a page", "times as fast as trafilatura", title="One core")
    for label, some, generic in (("generic", every, True), ("with a named container", named, False)):
        if some:
            alone = best(lambda some=some: [theirs(p) for p in some])
            own = best(lambda some=some, generic=generic: [ours(p, generic) for p in some])
            table.add_row(f"{label}, {len(some)} pages", f"{1000 * own / len(some):.1f}", f"{alone / own:.2f}")
    console.print(table)


def memory(console: Console, read: list[tuple[warc.Page, Gold]], many: int) -> None:
    """Peak of the children over many pages, after a tenth of them and at the end."""

    def tasks(count: int) -> Iterator[pool.Task]:
        for number in range(count):
            page = read[number % len(read)][0]
            yield page, sources.of_url(page.url), True

    peaks = []
    for count in (many // 10, many):
        done = sum(1 for _ in pool.extract_all(tasks(count), workers=2))
        peaks.append((done, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print("Memory: " + ", ".join(f"{peak:.0f} MB a child after {done} pages" for done, peak in peaks)
                  + f"; {own:.0f} MB in the parent")  # fmt: skip


def _named(variable: str) -> Path | None:
    named = os.environ.get(variable)
    return Path(named) if named else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, default=_named("PAGES"), help="WARC file; PAGES in the environment")
    parser.add_argument("--gold", type=Path, default=_named("GOLD"), help="its gold; GOLD in the environment")
    parser.add_argument("--many", type=int, default=20_000, help="pages of the memory run; 0 leaves it out")
    asked = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        read = from_warc(asked.pages, asked.gold) if asked.pages else list(from_newsroom(Path(folder)))
        quality(console, read)
        speed(console, read)
        if asked.many:
            memory(console, read, asked.many)


if __name__ == "__main__":
    main()
