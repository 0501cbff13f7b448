"""The commands for single steps outside of a lake: `sources`, `discover`, `fetch`, `extract`, `validate`."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from klartext.cli.options import OutFile, SourceName, known_source
from klartext.cli.progress import Work
from klartext.terminal import err, out


def list_sources() -> None:
    """List the sources and check their files."""
    from klartext import sources
    from klartext.cli import display

    columns = ("source", "name", "hosts", "feeds", "sitemaps", "archives", "rules from")
    rows = []
    for slug, source in sources.load().items():
        found = source.discover
        archives = ", ".join(name for name in ("cc_news", "wayback") if getattr(found, name))
        rows.append((
            slug, source.name, ", ".join(source.hosts), str(len(found.feeds)),
            str(len(found.news_sitemaps) + len(found.dated_sitemaps)), archives,
            ", ".join(str(layout.valid_from) for layout in source.layouts) or "generic",
        ))  # fmt: skip
    display.listing(out, columns, rows)


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
    from klartext.cli import display
    from klartext.discover import discover as request

    known = known_source(source)
    begin = start.replace(tzinfo=known.zone)
    until = end.replace(tzinfo=known.zone) if end else begin + dt.timedelta(days=1)
    found = request(known, begin, until)
    _deliver("candidates", found.candidates, to, lambda: display.candidates(out, found.candidates))
    for problem in found.problems:
        err.print(f"{problem.url}: {problem.outcome}: {problem.reason}", style="yellow")
    err.print(f"{len(found.candidates)} candidates from {found.origins} feeds and sitemaps")
    if found.problems and not found.candidates:
        raise typer.Exit(1)


def fetch(
    addresses: Annotated[
        list[str], typer.Argument(help="addresses, or files of candidates written by discover", show_default=False)
    ],
    to: Annotated[Path, typer.Option("--out", help="the WARC file to write; it must not exist yet")],
) -> None:
    """Fetch pages politely into a WARC file: robots.txt obeyed, one request at a time."""
    from klartext.cli import display
    from klartext.fetch import fetch_urls
    from klartext.lake import row_files

    wanted: list[Any] = []
    for address in addresses:
        is_file = not address.startswith(("http://", "https://"))
        wanted.extend(row_files.read("candidates", Path(address)) if is_file else [address])
    hint = f"what was captured is in {to}; fetch the other addresses into another file"
    with Work("pages", hint) as work:
        rows = fetch_urls(wanted, to, track=work.track)
    display.fetches(out, map(dataclasses.asdict, rows))
    captured = sum(row.outcome == "captured" for row in rows)
    err.print(f"{captured} of {len(rows)} captured in {to}")
    if not captured:
        raise typer.Exit(1)


def extract(
    paths: Annotated[list[Path] | None, typer.Argument(help="HTML files or WARC files", show_default=False)] = None,
    url: Annotated[str | None, typer.Option(help="address of the page, for an HTML file")] = None,
    to: OutFile = None,
    generic: Annotated[bool, typer.Option("--generic", help="ignore the source's own rules")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="show every line of the page and the rule that kept or removed it")
    ] = False,
) -> None:
    """Separate the article from everything around it.

    Prints the article, or writes rows with all columns to a file. The source of a page, and with it the rules, is known
    by its host; pages of other hosts are read with the generic rules. For a page that the lake has, use `klartext
    explain`.
    """
    from klartext import sources
    from klartext.cli import display
    from klartext.cli.inputs import records
    from klartext.extract import step

    if not paths:
        raise ValueError(
            "name HTML files or WARC files; " + (f"of the lake's page, run: klartext explain {url}" if url else
            "for a page that the lake has, run: klartext explain URL")
        )  # fmt: skip
    skipped: Counter[str] = Counter()
    with Work("pages", "nothing is written; run the command again") as work:
        pages = work.track(records(paths, url, skipped), "extracting")
        made = step.extract_records(pages, sources.of_url, generic=generic, explain=explain)
    if explain:
        display.explained(out, made.explained)
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


def validate(
    path: Annotated[Path, typer.Argument(help="a file of articles written by extract", show_default=False)],
    to: OutFile = None,
) -> None:
    """Check articles as the step validate does: which are accepted, and why the others are rejected."""
    from klartext.cli import display
    from klartext.validate import check_rows, read_rows

    checked = check_rows(read_rows(path))
    _deliver("articles", checked.accepted, to, lambda: None)
    display.rejects(out, checked.rejected.to_pylist())
    err.print(f"{checked.accepted.num_rows} accepted, {checked.rejected.num_rows} rejected")
    if checked.rejected.num_rows:
        raise typer.Exit(1)


def _deliver(table: str, rows: Iterable[Any], to: Path | None, printed: Callable[[], None]) -> None:
    from klartext.lake import row_files

    if to is None:
        printed()
    else:
        row_files.write(table, rows, to)
        err.print(f"wrote {to}")
