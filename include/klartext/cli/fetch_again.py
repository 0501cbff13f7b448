"""`klartext fetch-again`: pages requested once more, in whose place the publisher had sent another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from klartext.cli import batch_run
from klartext.cli.options import FirstDay, Root, SourceName, UntilDay, days_from, known_source, open_lake
from klartext.terminal import err

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.cli.batch_run import Runs
    from klartext.lake import Lake
    from klartext.sources import Source

_COLUMNS = ("batch", "requested", "still without the page", "articles", "outcome")


def fetch_again(
    source: SourceName,
    start: FirstDay,
    end: UntilDay = None,
    rejected: Annotated[bool, typer.Option("--all", help="also pages that were rejected for any other reason")] = False,
    data: Root = None,
) -> None:
    """Request pages again in whose place a consent, challenge, login or error page was captured.

    The batches of these days go through extract, validate and publish then, and the months that changed are curated.
    Batches of imported files are left out. Do not use it for batches that Airflow is working on at the same time.
    """
    from klartext.fetch import pages_without_good_capture
    from klartext.lake import list_batches

    known, lake = known_source(source), open_lake(data)
    first, until = days_from(start, end)
    batches = [batch for batch in list_batches(lake, known.slug, first, until) if not batch.imported]
    wanted = {batch: pages_without_good_capture(lake, batch, known, rejected=rejected) for batch in batches}
    todo = {batch: pages for batch, pages in wanted.items() if pages}
    hint = "what is published is curated; run the command again for the others"
    with batch_run.running(lake, _COLUMNS, hint) as runs:
        for batch in runs.work.track(todo, "fetching again"):
            runs.work.describe(f"fetching {len(todo[batch])} pages of {batch.name}")
            runs.rows.append(_run(lake, batch, known, todo[batch], rejected, runs))
    pages = sum(map(len, todo.values()))
    err.print(f"{pages} pages of {len(todo)} batches requested, of {len(batches)} batches in these days")
    if runs.problems:
        raise typer.Exit(1)


def _run(
    lake: Lake,
    batch: Batch,
    source: Source,
    pages: dict[str, str],
    rejected: bool,
    runs: Runs,
) -> tuple[str, ...]:
    """Requests pages of a batch and publishes it; returns its row. Adds the months to curate."""
    from klartext.fetch import fetch_batch, pages_without_good_capture
    from klartext.validate import BatchRefused

    fetched = fetch_batch(lake, batch, source, again=pages)
    if fetched["left"]:
        runs.problems.append(f"{batch.name}: no time was left for {fetched['left']} pages: run the command again")
    try:
        published = batch_run.process(lake, batch, source)
    except BatchRefused as refusal:
        runs.problems.append(f"not published: {refusal}")
        left = pages_without_good_capture(lake, batch, source, rejected=rejected)
        return (batch.name, str(fetched["asked"]), str(len(left)), "", "refused")
    runs.touched.update(published["partitions"])
    left = pages_without_good_capture(lake, batch, source, rejected=rejected)
    return (batch.name, str(fetched["asked"]), str(len(left)), str(published["articles"]), "published")
