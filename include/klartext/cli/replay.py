"""`klartext replay`: batches made anew from their captures."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import typer
from rich.progress import track
from rich.table import Table

from klartext.batch import Batch
from klartext.cli.lake import Root
from klartext.curate import curate
from klartext.lake import Lake, list_batches
from klartext.publish import publish_batch
from klartext.sources import Source, SourceError, of_slug
from klartext.terminal import err, out


def replay(
    source: Annotated[
        str,
        typer.Argument(help="a source's slug, or the domain under which an imported file landed", show_default=False),
    ],
    start: Annotated[
        dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="first day, at the publisher's place")
    ],
    end: Annotated[
        dt.datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="the day after the last one; a day later if left out"),
    ] = None,
    data: Root = None,
) -> None:
    """Make batches anew from their captures, for new rules or a new extractor: nobody is asked.

    Every batch that was captured in these days goes through extract, validate and publish, those of imported WARC files
    too, and the months that they touch are curated. Not for batches that Airflow is working on at the same time.
    """
    from klartext.fetch import NothingCaptured
    from klartext.validate import BatchRefused

    lake, known = Lake.open(data), _source(source)
    first = start.date()
    until = end.date() if end else first + dt.timedelta(days=1)
    found = list_batches(lake, source, first, until)
    if not found:
        raise ValueError(
            f"{lake.storage.root}: nothing of {source} was captured from {first} until before {until}; name its days "
            "with --from and --to, and the root of the lake with --data"
        )
    table = Table("batch", "captures", "articles", "teasers", "rejects", box=None, header_style="bold")
    touched: set[str] = set()
    refused: list[str] = []
    try:
        for batch in track(found, "replaying", console=err, transient=True):
            try:
                fetched, published = _remade(lake, batch, known)
            except (BatchRefused, NothingCaptured) as refusal:
                refused.append(str(refusal))
                continue
            touched.update(published["partitions"])
            counts = (fetched["captured"], published["articles"], published["teasers"], published["rejects"])
            table.add_row(batch.name, *map(str, counts))
    finally:  # also of what was published before somebody lost patience
        for partition in sorted(touched):
            curate(lake, source, partition.partition("|")[2])
    out.print(table)
    for reason in refused:
        err.print(f"not published: {reason}", style="yellow", markup=False)
    err.print(f"{len(found) - len(refused)} of {len(found)} batches made anew, {len(touched)} months curated")
    if refused:
        raise typer.Exit(1)


def _source(slug: str) -> Source:
    try:
        return of_slug(slug)
    except SourceError:
        raise
    except ValueError:
        raise SourceError(f"no source {slug!r}; a slug is of small letters, digits, dots and hyphens") from None


def _remade(lake: Lake, batch: Batch, source: Source) -> tuple[dict[str, Any], dict[str, Any]]:
    """The counts of fetching and of publishing."""
    from klartext.discover import discover_batch
    from klartext.extract import extract_batch
    from klartext.fetch import fetch_batch
    from klartext.validate import validate_batch

    discover_batch(lake, batch, source, replay=True)
    fetched = fetch_batch(lake, batch, source, replay=True)
    extract_batch(lake, batch, source)
    validate_batch(lake, batch, source)
    return fetched, publish_batch(lake, batch)
