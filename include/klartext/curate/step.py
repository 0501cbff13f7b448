"""Rebuilding the current view of months: the files ``articles/source=…/month=…/articles.parquet``."""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Iterable, Iterator

from klartext import dataset_card
from klartext.lake import Lake, curated_state, current_view, schema_migration, version_index
from klartext.lake.current_view import MonthView

logger = logging.getLogger(__name__)

_ROWS = 50_000
"""Versions that are read in one pass, about; a month with more is a pass of its own."""


@dataclasses.dataclass(slots=True)
class Curated:
    """By month, the number of articles in its view, that of their versions, and why it could not be rebuilt."""

    rows: dict[str, int] = dataclasses.field(default_factory=dict)
    versions: dict[str, int] = dataclasses.field(default_factory=dict)
    failed: dict[str, str] = dataclasses.field(default_factory=dict)


def curate(lake: Lake, source: str, month: str) -> int:
    """Rebuilds the current view of a source and month (``YYYY-MM``) and returns its number of rows; without rows there
    is no file. As :func:`curate_months`, but raises what goes wrong."""
    rows = _rebuild_month(lake, source, month)
    _finish(lake, source)
    return rows


def curate_months(lake: Lake, source: str, months: Iterable[str]) -> Curated:
    """Rebuilds the current views of several months of a source, in one pass over its versions. A month that cannot be
    rebuilt does not hold up the others.

    The result depends only on what is published. May be run at any time, repeatedly, and twice at once: a view computed
    before another batch was published never replaces one computed after. On a disk publishing and rebuilding exclude
    each other by a lock. An object store writes the file only in place of the one that was there before the versions
    were read, and afterwards it is checked whether they have changed: the last to write has seen everything that is
    published, or starts again. The first rebuild under a new schema rewrites the source's other files too.
    """
    result = Curated()
    for part in _passes(lake, source, sorted(set(months))):
        try:
            _rebuild(lake, source, part, result)
        except Exception:
            logger.exception("%s: %s together failed; they are rebuilt one by one", source, ", ".join(part))
            for month in part:
                _rebuild_or_name(lake, source, month, result)
    _finish(lake, source)
    return result


def _finish(lake: Lake, source: str) -> None:
    schema_migration.migrate_source(lake, source, functools.partial(_rebuild_month, lake, source))
    dataset_card.write_if_old(lake)
    lake.storage.remove_unfinished()


def _passes(lake: Lake, source: str, months: list[str]) -> Iterator[list[str]]:
    """The months in groups that are rebuilt together."""
    if len(months) < 2:
        yield from ([month] for month in months)
        return
    index = version_index.load(lake, source)
    part: list[str] = []
    size = 0
    for month in months:
        rows = current_view.index_of_month(index, source, month).rows.num_rows
        if part and size + rows > _ROWS:
            yield part
            part, size = [], 0
        part.append(month)
        size += rows
    yield part


def _rebuild_or_name(lake: Lake, source: str, month: str, result: Curated) -> None:
    if month in result.rows:
        return
    try:
        _rebuild(lake, source, [month], result)
    except Exception as error:
        logger.exception("%s|%s could not be rebuilt", source, month)
        result.failed[month] = f"{type(error).__name__}: {error}"


def _rebuild_month(lake: Lake, source: str, month: str) -> int:
    result = Curated()
    _rebuild(lake, source, [month], result)
    return result.rows[month]


def _rebuild(lake: Lake, source: str, months: list[str], result: Curated) -> None:
    """Rebuilds months together; those of which a batch was published meanwhile again."""
    pending = list(months)
    while pending:
        before = {month: lake.month_stat(source, month) for month in pending}
        views = current_view.read_months(lake, source, pending)
        done = {}
        for month in pending:
            with lake.lock_source(source):
                outdated = current_view.is_outdated(lake, source, month, views[month].index)
                if outdated or not lake.replace_month_if_unchanged(source, month, before[month], views[month].rows):
                    continue
            if lake.storage.disk or not current_view.is_outdated(lake, source, month, views[month].index):
                done[month] = _number(views[month], month, result)
        curated_state.record(lake, source, done)
        pending = [month for month in pending if month not in done]


def _number(view: MonthView, month: str, result: Curated) -> curated_state.MonthState:
    """Adds the counts of a view to the result; returns what is recorded of it."""
    result.rows[month] = view.rows.num_rows
    result.versions[month] = sum(view.rows["version_count"].to_pylist())
    return curated_state.MonthState(view.index.digest(), view.rows.num_rows)
