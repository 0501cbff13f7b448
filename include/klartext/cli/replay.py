"""`klartext replay`: batches extracted again from their captures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.progress import track
from rich.table import Table

from klartext.batch import Batch
from klartext.cli.lake import Root
from klartext.curate import curate_months
from klartext.lake import Lake, list_batches
from klartext.publish import publish_batch
from klartext.sources import OTHER, Source, SourceError, of_slug
from klartext.terminal import err, out


def replay(
    source: Annotated[
        str,
        typer.Argument(
            help="a source's slug; `other` for imported pages of hosts without a source file", show_default=False
        ),
    ],
    start: Annotated[
        dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="first day, in the publisher's time zone")
    ],
    end: Annotated[
        dt.datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="the day after the last one; by default the day after --from"),
    ] = None,
    site: Annotated[
        str | None, typer.Option(help="only batches with pages of this registered domain", show_default=False)
    ] = None,
    data: Root = None,
) -> None:
    """Extract batches again from their captures, for new rules or a new extractor, without any request.

    Every batch that was captured in these days goes through extract, validate and publish, those of imported WARC files
    too, and the months that changed are curated. Pages that were imported before their host had a source file move to
    that source. Do not use it for batches that Airflow is working on at the same time.
    """
    from klartext.fetch import NothingCaptured
    from klartext.validate import BatchRefused

    lake, known = Lake.open(data), _source(source)
    first = start.date()
    until = end.date() if end else first + dt.timedelta(days=1)
    found = _batches(lake, known, first, until, site)
    if not found:
        raise ValueError(
            f"{lake.storage.root}: nothing of {site or source} was captured from {first} until before {until}; give "
            "other days with --from and --to, or the root of another lake with --data"
        )
    table = Table("batch", "captures", "articles", "teasers", "rejects", box=None, header_style="bold")
    touched: set[str] = set()
    refused: list[str] = []
    try:
        for batch in track(found, "replaying", console=err, transient=True):
            try:
                for replayed, captures, published in _replay_batch(lake, batch):
                    touched.update(published["partitions"])
                    counts = (captures, published["articles"], published["teasers"], published["rejects"])
                    table.add_row(replayed.name, *map(str, counts))
            except (BatchRefused, NothingCaptured) as refusal:
                refused.append(str(refusal))
    finally:  # also if interrupted: of what was published until then
        failed = _curate(lake, touched)
    out.print(table)
    for reason in refused:
        err.print(f"not published: {reason}", style="yellow")
    for reason in failed:
        err.print(f"not curated: {reason}", style="yellow")
    err.print(
        f"{len(found) - len(refused)} of {len(found)} batches replayed, {len(touched) - len(failed)} months curated"
    )
    if refused or failed:
        raise typer.Exit(1)


def _source(slug: str) -> Source:
    try:
        return of_slug(slug)
    except SourceError:
        raise
    except ValueError:
        raise SourceError(f"no source {slug!r}; a slug has lower-case letters, digits, dots and hyphens only") from None


def _batches(lake: Lake, source: Source, first: dt.date, until: dt.date, site: str | None) -> list[Batch]:
    """The batches of a source, and those of hosts without a file that have pages which belong to the source now; with
    ``site`` those with a page of it."""
    from klartext.fetch import reassign

    found = list_batches(lake, source.slug, first, until)
    if source.slug != OTHER.slug:
        others = list_batches(lake, OTHER.slug, first, until)
        found += [batch for batch in others if reassign.has_pages_of(lake, batch, source=source)]
    return [batch for batch in found if site is None or reassign.has_pages_of(lake, batch, site=site)]


def _curate(lake: Lake, partitions: set[str]) -> list[str]:
    """Rebuilds partitions, named as ``slug|YYYY-MM``; returns those that failed, with the reason."""
    months: dict[str, list[str]] = {}
    for partition in sorted(partitions):
        slug, _, month = partition.partition("|")
        months.setdefault(slug, []).append(month)
    done = {slug: curate_months(lake, slug, named) for slug, named in months.items()}
    return [f"{slug}|{month}: {why}" for slug, each in done.items() for month, why in each.failed.items()]


def _replay_batch(lake: Lake, batch: Batch) -> Iterator[tuple[Batch, int, dict[str, Any]]]:
    """Runs the steps of one batch. Its pages that belong to other sources now are first published as batches of these,
    then removed from it. Yields each batch with its number of captures and the result of publish."""
    from klartext.discover import discover_batch
    from klartext.fetch import fetch_batch, reassign

    source = of_slug(batch.source)
    discover_batch(lake, batch, source, replay=True)
    fetched = fetch_batch(lake, batch, source, replay=True)
    moved = reassign.add_to_owners(lake, batch)
    for each in moved:
        owner = of_slug(each.source)
        yield each, fetch_batch(lake, each, owner, replay=True)["captured"], _process(lake, each, owner)
    if moved:
        reassign.remove_moved(lake, batch)
        log = lake.staged(batch, "fetches")
        fetched["captured"] = log["outcome"].to_pylist().count("captured") if log is not None else 0
    yield batch, fetched["captured"], _process(lake, batch, source)


def _process(lake: Lake, batch: Batch, source: Source) -> dict[str, Any]:
    """Extracts, validates and publishes a batch; returns the result of publish."""
    from klartext.extract import extract_batch
    from klartext.validate import validate_batch

    extract_batch(lake, batch, source)
    validate_batch(lake, batch, source)
    return publish_batch(lake, batch)
