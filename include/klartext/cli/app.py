"""The commands, in the order of the steps."""

from __future__ import annotations

import datetime as dt
import logging
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from klartext import sources
from klartext.cli import display, lake, replay, row_files, takedown
from klartext.lake import LakeError
from klartext.sources import Source, SourceError
from klartext.terminal import TerminalHandler, err, out

app = typer.Typer(
    name="klartext", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Clean news articles from publishers' pages: the same steps that Airflow runs, by hand.\n\n"
         "A first try:  klartext extract page.html --url https://…",
)  # fmt: skip

SourceName = Annotated[
    str, typer.Argument(help="a source's slug, as `klartext sources` lists them", show_default=False)
]
OutFile = Annotated[
    Path | None,
    typer.Option(
        "--out", help="write rows to this .parquet or .jsonl file instead of printing them", callback=row_files.writable
    ),
]


def main() -> None:
    """The entry point: errors that a person can cause end in one sentence on standard error and exit code 2."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[TerminalHandler(err)])
    try:
        app()
    except (SourceError, row_files.RowFileError, LakeError, ValueError, OSError) as error:
        named = isinstance(error, OSError) and error.filename
        message = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and named else str(error)
        err.print(f"klartext: {message}", style="red")
        sys.exit(2)


@app.command("sources")
def list_sources() -> None:
    """List the sources and check their files."""
    table = Table("source", "name", "hosts", "feeds", "sitemaps", "rules from", box=None, header_style="bold")
    for slug, source in sources.load().items():
        found = source.discover
        table.add_row(
            slug, source.name, ", ".join(source.hosts), str(len(found.feeds)),
            str(len(found.news_sitemaps) + len(found.dated_sitemaps)),
            ", ".join(str(layout.valid_from) for layout in source.layouts) or "generic",
        )  # fmt: skip
    out.print(table)


@app.command()
def discover(
    source: SourceName,
    start: Annotated[dt.datetime, typer.Option("--from", help="begin of the interval, in the publisher's time zone")],
    end: Annotated[
        dt.datetime | None,
        typer.Option("--to", help="end of the interval, which is not part of it; by default a day after its begin"),
    ] = None,
    to: OutFile = None,
) -> None:
    """Find what a source published in an interval, in its feeds, sitemaps and archives."""
    from klartext.discover import discover as request

    known = _source(source)
    begin = start.replace(tzinfo=known.zone)
    until = end.replace(tzinfo=known.zone) if end else begin + dt.timedelta(days=1)
    found = request(known, begin, until)
    _deliver("candidates", found.candidates, to, lambda: display.candidates(out, found.candidates))
    for problem in found.problems:
        err.print(f"{problem.url}: {problem.outcome}: {problem.reason}", style="yellow")
    err.print(f"{len(found.candidates)} candidates from {found.origins} feeds and sitemaps")
    if found.problems and not found.candidates:
        raise typer.Exit(1)


@app.command()
def fetch(
    addresses: Annotated[
        list[str], typer.Argument(help="addresses, or files of candidates written by discover", show_default=False)
    ],
    to: Annotated[Path, typer.Option("--out", help="the WARC file to write; it must not exist yet")],
) -> None:
    """Fetch pages politely into a WARC file: robots.txt obeyed, one request at a time."""
    from klartext.fetch import fetch_urls

    wanted: list[Any] = []
    for address in addresses:
        is_file = not address.startswith(("http://", "https://"))
        wanted.extend(row_files.read("candidates", Path(address)) if is_file else [address])
    rows = fetch_urls(wanted, to)
    display.fetches(out, rows)
    captured = sum(row.outcome == "captured" for row in rows)
    err.print(f"{captured} of {len(rows)} captured in {to}")
    if not captured:
        raise typer.Exit(1)


@app.command()
def extract(
    paths: Annotated[list[Path], typer.Argument(help="HTML files or WARC files", show_default=False)],
    url: Annotated[str | None, typer.Option(help="address of the page, for an HTML file")] = None,
    to: OutFile = None,
    generic: Annotated[bool, typer.Option("--generic", help="ignore the source's own rules")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="show every line of the page and the rule that kept or removed it")
    ] = False,
) -> None:
    """Separate the article from everything around it.

    Prints the article, or writes rows with all columns to a file. The source of a page, and with it the rules, is known
    by its host; pages of other hosts are read with the generic rules.
    """
    from klartext.cli.inputs import records
    from klartext.extract import step

    skipped: Counter[str] = Counter()
    made = step.extract_records(records(paths, url, skipped), sources.of_url, generic=generic, explain=explain)
    if explain:
        display.explained(out, made)
    else:
        _deliver("articles", made.articles, to, lambda: display.articles(out, made.articles))
    for reject in made.rejects:
        place = reject.url or f"{reject.capture.file}, byte {reject.capture.offset}"
        err.print(f"{place}: {reject.reasons[0]}: {reject.detail}", style="yellow")
    if skipped:
        err.print("skipped: " + ", ".join(f"{count} {reason}" for reason, count in sorted(skipped.items())))
    err.print(f"{len(made.articles)} articles, {len(made.teasers)} teasers on their pages, {len(made.rejects)} rejects")
    if not made.articles:
        raise typer.Exit(1)


@app.command()
def validate(
    path: Annotated[Path, typer.Argument(help="a file of articles written by extract", show_default=False)],
    to: OutFile = None,
) -> None:
    """Check articles as the step validate does: which are accepted, and why the others are rejected."""
    from klartext.validate import check_rows, read_rows

    checked = check_rows(read_rows(path))
    _deliver("articles", checked.accepted, to, lambda: None)
    display.rejects(out, checked.rejected.to_pylist())
    err.print(f"{checked.accepted.num_rows} accepted, {checked.rejected.num_rows} rejected")
    if checked.rejected.num_rows:
        raise typer.Exit(1)


def _source(slug: str) -> Source:
    known = sources.load()
    if slug not in known:
        raise SourceError(f"no source {slug!r}; the sources are {', '.join(sorted(known))}")
    return known[slug]


def _deliver(table: str, rows: Any, to: Path | None, printed: Any) -> None:
    if to is None:
        printed()
    else:
        row_files.write(table, rows, to)
        err.print(f"wrote {to}")


# In the help, the commands for the lake come after the steps.
app.command()(replay.replay)
app.command()(lake.batches)
app.command()(lake.rejects)
app.command("takedown")(takedown.command)
app.add_typer(lake.app)
