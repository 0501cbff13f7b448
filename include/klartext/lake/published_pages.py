"""What the other batches of a source have published: captured pages, and where their teasers lead."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from klartext.batch import Batch
from klartext.lake import layout, tables
from klartext.lake.lake import Lake
from klartext.model import Capture
from klartext.sources import Source

_ROWS = 20_000
"""Rows that are in memory at once."""
_NO_TIME = dt.datetime.fromtimestamp(0, dt.UTC)
_MARGIN = dt.timedelta(days=2)  # the folder of a batch is named by the day of its interval at the publisher's place


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CapturedPage:
    """A page and its last capture.

    ``capture`` is the record, made at ``captured_at``; ``asked_at`` is when the publisher last sent the page or
    answered that it was unchanged. ``title`` and ``published_at`` are those of the candidate.
    """

    url: str
    final_url: str
    capture: Capture
    captured_at: dt.datetime
    asked_at: dt.datetime
    title: str | None
    published_at: dt.datetime | None


def captured_pages(lake: Lake, batch: Batch, source: Source, since: dt.datetime) -> dict[str, CapturedPage]:
    """The pages that the source's other batches captured, by the source's ``page_key``.

    Batches of intervals before ``since`` are left out, except imports, which may hold pages of any time.
    """
    columns = ["url", "outcome", "status", "final_url", "fetched_at", "capture", "candidate_title",
               "candidate_published_at"]  # fmt: skip
    pages: dict[str, CapturedPage] = {}
    unchanged: list[tuple[str, CapturedPage]] = []
    placeholders: set[str] = set()  # digests: what did not change may be one that was recognised later
    redirected: dict[str, str] = {}  # keys of addresses that lead to a page with another key
    for name in _files(lake, batch, "fetches", since, imports=True):
        for row in _rows(lake, "fetches", name, columns, outcomes=("captured", "placeholder", "unchanged")):
            if row["outcome"] == "placeholder":
                placeholders.add(row["capture"]["digest"])
                continue
            key, final = source.page_key(row["url"]), source.page_key(row["final_url"] or row["url"])
            if key != final:
                redirected[key] = final
            if row["capture"] and row["status"]:
                page = _page(row)
                if row["outcome"] == "unchanged":
                    unchanged.append((final, page))
                else:
                    pages[final] = _merged(pages[final], page) if final in pages else page
    for final, page in unchanged:
        if page.capture.digest not in placeholders:
            pages[final] = _merged(pages[final], page) if final in pages else page
    return pages | {key: pages[final] for key, final in redirected.items() if final in pages and key not in pages}


def _merged(one: CapturedPage, other: CapturedPage) -> CapturedPage:
    """The later of two captures of a page, completed with what only the other one has."""
    early, late = sorted((one, other), key=lambda page: (page.captured_at, page.asked_at))
    return dataclasses.replace(
        late,
        asked_at=max(one.asked_at, other.asked_at),
        title=late.title or early.title,
        published_at=min(filter(None, (late.published_at, early.published_at)), default=None),
    )


def _page(row: dict[str, Any]) -> CapturedPage:
    return CapturedPage(
        url=row["url"],
        final_url=row["final_url"] or row["url"],
        capture=Capture(**row["capture"]),
        captured_at=row["fetched_at"] if row["outcome"] == "captured" else _NO_TIME,
        asked_at=row["fetched_at"],
        title=row["candidate_title"],
        published_at=row["candidate_published_at"],
    )


def captured_keys(lake: Lake, batch: Batch, source: Source, keys: Collection[str]) -> set[str]:
    """Those of some pages, given by the source's ``page_key``, that any batch of the source has captured."""
    wanted, found = set(keys), set[str]()
    files = lake.published_files("fetches", batch.source) if wanted else []
    for name in files:
        found |= wanted & {
            source.page_key(row["url"]) for row in _rows(lake, "fetches", name, ["url", "outcome"], ("captured",))
        }
    return found


def teaser_targets(lake: Lake, batch: Batch, since: dt.datetime, until: dt.datetime) -> Iterator[tuple[str, str]]:
    """The addresses that teasers lead to, each with the page on which the teaser was: of all other batches of the
    source, captured from ``since`` until before ``until``; in the order of files and rows."""
    for name in _files(lake, batch, "teasers", since, imports=False):
        for row in _rows(lake, "teasers", name, ["target_url", "url", "is_self", "fetched_at"]):
            if row["target_url"] and not row["is_self"] and since <= row["fetched_at"] < until:
                yield row["target_url"], row["url"]


def _files(lake: Lake, batch: Batch, table: str, since: dt.datetime, *, imports: bool) -> Iterator[str]:
    """The other batches' files of a table from a time on; with ``imports`` imported batches of any day too."""
    own, first = layout.published_file(batch, table), (since - _MARGIN).date().isoformat()
    for name in lake.published_files(table, batch.source):
        is_import = imports and "-import-" in name.rpartition("/")[2]
        if name != own and (is_import or layout.partitions(name)["date"] >= first):
            yield name


def _rows(
    lake: Lake, table: str, name: str, columns: list[str], outcomes: Collection[str] = ()
) -> Iterator[dict[str, Any]]:
    """The rows of a file, or those with one of some outcomes; none if another run has just removed the file."""
    try:
        file = lake.storage.open_input(name)
    except FileNotFoundError:
        return
    with tables.reading(name), file, tables.open_parquet(file) as parquet:
        for part in parquet.iter_batches(_ROWS, columns=[c for c in columns if c in parquet.schema_arrow.names]):
            rows = tables.to_current_schema(table, pa.Table.from_batches([part]), columns)
            if outcomes:
                rows = rows.filter(pc.is_in(rows["outcome"], value_set=pa.array(sorted(outcomes))))
            yield from rows.to_pylist()
