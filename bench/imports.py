"""Importing a WARC file of many hosts measured, against `klartext extract` on the same file.

    python -m bench.imports [--pages 1200] [--hosts 1000] [--times 10] [--airflow 10000]

The pages are the newsroom's, under made-up hosts. Each task of the DAGs `import_warc` and `curate` runs as it does in
Airflow's LocalExecutor, as a fork of a process that has imported the libraries, one after the other. The CPU time of a
task includes that of the processes that it starts. What Airflow adds is measured by another run, through Airflow.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import newsroom
from bench.airflow_import import import_through_airflow
from bench.bounds import Bounds
from bench.measured import Measured, show, total
from klartext.batch import Batch
from klartext.curate import curate_months
from klartext.extract.chunk_plan import Chunk, plan_chunks
from klartext.extract.chunks import extract_chunk, gather
from klartext.fetch import import_warc
from klartext.lake import Lake
from klartext.publish import publish_batch
from klartext.sources import of_slug
from klartext.validate import validate_batch
from klartext_airflow.preload import import_steps
from newsroom.pages import render

MOMENT = newsroom.LAST_MOMENT + dt.timedelta(days=1)
FILES = 300
MEMORY = 1536.0
"""MiB of a task."""
AIRFLOW = 10.0
"""Percent of the CPU time of a run that is not spent in the functions of its tasks."""


def write_file(path: Path, pages: int, hosts: int) -> None:
    """Writes a WARC file of the newsroom's pages, in turn, each under one of the hosts, in turn."""
    articles = [(site, article) for site in newsroom.load() for article in site.as_of(newsroom.LAST_MOMENT)]
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for number in range(pages):
            site, article = articles[number % len(articles)]
            base = f"https://www.blatt{number % hosts}.example"
            address = base + article.path
            body = render(site, article, base, newsroom.LAST_MOMENT)
            kind = ("Content-Type", f"text/html; charset={article.charset}")
            at = MOMENT + dt.timedelta(seconds=number)
            writer.write_record(writer.create_warc_record(
                address, "response", payload=io.BytesIO(body), length=len(body),
                warc_headers_dict={"WARC-Date": at.strftime("%Y-%m-%dT%H:%M:%SZ")},
                http_headers=StatusAndHeaders("200 OK", [kind], protocol="HTTP/1.1"),
            ))  # fmt: skip


def task(work: Callable[[], Any]) -> tuple[Any, Measured]:
    """Runs a function in a fork; its result and what it took. Raises RuntimeError if it failed."""
    reader, writer = os.pipe()
    begin = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            with os.fdopen(writer, "wb") as out:
                pickle.dump(work(), out)
            os._exit(0)
        except BaseException as error:  # noqa: BLE001  the fork must end here
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        data = stream.read()
    _, status, usage = os.wait4(child, 0)
    if status:
        raise RuntimeError("a task failed")
    took = Measured(usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss / 1024, 1)
    return pickle.loads(data), took


def import_file(path: Path, root: Path) -> dict[str, Measured]:
    """Imports a file into a new lake and rebuilds its months; what each kind of task took."""
    steps: dict[str, Measured] = {}

    def run(name: str, work: Callable[[], Any]) -> Any:
        result, took = task(work)
        steps.setdefault(name, Measured()).add(took)
        return result

    def lake() -> Lake:
        return Lake.open(str(root))

    def plan(batches: list[Batch]) -> list[tuple[Batch, list[Chunk]]]:
        return [(batch, plan_chunks(lake(), batch)) for batch in batches]

    def validate(batch: Batch, chunks: list[Chunk]) -> None:
        gather(lake(), batch, of_slug(batch.source), chunks)
        validate_batch(lake(), batch, of_slug(batch.source))

    batches = run("split", lambda: import_warc(lake(), path))
    planned = run("plan", lambda: plan(batches))
    for batch, chunks in planned:
        for chunk in chunks:
            run("extract", lambda b=batch, c=chunk: extract_chunk(lake(), b, of_slug(b.source), c))
    for batch, chunks in planned:
        run("validate", lambda b=batch, c=chunks: validate(b, c))
    for batch, _ in planned:
        partitions = run("publish", lambda b=batch: publish_batch(lake(), b))["partitions"]
        months = [partition.partition("|")[2] for partition in partitions]
        run("curate", lambda b=batch, m=months: curate_months(lake(), b.source, m))
    return steps


def extract_alone(path: Path, out: Path) -> Measured:
    """What `klartext extract` takes for the file."""
    begin = time.monotonic()
    command = [Path(sys.executable).parent / "klartext", "extract", str(path), "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("klartext extract failed")
    return Measured(usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss / 1024, 1)


def main() -> int:
    """Measures and prints; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=int, default=1200)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--times", type=int, default=10, help="how many times more pages are imported too; 1 for none")
    parser.add_argument("--airflow", type=int, default=10_000, help="pages of the run through Airflow; 0 for none")
    options = parser.parse_args()
    console, bounds = Console(width=110), Bounds()
    import_steps()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "mixed.warc.gz"
        write_file(file, options.pages, options.hosts)
        alone = extract_alone(file, folder / "articles.parquet")
        steps = import_file(file, folder / "lake")
        show(console, f"{options.pages:,} pages of {options.hosts:,} hosts", steps)
        took, files = total(steps), sum(path.is_file() for path in (folder / "lake").rglob("*"))
        console.print(f"`klartext extract` of the same file: {alone.cpu:.1f} s CPU, {alone.wall:.1f} s")
        bounds.most("import and curate, s CPU", took.cpu, round(2 * alone.cpu + 60, 1), digits=1)
        bounds.most("files in the lake", files, FILES)
        bounds.most("memory of a task, MiB", took.memory, MEMORY)
        if options.times > 1:
            write_file(file, options.pages * options.times, options.hosts * options.times)
            many = import_file(file, folder / "larger")
            show(console, f"{options.pages * options.times:,} pages of {options.hosts * options.times:,} hosts", many)
            whole = total(many)
            bounds.most(
                f"CPU of {options.times} times as many pages, times", whole.cpu / took.cpu, 1.1 * options.times, 2
            )
            bounds.most(f"time of {options.times} times as many pages, times", whole.wall / took.wall,
                        1.1 * options.times, 2)  # fmt: skip
            bounds.most("memory of a task with them, MiB", whole.memory, MEMORY)
        if options.airflow:
            write_file(file, options.airflow, options.airflow)
            console.print("An import through Airflow …")
            through = import_through_airflow(file, folder / "through Airflow")
            through.show(console, f"{options.airflow:,} pages through Airflow")
            bounds.most("tasks through Airflow that failed", len(through.failures), 0)
            bounds.most("Airflow's own share of the CPU time, %", 100 * through.airflow_share, AIRFLOW, 1)
    bounds.show(console)
    return 0 if bounds.all_hold else 1


if __name__ == "__main__":
    sys.exit(main())
