"""`klartext replay`: batches extracted again from their captures."""

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
        typer.Argument(
            help="a source's slug, or the domain of an imported file's pages that have no source", show_default=False
        ),
    ],
    start: Annotated[
        dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="first day, in the publisher's time zone")
    ],
    end: Annotated[
        dt.datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="the day after the last one; by default the day after --from"),
    ] = None,
    data: Root = None,
) -> None:
    """Extract batches again from their captures, for new rules or a new extractor, without any request.

    Every batch that was captured in these days goes through extract, validate and publish, those of imported WARC files
    too, and the months that changed are curated. Do not use it for batches that Airflow is working on at the same time.
    """
    from klartext.fetch import NothingCaptured
    from klartext.validate import BatchRefused

    lake, known = Lake.open(data), _source(source)
    first = start.date()
    until = end.date() if end else first + dt.timedelta(days=1)
    found = list_batches(lake, source, first, until)
    if not found:
        raise ValueError(
            f"{lake.storage.root}: nothing of {source} was captured from {first} until before {until}; give other days "
            "with --from and --to, or the root of another lake with --data"
        )
    table = Table("batch", "captures", "articles", "teasers", "rejects", box=None, header_style="bold")
    touched: set[str] = set()
    refused: list[str] = []
    try:
        for batch in track(found, "replaying", console=err, transient=True):
            try:
                fetched, published = _replay_batch(lake, batch, known)
            except (BatchRefused, NothingCaptured) as refusal:
                refused.append(str(refusal))
                continue
            touched.update(published["partitions"])
            counts = (fetched["captured"], published["articles"], published["teasers"], published["rejects"])
            table.add_row(batch.name, *map(str, counts))
    finally:  # also if interrupted: of what was published until then
        for partition in sorted(touched):
            curate(lake, source, partition.partition("|")[2])
    out.print(table)
    for reason in refused:
        err.print(f"not published: {reason}", style="yellow")
    err.print(f"{len(found) - len(refused)} of {len(found)} batches replayed, {len(touched)} months curated")
    if refused:
        raise typer.Exit(1)


def _source(slug: str) -> Source:
    try:
        return of_slug(slug)
    except SourceError:
        raise
    except ValueError:
        raise SourceError(f"no source {slug!r}; a slug has lower-case letters, digits, dots and hyphens only") from None


def _replay_batch(lake: Lake, batch: Batch, source: Source) -> tuple[dict[str, Any], dict[str, Any]]:
    """Runs the steps of one batch; returns the results of fetch and publish."""
    from klartext.discover import discover_batch
    from klartext.extract import extract_batch
    from klartext.fetch import fetch_batch
    from klartext.validate import validate_batch

    discover_batch(lake, batch, source, replay=True)
    fetched = fetch_batch(lake, batch, source, replay=True)
    extract_batch(lake, batch, source)
    validate_batch(lake, batch, source)
    return fetched, publish_batch(lake, batch)
