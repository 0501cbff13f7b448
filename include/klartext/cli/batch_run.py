"""The steps of a batch after fetch, and the curation of months, for commands that run batches without Airflow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

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


def curate(lake: Lake, partitions: Iterable[str]) -> list[str]:
    """Rebuilds partitions, named as ``slug|YYYY-MM``; returns those that failed, with the reason."""
    from klartext.curate import curate_months

    months: dict[str, list[str]] = {}
    for partition in sorted(partitions):
        slug, _, month = partition.partition("|")
        months.setdefault(slug, []).append(month)
    done = {slug: curate_months(lake, slug, named) for slug, named in months.items()}
    return [f"{slug}|{month}: {why}" for slug, each in done.items() for month, why in each.failed.items()]
