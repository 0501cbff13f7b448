"""Extraction measured: how good, how quick against trafilatura alone, how steady; and which of its bounds hold.

    python -m bench.extraction [--pages FILE.warc.gz --gold FILE.jsonl] [--many 20000]
    python -m bench.extraction --ablate [--sets FOLDER]

Without --pages the newsroom's own pages are read. Gold has a JSON object a line, as `include/newsroom/gold`. With
--ablate the effect of every rule is measured instead (:mod:`bench.ablation`), on every NAME.warc.gz of a folder that
has gold in NAME.gold.jsonl.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import functools
import json
import math
import os
import random
import resource
import statistics
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
from bench import ablation, measures
from bench.bounds import Bounds
from klartext import sources
from klartext.extract import page as pages
from klartext.extract import pool, step, worker
from klartext.extract.html_parsing import NotHtml
from klartext.model import Capture
from klartext.warc import reader

Gold = dict[str, Any]
ROUNDS = 7
BOUNDS = {
    "generic": {"f1": 0.975, "leaked": 110, "lost": 30, "lead": 0.9, "title": 0.95, "minute": 0.95, "authors": 0.88},
    "with source rules": {"f1": 0.995, "leaked": 0, "lead": 1, "title": 1, "minute": 1},
}


def from_warc(path: Path, gold: Path) -> list[tuple[reader.Page, Gold]]:
    """Pages of a WARC file with their gold."""
    with gold.open(encoding="utf-8") as lines:
        known = {_address(g["url"]): g for g in map(json.loads, lines)}
    with path.open("rb") as stream:
        found = [p for p in reader.read(stream, path.name) if isinstance(p, reader.Page)]
    last = {_address(p.url): p for p in found}
    return [(last[url], g) for url, g in known.items() if url in last]


def _address(url: str) -> str:
    """An address as far as a WARC file keeps it."""
    return url.partition("#")[0].strip().replace(" ", "%20")


def from_folder(folder: Path) -> dict[str, list[tuple[reader.Page, Gold]]]:
    """Every set of pages of a folder that has gold of the text."""
    found = {}
    for warc in sorted(folder.glob("*.warc.gz")):
        name = warc.name.removesuffix(".warc.gz")
        gold = folder / f"{name}.gold.jsonl"
        if gold.exists() and (some := [(p, g) for p, g in from_warc(warc, gold) if g.get("lines")]):
            found[name] = some
    return found


def from_newsroom(folder: Path) -> Iterator[tuple[reader.Page, Gold]]:
    """Pages of the newsroom with their gold."""
    with newsroom.serve() as press:
        os.environ["KLARTEXT_SOURCES"] = os.pathsep.join([str(sources.DEFAULT_DIRECTORIES), str(press.sources(folder))])
        for slug in press.ports:
            for gold in press.gold(slug):
                moment = dt.datetime.fromisoformat(gold["fetched_at"])
                stamp = moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
                asked = urllib.request.Request(gold["url"], headers={"Accept-Datetime": stamp})
                with urllib.request.urlopen(asked) as answer:
                    yield (
                        reader.Page(
                            url=gold["url"], fetched_at=moment, status=200, body=answer.read(),
                            content_type=answer.headers["Content-Type"], capture=Capture(file="", offset=0, digest=""),
                        ),
                        gold,
                    )  # fmt: skip


def extracted(page: reader.Page, generic: bool) -> pages.Extraction | None:
    """The row that Klartext makes of a page."""
    try:
        return pages.extract(page, sources.of_url(page.url), generic=generic)
    except (NotHtml, pages.NoArticle):
        return None


def ours(page: reader.Page, generic: bool) -> dict[str, Any] | None:
    """The row that Klartext makes of a page, with the rules of its source."""
    made = extracted(page, generic)
    return dataclasses.asdict(made.article) if made else None


def theirs(page: reader.Page) -> dict[str, Any]:
    """The row that trafilatura makes of a page."""
    found = trafilatura.bare_extraction(page.body, url=page.url, include_comments=False, with_metadata=True)
    return {"text": found.text, "title": found.title, "authors": (found.author or "").split("; ")} if found else {}


def quality(console: Console, bounds: Bounds, read: list[tuple[reader.Page, Gold]]) -> None:
    """Compares the extractors with the gold."""
    table = Table("", title="Against gold; leaked and lost are lines per 100 pages")
    ways: dict[str, Callable[[reader.Page], dict[str, Any] | None]] = {
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
                if len(some) == len(described if name == "with source rules" else read):
                    for key, bound in BOUNDS.get(name, {}).items():
                        test = bounds.most if key in ("leaked", "lost") else bounds.least
                        test(
                            f"{name}, {len(some)} pages: {key}",
                            total[key],
                            bound,
                            0 if key in ("leaked", "lost") else 3,
                        )
    console.print(table)


def quickest(work: Callable[[reader.Page], Any], read: list[reader.Page], known: dict[str, float]) -> None:
    """Works through the pages, and notes for each the least processor time that it ever took, in seconds."""
    for page in read:
        start = time.process_time()
        work(page)
        known[page.url] = min(known.get(page.url, math.inf), time.process_time() - start)


def speed(console: Console, bounds: Bounds, read: list[tuple[reader.Page, Gold]]) -> None:
    """Compares the speed of the extractors, in a process prepared as those that extract."""
    worker.prepare()
    every = [page for page, _ in read]
    named = [p for p in every if any(layout.body for layout in sources.of_url(p.url).layouts)]
    table = Table("", "ms a page", "trafilatura", "times as fast", title="One core")
    for label, some, generic, bound in (("generic", every, True, 1.2), ("with a named container", named, False, 2.7)):
        alone: dict[str, float] = {}
        own: dict[str, float] = {}
        for _ in range(ROUNDS):
            quickest(theirs, some, alone)
            quickest(functools.partial(extracted, generic=generic), some, own)
        if some:
            fast, slow = (1000 * statistics.fmean(known.values()) for known in (own, alone))
            table.add_row(f"{label}, {len(some)} pages", f"{fast:.1f}", f"{slow:.1f}", f"{slow / fast:.2f}")
            bounds.least(f"{label}, {len(some)} pages: times as fast as trafilatura", slow / fast, bound)
    console.print(table)


def memory(bounds: Bounds, read: list[tuple[reader.Page, Gold]], many: int) -> None:
    """Peak of the children over many pages, after a tenth of them and at the end."""

    def tasks(count: int) -> Iterator[pool.Task]:
        for number in range(count):
            page = read[number % len(read)][0]
            yield page, sources.of_url(page.url), True

    peaks = []
    for count in (many // 10, many):
        done = sum(1 for _ in pool.extract_all(tasks(count), workers=2))
        peaks.append((done, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
    (few, first), (all_, last) = peaks
    bounds.most(
        f"memory of a child after {all_:,} pages, times that after {few:,} ({first:.0f} MB)", last / first, 1.1, 2
    )
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bounds.most("memory of the parent, times a child's", own / last, 1.5, 2)


def order(bounds: Bounds, read: list[tuple[reader.Page, Gold]]) -> None:
    """The same captures in other orders, shared out among the children as it comes, with a line that recurs: the same
    text."""
    line = b"<p>Dieser Satz steht in jedem Artikel des Blattes an derselben Stelle.</p>"
    given = [dataclasses.replace(page, body=page.body.replace(b"</p>", b"</p>" + line)) for page, _ in read]
    mixed = random.Random(4711).sample(given, len(given))
    runs = [step.extract_records(pages, sources.of_url) for pages in (given, given[::-1], mixed)]
    texts = [{(a.url, a.fetched_at): (a.lead, a.text, a.version_id) for a in run.articles} for run in runs]
    lost = runs[0].removed["recurring"]
    bounds.holds(
        f"the same text in whatever order, {len(given)} pages",
        f"{len(texts[0])} articles, {lost:,} characters recur", texts[0] == texts[1] == texts[2],
    )  # fmt: skip


def containment(bounds: Bounds, read: list[tuple[reader.Page, Gold]]) -> None:
    """A page that takes too long, then one that needs too much memory, among others: it alone is lost."""
    others = [page for page, _ in read[:6]]
    wall = "<div class='kasten'><p>Ein Satz, der lang genug ist, um ein Absatz zu sein, und noch einer.</p></div>"
    bomb = dataclasses.replace(others[0], body=b"<html><body>" + wall.encode() * 150_000)
    for limits in ({"seconds": 2.0}, {"seconds": 120.0, "memory": 600 * 1024**2}):
        tasks: list[pool.Task] = [(page, sources.of_url(page.url), True) for page in [*others[:3], bomb, *others[3:]]]
        done = dict(pool.extract_all(tasks, **limits))  # type: ignore[arg-type]
        ended = {3: "out-of-memory" if "memory" in limits else "time-limit"}
        reasons = {index: result.reason for index, result in done.items() if result.article is None}
        bounds.holds(
            "a page that breaks a limit is lost alone",
            f"{len(done) - len(reasons)} read, {reasons.get(3)}",
            reasons == ended,
        )


def _named(variable: str) -> Path | None:
    named = os.environ.get(variable)
    return Path(named) if named else None


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, default=_named("PAGES"), help="WARC file; PAGES in the environment")
    parser.add_argument("--gold", type=Path, default=_named("GOLD"), help="its gold; GOLD in the environment")
    parser.add_argument("--ablate", action="store_true", help="measure what each rule is worth, and nothing else")
    parser.add_argument("--sets", type=Path, default=_named("SETS"), help="folder of sets of pages; SETS likewise")
    parser.add_argument("--many", type=int, default=20_000, help="pages of the memory run; 0 leaves it out")
    asked = parser.parse_args()
    console = Console()
    bounds = Bounds()
    with tempfile.TemporaryDirectory() as folder:
        if asked.ablate:
            ablation.ablate(
                console, from_folder(asked.sets) if asked.sets else {"newsroom": [*from_newsroom(Path(folder))]}
            )
            return
        read = from_warc(asked.pages, asked.gold) if asked.pages else list(from_newsroom(Path(folder)))
        quality(console, bounds, read)
        speed(console, bounds, read)
        if asked.many:
            memory(bounds, read, asked.many)  # before the children that are given too much
        order(bounds, read)
        containment(bounds, read)
    bounds.show(console)


if __name__ == "__main__":
    main()
