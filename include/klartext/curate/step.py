"""Rebuilding the current view of a month: the file ``articles/source=…/month=…/articles.parquet``."""

from __future__ import annotations

import functools

from klartext.lake import Lake, current_view, schema_migration


def curate(lake: Lake, source: str, month: str) -> int:
    """Rebuilds the current view of a source and month (``YYYY-MM``) and returns its number of rows; without rows there
    is no file.

    The result depends only on what is published. May be run at any time, repeatedly, and twice at once: a view computed
    before another batch was published never replaces one computed after. On a disk publishing and rebuilding exclude
    each other by a lock. An object store writes the file only in place of the one that was there before the versions
    were read, and afterwards it is checked whether they have changed: the last to write has seen everything that is
    published, or starts again. The first rebuild under a new schema rewrites the source's other files too.
    """
    rows = _rebuild(lake, source, month)
    schema_migration.migrate_source(lake, source, functools.partial(_rebuild, lake, source))
    lake.storage.remove_unfinished()
    return rows


def _rebuild(lake: Lake, source: str, month: str) -> int:
    while True:
        before = lake.month_stat(source, month)
        rows, index = current_view.current_rows(lake, source, month)
        with lake.lock_source(source):
            outdated = current_view.is_outdated(lake, source, month, index)
            if outdated or not lake.replace_month_if_unchanged(source, month, before, rows):
                continue
        if lake.storage.disk or not current_view.is_outdated(lake, source, month, index):
            return int(rows.num_rows)
