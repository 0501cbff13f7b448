"""Bringing shared text up to date after months of ``articles`` were rebuilt."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable

import pyarrow as pa

from klartext import model
from klartext.lake import Lake, lease, linked_files, linked_state, read_month
from klartext.lake.linked_files import SourceMonth
from klartext.lake.months import zone_of
from klartext.link import keep, pairs, shingles, window

logger = logging.getLogger(__name__)

PATIENCE = 900.0
"""Seconds to wait for another process that computes the same month."""


@dataclasses.dataclass(slots=True)
class Linked:
    """By month, the number of pairs of those that were computed; and why something could not be computed, by
    ``source|month`` for shingles and by month for shared text."""

    pairs: dict[str, int] = dataclasses.field(default_factory=dict)
    failed: dict[str, str] = dataclasses.field(default_factory=dict)


def link(lake: Lake, keys: Iterable[tuple[str, str]], months: Iterable[str] = ()) -> Linked:
    """Brings the tables ``shared_text`` and ``keep`` up to date with some months of ``articles``, given as source and
    month (``YYYY-MM``), and other ``months`` of theirs.

    A month of the tables follows from the articles of all sources of that month and of the month before, so a changed
    month of a source changes two of them. What is up to date is not computed again. May be run at any time, repeatedly,
    and twice at once: what was computed from articles that have changed meanwhile is not written, or computed again. A
    month that fails does not hold up the others.
    """
    result = Linked()
    touched = set(months)
    for key in sorted({SourceMonth(*key) for key in keys}):
        touched |= {key.month, linked_files.next_month(key.month)}
        try:
            update_shingles(lake, key)
        except Exception as error:
            logger.exception("%s|%s: the shingles could not be computed", *key)
            result.failed["|".join(key)] = f"{type(error).__name__}: {error}"
    _link_months(lake, touched, result)
    return result


def link_pending(lake: Lake, older_than: float = 0.0) -> Linked:
    """Brings everything up to date; arguments as of :func:`klartext.lake.linked_state.pending_shingles`."""
    result = link(lake, linked_state.pending_shingles(lake, older_than))
    waiting = {key.month for key in linked_state.pending_shingles(lake)}
    waiting |= {linked_files.next_month(month) for month in waiting}
    _link_months(lake, set(linked_state.pending_months(lake)) - waiting, result)
    return result


def _link_months(lake: Lake, months: Iterable[str], result: Linked) -> None:
    for month in linked_state.pending_months(lake, months):
        try:
            with lease.hold(lake.storage, f"shared-text-{month}", patience=PATIENCE):
                count = _update_month(lake, month)
        except Exception as error:
            logger.exception("the shared text of %s could not be computed", month)
            result.failed[month] = f"{type(error).__name__}: {error}"
        else:
            if count is not None:
                result.pairs[month] = count
    lake.storage.remove_unfinished()


def update_shingles(lake: Lake, key: SourceMonth) -> None:
    """Brings the shingles of a source and month up to date with its articles."""
    while True:
        digest, before = linked_state.view_digest(lake, key), linked_files.shingles_stat(lake, key)
        if digest and before and linked_state.is_shingled(lake, key, digest):
            return
        rows = compute_shingles(lake, key, linked_files.read_shingles(lake, key))
        with lake.lock_source(key.source):
            if linked_state.view_digest(lake, key) != digest:
                continue
            if not linked_files.replace_shingles(lake, key, before, rows):
                continue
        if lake.storage.disk or linked_state.view_digest(lake, key) == digest:
            linked_state.record_shingles(lake, key, digest)
            return


def compute_shingles(lake: Lake, key: SourceMonth, former: pa.Table | None = None) -> pa.Table:
    """The shingles of a source and month; ``former`` are rows from which those of known versions are taken."""
    view = read_month(lake, *key, shingles.VIEW_COLUMNS)
    return shingles.make_rows(view, zone_of(key.source), former)


def compute_month(lake: Lake, month: str, keys: Iterable[SourceMonth]) -> dict[str, pa.Table]:
    """The rows of ``shared_text`` and ``keep`` of a month, from the shingles of some sources and months."""
    near = window.load(_by_source(lake, month, keys))
    shared = pairs.find(near)
    return {"shared_text": pairs.rows(near, shared), "keep": keep.rows(near, shared)}


def _by_source(lake: Lake, month: str, keys: Iterable[SourceMonth]) -> Iterable[tuple[str, pa.Table, pa.Table]]:
    wanted = set(keys)
    none = model.schema(model.Shingles).empty_table()
    for source in sorted({key.source for key in wanted}):
        both = (SourceMonth(source, linked_files.month_before(month)), SourceMonth(source, month))
        former, rows = (linked_files.read_shingles(lake, key) if key in wanted else None for key in both)
        yield source, none if former is None else former, none if rows is None else rows


def _update_month(lake: Lake, month: str) -> int | None:
    """Computes a month and returns its number of pairs; None if another process has done so meanwhile."""
    while True:
        if linked_state.is_linked(lake, month):
            return None
        before = linked_files.month_stats(lake, month)
        files = linked_state.inputs(lake, month)
        rows = compute_month(lake, month, files)
        with linked_files.lock_months(lake):
            if linked_state.inputs(lake, month) != files:
                continue
            done = linked_files.replace_month(lake, month, before, rows)
        if done and (lake.storage.disk or linked_state.inputs(lake, month) == files):
            linked_state.record_month(lake, month, linked_state.inputs_digest(files))
            return int(rows["shared_text"].num_rows)
