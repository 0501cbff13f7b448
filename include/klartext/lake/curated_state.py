"""From which published files each month of the current view was computed, so that a month that lacks some is found.

A batch that was published announces the months to rebuild. If its process ends before, no one hears of them: then the
state that is recorded here differs from what is published now. A record that is lost or never was made only means that
a month is rebuilt once more.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Mapping

from klartext.lake import current_view, layout, tables, version_index
from klartext.lake.lake import Lake
from klartext.lake.version_index import VersionIndex


@dataclasses.dataclass(frozen=True, slots=True)
class MonthState:
    """A digest of the row groups that a month was computed from (empty for none), and its number of articles."""

    digest: str
    rows: int


_NOTHING = MonthState("", 0)


def record(lake: Lake, source: str, months: Mapping[str, MonthState]) -> None:
    """Records from what months were computed. Another process may record other months of the source at once."""
    name = layout.curated_state(source)
    while months:
        with lake.storage.lock(layout.index_folder(source)):
            before = lake.storage.stat(name)
            known = _read(lake, source)
            merged = {month: state for month, state in (known | dict(months)).items() if state != _NOTHING}
            data = {month: [state.digest, state.rows] for month, state in sorted(merged.items())}
            if merged == known or lake.storage.replace_if_unchanged(name, before, json.dumps(data).encode()):
                return


def _read(lake: Lake, source: str) -> dict[str, MonthState]:
    """The recorded months; none if there is no record or it cannot be read."""
    try:
        found = json.loads(lake.storage.read(layout.curated_state(source)) or b"{}")
        return {str(month): MonthState(str(digest), int(rows)) for month, (digest, rows) in found.items()}
    except (ValueError, AttributeError, TypeError):
        return {}


def articles_by_month(lake: Lake, source: str) -> dict[str, int]:
    """The number of articles of a source in each month that has any. Files of which no record exists are opened."""
    recorded, found = _read(lake, source), {}
    for name in lake.published_files("articles", source):
        month = layout.partitions(name)["month"]
        known = recorded.get(month)
        count = known.rows if known else _count_rows(lake, name)
        if count:
            found[month] = count
    return found


def _count_rows(lake: Lake, name: str) -> int:
    """The number of rows of a file; 0 if it was removed meanwhile."""
    try:
        with lake.storage.open_input(name) as stream, tables.reading(name):
            return int(tables.open_parquet(stream).metadata.num_rows)
    except FileNotFoundError:
        return 0


def published_sources(lake: Lake) -> list[str]:
    """The sources that have published versions, or have articles; sorted."""
    found: set[str] = set()
    for table in ("versions", "articles"):
        folders = lake.storage.folders(layout.table_folder(table))
        names = lake.published_files(table) if folders is None else [name for name in folders if _has_rows(lake, name)]
        found.update(layout.partitions(name)["source"] for name in names if "source=" in name)
    return sorted(found)


def _has_rows(lake: Lake, folder: str) -> bool:
    """False for the folder of a source in a table that has nothing but the file without rows."""
    inside = lake.storage.folders(folder) or {}
    return len(inside) > 1 or any(
        not layout.is_empty_file(name) for each in inside for name in lake.storage.files(each, "")
    )


def pending_months(lake: Lake, source: str, older_than: float = 0.0) -> list[str]:
    """The months of a source whose current view lacks something that is published, or has something that is not any
    more; sorted.

    Args:
        older_than: seconds. A month of which a file was published since then is left out, because the run that is to
            rebuild it may be under way.
    """
    index, recorded = version_index.load(lake, source), _read(lake, source)
    young = _young_rows(index, older_than) if older_than else None
    found = []
    for month in sorted({*current_view.months_of_source(lake, source, index), *recorded}):
        part = current_view.index_of_month(index, source, month)
        state, digest = recorded.get(month, _NOTHING), part.digest()
        lacks_file = state.rows > 0 and lake.month_stat(source, month) is None
        if (digest != state.digest or lacks_file) and not (young is not None and _any_of(part, young)):
            found.append(month)
    return found


def _young_rows(index: VersionIndex, seconds: float) -> set[int]:
    """The numbers of the index's files that were written in the last seconds."""
    limit = time.time_ns() - int(seconds * 1e9)
    return {n for n, at in enumerate(index.files["modified_ns"].to_pylist()) if at >= limit}


def _any_of(index: VersionIndex, files: set[int]) -> bool:
    return not files.isdisjoint(index.rows["file"].unique().to_pylist())
