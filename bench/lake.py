"""The lake measured at size: rebuilding a month, publishing a batch, and what consumers ask first.

    python -m bench.lake [--versions 1000000]

A lake of four sources and 120 months, a batch a source and day, and one of a tenth of the months with months as large.
"""

from __future__ import annotations

import argparse
import calendar
import datetime as dt
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from klartext import model
from klartext.batch import Batch
from klartext.curate import curate
from klartext.lake import Lake, layout, tables, version_index
from klartext.publish import publish_batch
from klartext.sources import Source

SOURCES, FIRST = ("dwn", "ntv", "tagesspiegel", "zeit"), 2014
SENTENCE = "Der Rat der Gemeinde hat am Montag mit großer Mehrheit beschlossen, den Deich zu erhöhen. "
LONG_AGO = 24 * 3600


def day_rows(source: str, day: dt.datetime, first: int, count: int) -> pa.Table:
    """A day's articles, each of some 2 kB; one in twenty is an edit of an article of the day before."""
    numbers = [first + n - (count if n % 20 == 19 else 0) for n in range(count)]
    row = {
        "publisher": source, "title": "Stadtrat stimmt dem Umbau zu", "lead": SENTENCE, "language": "de",
        "published_precision": "second", "published_from": "jsonld", "access": "free", "word_count": 300,
        "extractor": "klartext 0.1.0", "rules": source, "authors": ["Jörg Öztürk"], "agencies": ["dpa"],
        "section": "Politik", "topics": ["Auenbrück"], "images": [], "kicker": None, "discovered_from": None,
        "stated_word_count": 300,
    }  # fmt: skip
    published = [
        day + dt.timedelta(seconds=(n % count) * (86400 // count) - (86400 if n < first else 0)) for n in numbers
    ]
    addresses = [f"https://{source}.de/{n}/umbau" for n in numbers]
    columns = {
        **{name: [value] * count for name, value in row.items()},
        "article_id": [f"{source}:{n}" for n in numbers],
        "version_id": [f"{n}-{first}" for n in numbers],
        "url": addresses,
        "site": [f"{source}.de"] * count,
        "canonical_url": addresses,
        "text": [f"{n} {SENTENCE * 20}" for n in numbers],
        "published_at": published,
        "published_date": [moment.date() for moment in published],
        "modified_at": published,
        "fetched_at": [day + dt.timedelta(days=1, seconds=n) for n in range(count)],
        "capture": [{"file": f"raw/{first}.warc.gz", "offset": n, "digest": f"sha1:{n}"} for n in numbers],
    }
    return pa.table({f.name: pa.array(columns[f.name], f.type) for f in model.schema(model.Article)})


def batches(months: int, a_month: int) -> Iterator[tuple[Batch, pa.Table]]:
    """Batches and their rows, one for each day of each source."""
    for source in SOURCES:
        number = 1
        for month in range(months):
            year, of_year = FIRST + month // 12, month % 12 + 1
            days = calendar.monthrange(year, of_year)[1]
            for day in range(1, days + 1):
                start = dt.datetime(year, of_year, day, tzinfo=dt.UTC)
                count = a_month * day // days - a_month * (day - 1) // days
                name = f"{source}-{start:%Y%m%d}"
                batch = Batch(
                    source=source, name=name, date=start.date(), start=start, end=start + dt.timedelta(days=1)
                )
                yield batch, day_rows(source, start, number, count)
                number += count


def grow(root: Path, months: int, a_month: int) -> Lake:
    """Writes the files that publishing and curating would, quickly: the view of a month from that month's rows."""
    lake = Lake.open(str(root))
    month: list[pa.Table] = []
    for batch, rows in batches(months, a_month):
        write_file(
            root / layout.published_file(batch, "versions"),
            tables.to_parquet("versions", tables.sort_rows("versions", rows, batch.source)),
        )
        month.append(rows)
        if (batch.end).month != batch.start.month:
            write_view(root, batch, pa.concat_tables(month))
            month = []
    for folder, _, _ in os.walk(root / "lake"):
        os.utime(folder, (time.time() - LONG_AGO,) * 2)
    return lake


def write_view(root: Path, batch: Batch, rows: pa.Table) -> None:
    more = {
        "version_count": 1, "first_fetched_at": batch.start, "changed_at": None,
        "in_source": batch.source, "in_month": f"{batch.date:%Y-%m}",
    }  # fmt: skip
    for field in list(model.schema(model.Current))[-len(more) :]:
        rows = rows.append_column(field, pa.array([more[field.name]] * rows.num_rows, field.type))
    write_file(
        root / layout.month_file(batch.source, f"{batch.date:%Y-%m}"),
        tables.to_parquet("current", tables.sort_rows("current", rows, batch.source)),
    )


def write_file(path: Path, data: pa.Buffer) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    then = time.time() - LONG_AGO
    os.utime(path, (then, then))


def best(work: Callable[[], Any], rounds: int = 3) -> float:
    """Seconds of the quickest of some rounds."""

    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return min(once() for _ in range(rounds))


def touched(roots: list[str], source: str, day: dt.date) -> None:
    """A process that publishes a batch of a day in each lake and rebuilds what it touched, in turns, so that whatever
    else the machine does meets both; prints the seconds of each and megabytes."""
    lakes = [Lake.open(root) for root in roots]
    batch = _batch(source, day)
    for lake in lakes:
        _stage(lake, batch, day_rows(source, batch.start, 10**9, 70))
        publish_batch(lake, batch)
    seconds = [9e9] * len(lakes)
    for _ in range(10):
        seconds = [
            min(before, best(lambda lake=lake: curate(lake, source, f"{day:%Y-%m}"), 1))
            for before, lake in zip(seconds, lakes, strict=True)
        ]
    print(*seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _batch(source: str, day: dt.date) -> Batch:
    start = dt.datetime.combine(day, dt.time(), dt.UTC)
    return Batch(source=source, name=f"{source}-late-{day}", date=day, start=start, end=start + dt.timedelta(days=1))


def _stage(lake: Lake, batch: Batch, rows: pa.Table) -> None:
    lake.stage(batch, "versions", rows)
    for name in ("fetches", "teasers", "rejects", "batches"):
        lake.stage(batch, name, [])


def _rebuild(*roots: Path) -> list[float]:
    code = f"from bench.lake import touched; import datetime; touched({[str(r) for r in roots]}, 'dwn', " \
           "datetime.date(2014, 7, 15))"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return [float(word) for word in done.stdout.split()]


def validation(rows: int) -> float:
    """Seconds for the row checks of articles and a third as many teasers, after Great Expectations was imported."""
    from klartext.validate import check_rows

    start = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    found = day_rows("dwn", start, 1, rows)
    texts = ["\n".join(f"{n + line} {SENTENCE * 2}" for line in range(10)) for n in range(rows)]
    found = found.set_column(found.schema.get_field_index("text"), "text", pa.array(texts))
    cards = [
        {"article_id": f"dwn:{n}", "url": "", "position": 1, "title": "Fähre", "kicker": None, "section": None,
         "shown_date": None, "text": f"Nach dem Sturm legt die Fähre Nummer {n} wieder zweimal am Tag ab, heißt es.",
         "target_url": None, "is_self": False, "fetched_at": start, "capture": None} for n in range(0, rows, 3)
    ]  # fmt: skip
    source = Source(slug="dwn", name="DWN", hosts=["dwn.de"])
    check_rows(found.slice(0, 10), source)
    assert check_rows(found, source, cards).accepted.num_rows == rows
    return best(lambda: check_rows(found, source, cards))


def judging(folder: Path, rows: int) -> tuple[float, float]:
    """Seconds for the gate on a batch with all that it keeps, and of them for the page alone."""
    from klartext.validate import data_docs, validate_batch

    lake = Lake.open(str(folder))
    batch = _batch("dwn", dt.date(2024, 5, 1))
    source = Source(slug="dwn", name="DWN", hosts=["dwn.de"])
    found = day_rows("dwn", batch.start, 1, rows)
    lake.stage(batch, "articles", found)
    lake.stage(batch, "teasers", [])
    lake.stage(batch, "rejects", [])
    shown = {"discovered_from": "feed", "outcome": "captured", "attempt": 1, "fetched_at": batch.start}
    fetches = found.select(["url", "capture"]).to_pylist()
    lake.stage(batch, "fetches", pa.Table.from_pylist([row | shown for row in fetches], model.schema(model.Fetch)))
    pages: list[float] = []
    page = data_docs.render_page

    def timed(*args: Any) -> str:
        start = time.perf_counter()
        made = page(*args)
        pages.append(time.perf_counter() - start)
        return made

    data_docs.render_page = timed
    try:
        whole = best(lambda: validate_batch(lake, batch, source))
    finally:
        data_docs.render_page = page
    return whole, min(pages)


def measure(console: Console, folder: Path, versions: int) -> None:
    """Builds the lake and prints the measurements."""
    import duckdb

    a_month = versions // (len(SOURCES) * 120)
    table = Table("", "measured", "may be", title=f"A lake of {versions:,} versions, {a_month:,} a source and month")
    start = time.perf_counter()
    small, large = folder / "small", folder / "large"
    grow(small, 12, a_month)
    lake = grow(large, 120, a_month)
    console.print(f"{len(lake.storage.files('lake', '')):,} files made in {time.perf_counter() - start:.0f} s")
    table.add_row("where versions lie, from nothing", f"{best(lambda: version_index.load(lake, 'dwn'), 1):.2f} s", "")
    version_index.load(Lake.open(str(small)), "dwn")
    tenth, seconds, megabytes = _rebuild(small, large)
    table.add_row("rebuild of one month", f"{seconds:.2f} s", "3 s")
    table.add_row("… memory of the process", f"{megabytes:.0f} MB", "500 MB")
    table.add_row("… as many times as in a tenth of the lake", f"{seconds / tenth:.2f}", "1.5")
    batch = _batch("dwn", dt.date(2014, 3, 3))
    _stage(lake, batch, day_rows("dwn", batch.start, 2 * 10**9, 1000))
    table.add_row("publish 1,000 rows", f"{best(lambda: publish_batch(lake, batch)):.2f} s", "1 s")
    table.add_row("validate 10,000 rows, after import", f"{validation(10_000):.2f} s", "2 s")
    whole, page = judging(folder / "gate", 10_000)
    table.add_row("… with the account and all that is kept of it", f"{whole:.2f} s", "")
    table.add_row("… of that, the page with its Data Docs", f"{page:.2f} s", "")
    view = f"read_parquet('{large}/lake/articles/**/*.parquet', hive_partitioning = true)"
    count = best(lambda: duckdb.sql(f"SELECT source, month, count(*) FROM {view} GROUP BY ALL").fetchall())
    table.add_row("DuckDB: count by source and month", f"{count:.2f} s", "0.5 s")
    one = best(lambda: duckdb.sql(f"SELECT * FROM {view} WHERE article_id = 'zeit:4711'").fetchall())
    table.add_row("DuckDB: one article by its id", f"{one:.2f} s", "1 s")
    console.print(table)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--versions", type=int, default=1_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Console(), Path(folder), asked.versions)


if __name__ == "__main__":
    main()
