"""`klartext land`: all steps for a source and some days, from discover to curate, without Airflow."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from klartext.cli import batch_run
from klartext.cli.options import Root, SourceName, UntilDay, days_from, known_source
from klartext.terminal import err

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.cli.batch_run import Runs
    from klartext.lake import Lake
    from klartext.sources import Source

_COLUMNS = ("batch", "discovered", "captured", "articles", "rejects", "outcome")


def land(
    source: SourceName,
    start: Annotated[
        dt.datetime | None,
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            help="first day, in the publisher's time zone; by default the latest interval that is over",
            show_default=False,
        ),
    ] = None,
    end: UntilDay = None,
    data: Root = None,
) -> None:
    """Run all steps for a source, from discover to curate, without Airflow.

    The batches are those of Airflow's runs: one for each interval of the source's schedule that begins in these days.
    A batch that ran before uses the captures that it has. Do not use it for batches that Airflow is working on at the
    same time.
    """
    from klartext.lake import Lake

    known = known_source(source)
    lake, batches = Lake.open(data), _batches(known, start, end)
    hint = "what is published is curated; run the command again, it uses the captures that it has"
    with batch_run.running(lake, _COLUMNS, hint) as runs:
        for batch in runs.work.track(batches, "landing"):
            try:
                runs.rows.append(_land(lake, batch, known, runs))
            except (RuntimeError, OSError) as error:
                runs.rows.append((batch.name, "", "", "", "", "failed"))
                runs.problems.append(f"{batch.name}: {type(error).__name__}: {error}")
    landed = sum(row[-1] in ("published", "unfinished") for row in runs.rows)
    err.print(f"{landed} of {len(batches)} batches published, {len(runs.touched)} months curated")
    if runs.problems:
        raise typer.Exit(1)


def _batches(source: Source, start: dt.datetime | None, end: dt.datetime | None) -> list[Batch]:
    """The batches whose interval begins in some days and is over. Raises ValueError if there is none."""
    from klartext.batch import Batch
    from klartext.schedule import Schedule

    schedule, now = Schedule(source.schedule, source.zone), dt.datetime.now(dt.UTC)
    if start is None:
        if end is not None:
            raise ValueError("give --from with --to")
        last = schedule.previous_tick(now + dt.timedelta(microseconds=1))
        return [Batch.of_interval(source, schedule.previous_tick(last), last)]
    intervals = list(schedule.intervals(*days_from(start, end)))
    over = [interval for interval in intervals if interval[1] <= now]
    if not over:
        raise ValueError(
            f"no interval of {source.slug} (schedule {source.schedule!r} in {source.time_zone}) that begins in these "
            "days is over: give earlier days with --from and --to"
        )
    if len(over) < len(intervals):
        err.print(f"{len(intervals) - len(over)} intervals are not over yet and are left out", style="yellow")
    return [Batch.of_interval(source, *interval) for interval in over]


def _land(lake: Lake, batch: Batch, source: Source, runs: Runs) -> tuple[str, ...]:
    """Runs all steps of a batch but curate; returns its row. Adds the months to curate, and what is left for another
    run. Raises RuntimeError where a step cannot do its work."""
    from klartext.discover import discover_batch
    from klartext.fetch import fetch_batch
    from klartext.validate import BatchRefused

    def describe(step: str) -> None:
        runs.work.describe(f"{batch.name}: {step}")

    describe("discover")
    discovered = discover_batch(lake, batch, source)
    describe("fetch")
    fetched = fetch_batch(lake, batch, source)
    counts = (str(discovered["candidates"]), str(fetched["captured"]))
    left = discovered["left"] + fetched["left"]
    if left:
        runs.problems.append(f"{batch.name}: no time was left for {left} pages or listings: run the command again")
    try:
        published = batch_run.process(lake, batch, source, describe)
    except BatchRefused as refusal:
        runs.problems.append(f"not published: {refusal}")
        return (batch.name, *counts, "", "", "refused")
    runs.touched.update(published["partitions"])
    outcome = "unfinished" if left else "published"
    return (batch.name, *counts, str(published["articles"]), str(published["rejects"]), outcome)
