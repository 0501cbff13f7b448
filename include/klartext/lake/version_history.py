"""The history of an article: its rows in ``versions`` in the order of their capture."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import pyarrow as pa

from klartext.lake import version_index
from klartext.lake.lake import Lake
from klartext.lake.months import month_of

HISTORY_COLUMNS = ["article_id", "version_id", "published_at", "fetched_at", "capture", "extractor"]
"""The columns of ``versions`` that decide where an article is in the current view."""


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class VersionRow:
    """One row of ``versions``, without its content; sorted by time of capture.

    Captures of one moment are sorted by columns that do not depend on which batch came first. ``row`` is the number of
    the row in the table that was read.
    """

    fetched_at: dt.datetime
    version_id: str
    file: str
    offset: int
    row: int = dataclasses.field(compare=False)
    published_at: dt.datetime | None = dataclasses.field(compare=False)
    extractor: str = dataclasses.field(compare=False)

    @property
    def moment(self) -> dt.datetime:
        """The time that decides the row's month: that of publication, else that of the capture."""
        return self.published_at or self.fetched_at


def rows_by_article(versions: pa.Table) -> dict[str, list[VersionRow]]:
    """The rows of each article in a table with :data:`HISTORY_COLUMNS`, by ``article_id``, in the table's order."""
    found: dict[str, list[VersionRow]] = {}
    for number, row in enumerate(versions.select(HISTORY_COLUMNS).to_pylist()):
        found.setdefault(row["article_id"], []).append(
            VersionRow(
                row["fetched_at"],
                row["version_id"],
                row["capture"]["file"],
                row["capture"]["offset"],
                number,
                row["published_at"],
                row["extractor"],
            )
        )
    return found


def month_of_article(history: Iterable[VersionRow], zone: ZoneInfo) -> str:
    """The month of an article in the current view, given all of its rows.

    It is the month of publication as the first capture with such a time states it, else the month of the first capture.
    """
    rows = sorted(history)
    return month_of(next((row for row in rows if row.published_at), rows[0]).moment, zone)


def edits(history: Iterable[VersionRow]) -> list[VersionRow]:
    """The rows, in their order, whose content differs from the row before and was read by the same extractor.

    Another extractor may read the same page differently; that is no edit.
    """
    return [
        after
        for before, after in itertools.pairwise(sorted(history))
        if after.version_id != before.version_id and after.extractor == before.extractor
    ]


def without_repeats(versions: pa.Table) -> pa.Table:
    """The rows without those whose content is that of the article's capture before."""
    kept: list[int] = []
    for history in rows_by_article(versions).values():
        before: VersionRow | None = None
        for row in sorted(history):
            if before is None or row.version_id != before.version_id:
                kept.append(row.row)
            before = row
    return versions.take(pa.array(sorted(kept), pa.int64()))


def months_of_rows(versions: pa.Table, zone: ZoneInfo) -> set[str]:
    """The months of all rows of a table with :data:`HISTORY_COLUMNS`, each by its own time."""
    return {month_of(row.moment, zone) for history in rows_by_article(versions).values() for row in history}


def read_history(lake: Lake, source: str, ids: Iterable[str]) -> pa.Table:
    """The :data:`HISTORY_COLUMNS` of all published versions of some articles."""
    wanted = sorted(set(ids))
    while True:
        groups = version_index.load(lake, source).of_articles(wanted).row_groups()
        try:
            return version_index.read_versions(lake, groups, wanted, HISTORY_COLUMNS)
        except version_index.FileChanged:
            continue  # each time another run has published meanwhile, so this ends
