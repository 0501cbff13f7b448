"""What commands that run batches without Airflow share: the steps after fetch, and what is done at the end."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from klartext.cli.progress import Work
from klartext.terminal import err, out

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.lake import Lake
    from klartext.sources import Source


def process(lake: Lake, batch: Batch, source: Source, step: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Extracts, validates and publishes a batch; returns the result of publish. ``step`` gets the name of each step
    when it begins. Raises BatchRefused."""
    from klartext.extract import extract_batch
    from klartext.publish import publish_batch
    from klartext.validate import validate_batch

    step("extract")
    extract_batch(lake, batch, source)
    step("validate")
    validate_batch(lake, batch, source)
    step("publish")
    return publish_batch(lake, batch)


@dataclasses.dataclass(slots=True)
class Runs:
    """What a command has done with its batches.

    Attributes:
        work: the progress.
        rows: what is listed at the end, a row for each batch.
        touched: the partitions to curate, as ``slug|YYYY-MM``.
        problems: what is printed below the rows.
        failed: how many partitions could not be curated.
    """

    work: Work
    rows: list[tuple[str, ...]] = dataclasses.field(default_factory=list)
    touched: set[str] = dataclasses.field(default_factory=set)
    problems: list[str] = dataclasses.field(default_factory=list)
    failed: int = 0


@contextlib.contextmanager
def running(lake: Lake, columns: tuple[str, ...], hint: str) -> Iterator[Runs]:
    """For the batches of a command. At the end, also if it was interrupted, the months of what was published are
    curated and the rows listed; ``hint`` says what to do after an interruption."""
    from klartext.cli import display

    with contextlib.ExitStack() as at_the_end, Work("batches", hint) as work:
        runs = Runs(work)
        at_the_end.callback(_show, display.listing, columns, runs)
        try:
            yield runs
        finally:
            failed = curate(lake, runs.touched)
            runs.failed = len(failed)
            runs.problems += [f"not curated: {reason}" for reason in failed]


def _show(listing: Callable[..., None], columns: tuple[str, ...], runs: Runs) -> None:
    listing(out, columns, runs.rows)
    for problem in runs.problems:
        err.print(problem, style="yellow")


def curate(lake: Lake, partitions: Iterable[str]) -> list[str]:
    """Rebuilds partitions, named as ``slug|YYYY-MM``; returns those that failed, with the reason."""
    from klartext.curate import curate_months

    months: dict[str, list[str]] = {}
    for partition in sorted(partitions):
        slug, _, month = partition.partition("|")
        months.setdefault(slug, []).append(month)
    done = {slug: curate_months(lake, slug, named) for slug, named in months.items()}
    return [f"{slug}|{month}: {why}" for slug, each in done.items() for month, why in each.failed.items()]
