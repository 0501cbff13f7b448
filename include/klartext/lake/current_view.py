"""The rows of the current view of a month, computed from ``versions``: one row per article, its last capture.

The month of an article does not change when a later capture states another time of publication, see
:func:`klartext.lake.version_history.month_of_article`.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pyarrow as pa

from klartext import model
from klartext.lake import version_index
from klartext.lake.lake import Lake
from klartext.lake.months import month_bounds, zone_of
from klartext.lake.storage import FileStat
from klartext.lake.version_history import HISTORY_COLUMNS, edits, month_of_article, rows_by_article
from klartext.lake.version_index import VersionIndex


def current_rows(lake: Lake, source: str, month: str) -> tuple[pa.Table, VersionIndex]:
    """The rows of a month as ``versions`` has them now, unsorted, and the part of the index that they were read by."""
    while True:
        index = _index_of_month(lake, source, month)
        try:
            return _rows(lake, index.row_groups(), zone_of(source), month), index
        except version_index.FileChanged:
            continue  # another run has published meanwhile


def is_outdated(lake: Lake, source: str, month: str, index: VersionIndex) -> bool:
    """True if the month would be computed from other row groups now than those of ``index``."""
    if version_index.list_files(lake, source, index.settled_folders) == index.listing:
        return False
    return _index_of_month(lake, source, month).row_groups() != index.row_groups()


def _index_of_month(lake: Lake, source: str, month: str) -> VersionIndex:
    """All versions of the articles that may be in a month."""
    return version_index.load(lake, source).of_month(*month_bounds(month, zone_of(source)))


def _rows(lake: Lake, groups: dict[tuple[str, FileStat], list[int]], zone: ZoneInfo, month: str) -> pa.Table:
    histories = rows_by_article(version_index.read_versions(lake, groups, None, HISTORY_COLUMNS))
    ids = [article_id for article_id, history in histories.items() if month_of_article(history, zone) == month]
    rows = version_index.read_versions(lake, groups, ids, model.schema(model.Article).names)
    latest: list[int] = []
    history_values: list[tuple[int, dt.datetime, dt.datetime | None]] = []
    for history in rows_by_article(rows).values():
        changes = edits(history)
        latest.append(max(history).row)
        changed_at = changes[-1].fetched_at if changes else None
        history_values.append((1 + len(changes), min(history).fetched_at, changed_at))
    columns = zip(*history_values, strict=True) if history_values else ([], [], [])
    current = rows.take(pa.array(latest, pa.int64()))
    more = [field for field in model.schema(model.Current) if field.name not in current.column_names]
    for field, values in zip(more, columns, strict=True):
        current = current.append_column(field, pa.array(values, field.type))
    return current
