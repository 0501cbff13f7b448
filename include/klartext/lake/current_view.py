"""The rows of the current view of a month, computed from ``versions``: one row per article, its last capture.

The month of an article does not change when a later capture states another time of publication, see
:func:`klartext.lake.version_history.month_of_article`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable

import pyarrow as pa
import pyarrow.compute as pc

from klartext import model
from klartext.lake import layout, version_index
from klartext.lake.lake import Lake
from klartext.lake.months import month_bounds, zone_of
from klartext.lake.storage import FileStat
from klartext.lake.version_history import HISTORY_COLUMNS, edits, month_of_article, rows_by_article
from klartext.lake.version_index import VersionIndex

_Added = tuple[int, dt.datetime, dt.datetime | None, str, str]
"""The columns of :class:`klartext.model.Current` that ``versions`` do not have, in their order."""


@dataclasses.dataclass(frozen=True, slots=True)
class MonthView:
    """The rows of a month, unsorted, and the part of the index that they were read by."""

    rows: pa.Table
    index: VersionIndex


def current_rows(lake: Lake, source: str, month: str) -> pa.Table:
    """The rows of a month as ``versions`` has them now, unsorted."""
    return read_months(lake, source, [month])[month].rows


def read_months(lake: Lake, source: str, months: Collection[str]) -> dict[str, MonthView]:
    """The rows of some months as ``versions`` has them now; each row group is read once for all of them."""
    while True:
        index = version_index.load(lake, source)
        parts = {month: index_of_month(index, source, month) for month in months}
        try:
            rows = _rows(lake, _union(parts.values()), source, set(months))
        except version_index.FileChanged:
            continue  # another run has published meanwhile
        return {month: MonthView(rows[month], part) for month, part in parts.items()}


def is_outdated(lake: Lake, source: str, month: str, index: VersionIndex) -> bool:
    """True if the month would be computed from other row groups now than those of ``index``."""
    if version_index.list_files(lake, source, index.settled_folders) == index.listing:
        return False
    now = index_of_month(version_index.load(lake, source), source, month)
    return now.row_groups() != index.row_groups()


def index_of_month(index: VersionIndex, source: str, month: str) -> VersionIndex:
    """All versions of the articles that may be in a month."""
    return index.of_month(*month_bounds(month, zone_of(source)))


def months_of_source(lake: Lake, source: str, index: VersionIndex | None = None) -> list[str]:
    """Every month of ``articles`` of a source that exists or may have an article. ``index`` is that of its versions."""
    zone = zone_of(source)
    moments = (index or version_index.load(lake, source)).rows["moment"].unique()
    shown = lake.published_files("articles", source)
    local = pc.strftime(moments.cast(pa.timestamp("us", tz=zone.key)), "%Y-%m") if len(moments) else moments
    return sorted({*local.unique().to_pylist(), *(layout.partitions(name)["month"] for name in shown)})


def _union(parts: Iterable[VersionIndex]) -> dict[tuple[str, FileStat], list[int]]:
    """The row groups of several parts of an index."""
    found: dict[tuple[str, FileStat], set[int]] = {}
    for part in parts:
        for file, groups in part.row_groups().items():
            found.setdefault(file, set()).update(groups)
    return {file: sorted(found[file]) for file in sorted(found)}


def _rows(
    lake: Lake, groups: dict[tuple[str, FileStat], list[int]], source: str, months: set[str]
) -> dict[str, pa.Table]:
    """The rows of each month of a source, computed from some row groups."""
    zone = zone_of(source)
    histories = rows_by_article(version_index.read_versions(lake, groups, None, HISTORY_COLUMNS))
    homes = {article_id: month_of_article(history, zone) for article_id, history in histories.items()}
    ids = [article_id for article_id, month in homes.items() if month in months]
    rows = version_index.read_versions(lake, groups, ids, model.schema(model.Article).names)
    latest: dict[str, list[int]] = {month: [] for month in months}
    values: dict[str, list[_Added]] = {month: [] for month in months}
    for article_id, history in rows_by_article(rows).items():
        changes = edits(history)
        latest[homes[article_id]].append(max(history).row)
        changed_at = changes[-1].fetched_at if changes else None
        month = homes[article_id]
        values[month].append((1 + len(changes), min(history).fetched_at, changed_at, source, month))
    return {month: _with_history(rows.take(pa.array(latest[month], pa.int64())), values[month]) for month in months}


def _with_history(current: pa.Table, history_values: list[_Added]) -> pa.Table:
    """The rows with the columns about their other versions, and about where they are."""
    columns = zip(*history_values, strict=True) if history_values else ([], [], [], [], [])
    more = [field for field in model.schema(model.Current) if field.name not in current.column_names]
    for field, values in zip(more, columns, strict=True):
        current = current.append_column(field, pa.array(values, field.type))
    return current
