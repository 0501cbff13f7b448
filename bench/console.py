"""The console measured at size: every page of a lake of 1,000 batches and 100,000 articles.

    python -m bench.console [--batches 1000] [--articles 100000]

Each page is rendered once with nothing kept (cold), then again (warm). The page of a capture is not among them: its
time is that of an extraction, after which it is kept.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from rich.console import Console as Terminal
from rich.table import Table

from bench.lake import LONG_AGO, SOURCES, day_rows, write_file, write_view
from klartext import model
from klartext.batch import Batch
from klartext.console.console import Console
from klartext.console.view import View
from klartext.lake import Lake, layout, tables

MAY_BE = 0.5
"""Seconds that a warm page may take."""
SHARES = [field.name for field in model.schema(model.Account) if field.name.endswith("_share")]


def _account(batch: Batch, number: int, articles: int) -> model.Account:
    """An account with a value in every column; each 40th batch is refused, each 15th warned."""
    verdict = "refused" if number % 40 == 39 else "warned" if number % 15 == 14 else "passed"
    counts = dict.fromkeys(model.OUTCOMES, 0) | {"published": articles, "rejected": 4}
    if verdict == "refused":
        counts |= {"published": 0, "withheld": articles}
    rules = f"{batch.source} 2016-08-01"
    matched = [
        model.SelectorMatches(rules=rules, field=field, selector=f".{field}", pages=100, matched=90 + number % 10)
        for field in ("body", "lead", "title", "authors")
    ]
    values = {
        "batch": batch.name, "start": batch.start, "end": batch.end, "imported": False, "verdict": verdict,
        "reasons": ["batch-rejects: too many pages were rejected"] if verdict == "refused" else [],
        "warnings": ["past-leads"] if verdict == "warned" else [], "discovered": articles + 4, "origins_failed": 0,
        "captures": articles + 4, "articles": articles, "pages": articles + 4, "median_length": 2500.0 + number % 90,
        "noise_removed": 400.0 + number % 70, "extractor": "klartext 0.1.0", "rules": [rules],
        "schema_version": model.SCHEMA_VERSION, "skipped": [], "great_expectations": "1.24.1", "equal_texts": 0,
        "published_from": [model.ValueCount(value="jsonld", count=articles)], "findings": [], "selectors": matched,
        "published_precision": [model.ValueCount(value="second", count=articles)],
    } | counts | dict.fromkeys(SHARES, number % 20 / 100)  # fmt: skip
    return model.Account(**{field: values[field] for field in model.schema(model.Account).names})


def grow(root: Path, batches: int, articles: int) -> Lake:
    """Writes the files of daily batches of four sources until today: accounts, versions, rejects and the view."""
    days, a_day = batches // len(SOURCES), articles // batches
    first = dt.datetime.combine(dt.datetime.now(dt.UTC).date(), dt.time(), dt.UTC) - dt.timedelta(days=days)
    for source in SOURCES:
        month: list[pa.Table] = []
        for number in range(days):
            start = first + dt.timedelta(days=number)
            end = start + dt.timedelta(days=1)
            name = f"{source}-{start:%Y%m%dT%H%M%S}Z-{end:%Y%m%dT%H%M%S}Z"
            batch = Batch(source=source, name=name, date=start.date(), start=start, end=end)
            rows = day_rows(source, start, 1 + number * a_day, a_day)
            account = _account(batch, number, a_day)
            _put(root, batch, "versions", rows)
            _put(root, batch, "batches", model.table(model.Account, [account]))
            _put(root, batch, "rejects", _rejects(rows.slice(0, 4)))
            month.append(rows)
            if end.month != start.month or number == days - 1:
                write_view(root, batch, pa.concat_tables(month))
                month = []
    return Lake.open(str(root))


def _rejects(rows: pa.Table) -> pa.Table:
    count = rows.num_rows
    more = {"stage": ["validate"] * count, "reasons": [["text-too-short"]] * count, "detail": [None] * count}
    for field in list(model.schema(model.Reject))[-3:]:
        rows = rows.append_column(field, pa.array(more[field.name], field.type))
    return rows


def _put(root: Path, batch: Batch, table: str, rows: pa.Table) -> None:
    write_file(root / layout.published_file(batch, table), tables.to_parquet(table, rows))


def pages(console: Console, lake: Lake, view: View) -> dict[str, Callable[[], str]]:
    """The pages by name."""
    last = lake.storage.files(layout.table_folder("batches", "dwn"), ".parquet")[-10]
    batch = layout.batch_of_file(last)[1]
    return {
        "sources, 30 days": lambda: console.sources(view, 30),
        "sources, 365 days": lambda: console.sources(view, 365),
        "source, 90 days": lambda: console.source(view, "dwn", 90),
        "source, 365 days": lambda: console.source(view, "dwn", 365),
        "batch": lambda: console.batch(view, "dwn", batch),
        "rejects, 90 days": lambda: console.rejects(view),
        "rejects, 365 days": lambda: console.rejects(view, days=365),
        "report": lambda: console.report(view),
        "take-downs": lambda: console.takedowns(view),
        "search by address": lambda: console.search(view, "https://dwn.de/471/umbau"),
        "search by title": lambda: console.search(view, "stadtrat umbau"),
        "search that finds nothing": lambda: console.search(view, "stadtrat zzz"),
    }


def _seconds(render: Callable[[], str]) -> float:
    start = time.perf_counter()
    render()
    return time.perf_counter() - start


def _six_at_once(render: Callable[[], str]) -> float:
    """Seconds until six threads have the page."""
    threads = [threading.Thread(target=render) for _ in range(6)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


def measure(terminal: Terminal, root: Path, batches: int, articles: int) -> None:
    """Builds the lake and prints the measurements."""
    lake = grow(root, batches, articles)
    for folder, _, _ in os.walk(root / "lake"):
        os.utime(folder, (time.time() - LONG_AGO,) * 2)
    view = View(may_read=lambda slug: True, now=dt.datetime.now(dt.UTC))
    table = Table("page", "cold", "warm", "six at once, warm", "may be, warm",
                  title=f"The console on {batches:,} batches and {articles:,} articles, seconds")  # fmt: skip
    for name in pages(Console(lake), lake, view):
        render = pages(Console(lake), lake, view)[name]
        cold = _seconds(render)
        warm = statistics.median(_seconds(render) for _ in range(5))
        table.add_row(name, f"{cold:.2f}", f"{warm:.3f}", f"{_six_at_once(render):.2f}", f"{MAY_BE}")
    terminal.print(table)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=1000)
    parser.add_argument("--articles", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Terminal(), Path(folder), asked.batches, asked.articles)


if __name__ == "__main__":
    main()
