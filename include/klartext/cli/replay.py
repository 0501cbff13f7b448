"""`klartext replay`: batches extracted again from their captures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from klartext.cli import batch_run
from klartext.cli.options import FirstDay, Root, UntilDay, days_from, unknown
from klartext.terminal import err

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.lake import Lake
    from klartext.sources import Source

_COLUMNS = ("batch", "captures", "articles", "teasers", "rejects")


def replay(
    source: Annotated[
        str,
        typer.Argument(
            help="a source's slug; `other` for imported pages of hosts without a source file", show_default=False
        ),
    ],
    start: FirstDay,
    end: UntilDay = None,
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
    from klartext.lake import Lake
    from klartext.validate import BatchRefused

    lake = Lake.open(data)
    known = _source(lake, source)
    first, until = days_from(start, end)
    found = _batches(lake, known, first, until, site)
    if not found:
        raise ValueError(
            f"{lake.storage.root}: nothing of {site or source} was captured from {first} until before {until}; give "
            "other days with --from and --to, or the root of another lake with --data"
        )
    refused = 0
    hint = "their months are curated; run the command again for the others"
    with batch_run.running(lake, _COLUMNS, hint) as runs:
        for batch in runs.work.track(found, "replaying"):
            runs.work.describe(f"replaying {batch.name}")
            try:
                for replayed, captures, published in _replay_batch(lake, batch):
                    runs.touched.update(published["partitions"])
                    counts = (captures, published["articles"], published["teasers"], published["rejects"])
                    runs.rows.append((replayed.name, *map(str, counts)))
            except (BatchRefused, NothingCaptured) as refusal:
                refused += 1
                runs.problems.append(f"not published: {refusal}")
    curated = len(runs.touched) - runs.failed
    err.print(f"{len(found) - refused} of {len(found)} batches replayed, {curated} months curated")
    if runs.problems:
        raise typer.Exit(1)


def _source(lake: Lake, slug: str) -> Source:
    """The source of a slug; a made-up one for a slug without a file of which the lake has captures. Raises ValueError
    with the nearest slug for another."""
    from klartext import sources
    from klartext.lake import report

    known, broken = sources.load_usable()
    if slug in known or slug == sources.OTHER.slug or report.has_captures(lake, slug):
        return sources.of_slug(slug)
    for problem in broken:
        if f"/{slug}.yaml: " in str(problem):
            raise problem
    raise ValueError(unknown("source", slug, [*known, sources.OTHER.slug]))


def _batches(lake: Lake, source: Source, first: dt.date, until: dt.date, site: str | None) -> list[Batch]:
    """The batches of a source, and those of hosts without a file that have pages which belong to the source now; with
    ``site`` those with a page of it."""
    from klartext.fetch import reassign
    from klartext.lake import list_batches
    from klartext.sources import OTHER

    found = list_batches(lake, source.slug, first, until)
    if source.slug != OTHER.slug:
        others = list_batches(lake, OTHER.slug, first, until)
        found += [batch for batch in others if reassign.has_pages_of(lake, batch, source=source)]
    return [batch for batch in found if site is None or reassign.has_pages_of(lake, batch, site=site)]


def _replay_batch(lake: Lake, batch: Batch) -> Iterator[tuple[Batch, int, dict[str, Any]]]:
    """Runs the steps of one batch. Its pages that belong to other sources now are first published as batches of these,
    then removed from it. Yields each batch with its number of captures and the result of publish."""
    from klartext.discover import discover_batch
    from klartext.fetch import fetch_batch, reassign
    from klartext.sources import of_slug

    source = of_slug(batch.source)
    discover_batch(lake, batch, source, replay=True)
    fetched = fetch_batch(lake, batch, source, replay=True)
    moved = reassign.add_to_owners(lake, batch)
    for each in moved:
        owner = of_slug(each.source)
        yield each, fetch_batch(lake, each, owner, replay=True)["captured"], batch_run.process(lake, each, owner)
    if moved:
        reassign.remove_moved(lake, batch)
        log = lake.staged(batch, "fetches")
        fetched["captured"] = log["outcome"].to_pylist().count("captured") if log is not None else 0
    yield batch, fetched["captured"], batch_run.process(lake, batch, source)
