"""The page of all rejects: counts by reason and source, and the latest rows, filtered by source, reason and day."""

from __future__ import annotations

import collections
import datetime as dt
from typing import Any

from klartext.console.lake_cache import LakeCache, batch_of
from klartext.console.sources_page import PERIODS, period_of
from klartext.console.view import View
from klartext.lake.table_files import read_file, read_staged

_ROWS = 100
"""Rows that are shown, of the latest batches."""
_FILES = 150
"""Batches of which rows are read for them."""
_COLUMNS = ["url", "title", "site", "fetched_at", "capture", "stage", "reasons", "detail"]


def content(
    cache: LakeCache, view: View, source: str | None = None, reason: str | None = None, day: dt.date | None = None,
    days: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What the page shows; each filter is None for all. Raises NotAllowed."""
    if source:
        view.require(source)
    period = period_of(days, PERIODS[1])
    batches = cache.accounts(view.may_read)
    latest = max((row["day"] for row in batches), default=view.now.date())
    last = day or min(view.now.date(), latest)
    first = day or last - dt.timedelta(days=period - 1)
    counts = {
        key: found
        for key, found in cache.reject_counts(view.may_read, source, first).items()
        if found
    }  # fmt: skip
    shown = [row for row in batches if first <= row["day"] <= last and (row["source"], row["batch"]) in counts]
    by_reason: collections.Counter[str] = collections.Counter()
    by_source: collections.Counter[str] = collections.Counter()
    for row in shown:
        for (reasons, _), number in counts[row["source"], row["batch"]].items():
            by_reason.update(dict.fromkeys(reasons, number))
            if reason is None or reason in reasons:
                by_source[row["source"]] += number
    matching = [
        row for row in reversed(shown)
        if reason is None or any(reason in reasons for reasons, _ in counts[row["source"], row["batch"]])
    ]  # fmt: skip
    return {
        "source": source or "",
        "reason": reason or "",
        "day": day,
        "days": period,
        "periods": PERIODS,
        "first": first,
        "last": last,
        "by_reason": by_reason.most_common(),
        "by_source": by_source.most_common(),
        "total": sum(by_source.values()),
        "rows": _rows(cache, matching, reason),
        "slugs": sorted({row["source"] for row in batches}),
    }


def _rows(cache: LakeCache, batches: list[dict[str, Any]], reason: str | None) -> list[dict[str, Any]]:
    """The rows of batches in their order, until there are enough."""
    found: list[dict[str, Any]] = []
    files = {(f.source, f.label): f for f in cache.files("rejects")}
    for row in batches[:_FILES]:
        file = files.get((row["source"], row["batch"]))
        if row["verdict"] == "refused":
            rows = read_staged(cache.lake, batch_of(row), "rejects", _COLUMNS)
        else:
            rows = read_file(cache.lake, file, _COLUMNS) if file else None
        for each in rows.to_pylist() if rows is not None else []:
            if reason is None or reason in each["reasons"]:
                found.append(each | {"source": row["source"], "batch": row["batch"], "day": row["day"]})
        if len(found) >= _ROWS:
            break
    return found[:_ROWS]
