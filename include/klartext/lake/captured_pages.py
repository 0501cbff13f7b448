"""Pages that other batches of the source have captured, from what they have published."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from klartext import urls
from klartext.batch import Batch
from klartext.lake import layout, tables
from klartext.lake.lake import Lake
from klartext.model import Capture

_COLUMNS = ["url", "outcome", "status", "final_url", "fetched_at", "capture", "candidate_title",
            "candidate_published_at"]  # fmt: skip
_LONG_AGO = dt.datetime.fromtimestamp(0, dt.UTC)
_MARGIN = dt.timedelta(days=2)  # a batch lies under the day of its interval, at the publisher's place


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A page as it was captured last: ``capture`` has the bytes, of ``captured_at``; ``asked_at`` is when its publisher
    last gave it or said that it was still the same."""

    url: str
    final_url: str
    capture: Capture
    captured_at: dt.datetime
    asked_at: dt.datetime
    title: str | None
    published_at: dt.datetime | None


def pages(lake: Lake, batch: Batch, since: dt.datetime) -> dict[str, Known]:
    """What the source's other batches captured, by :func:`klartext.urls.page_key`.

    Batches of intervals before ``since`` are left out, but for imports, which may hold pages of any time.
    """
    own, first = layout.published(batch, "fetches"), (since - _MARGIN).date().isoformat()
    seen: dict[str, Known] = {}
    others: dict[str, str] = {}  # addresses that lead to a page with another one
    for name in lake.storage.files(layout.table("fetches", batch.source), ".parquet"):
        if name == own or (layout.partitions(name)["date"] < first and "-import-" not in name.rpartition("/")[2]):
            continue
        for row in _read(lake, name):
            key, final = urls.page_key(row["url"]), urls.page_key(row["final_url"] or row["url"])
            if key != final:
                others[key] = final
            if row["capture"] and row["status"]:
                page = _page(row)
                seen[final] = page if final not in seen else _both(seen[final], page)
    return seen | {key: seen[final] for key, final in others.items() if final in seen and key not in seen}


def _both(one: Known, other: Known) -> Known:
    """The later one of two captures, with what only the other tells."""
    early, late = sorted((one, other), key=lambda page: (page.captured_at, page.asked_at))
    return dataclasses.replace(
        late,
        asked_at=max(one.asked_at, other.asked_at),
        title=late.title or early.title,
        published_at=min(filter(None, (late.published_at, early.published_at)), default=None),
    )


def _page(row: dict[str, Any]) -> Known:
    return Known(
        url=row["url"],
        final_url=row["final_url"] or row["url"],
        capture=Capture(**row["capture"]),
        captured_at=row["fetched_at"] if row["outcome"] == "captured" else _LONG_AGO,
        asked_at=row["fetched_at"],
        title=row["candidate_title"],
        published_at=row["candidate_published_at"],
    )


def _read(lake: Lake, name: str) -> list[dict[str, Any]]:
    """The rows of pages that were there."""
    try:
        file = lake.storage.open_input(name)
    except FileNotFoundError:
        return []  # replaced in this moment by a batch that has no such rows any more
    with file:
        rows = tables.read("fetches", file, _COLUMNS)
    there = pc.is_in(rows["outcome"], value_set=pa.array(["captured", "unchanged"]))
    return cast(list[dict[str, Any]], rows.filter(there).to_pylist())
