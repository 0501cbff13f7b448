"""Moves pages of an imported file to the source that their host belongs to since it has a source file.

The captures stay where they are: the log of the new batch refers to them. First the pages are added to the logs of
their new batches, then, when these are published, removed from that of the former batch. If the process dies between
the two, the next call completes it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from klartext import sources
from klartext.batch import Batch
from klartext.fetch_log import FetchLog
from klartext.lake.batches import find_batch
from klartext.model import Fetch
from klartext.sources import Source
from klartext.urls import site_of

if TYPE_CHECKING:
    from klartext.lake import Lake


def add_to_owners(lake: Lake, batch: Batch) -> list[Batch]:
    """Adds the pages of an imported batch that belong to other sources now to the logs of these; returns their batches.

    Nothing is added twice. Batches of a source with a file, and of an interval, have no such pages.
    """
    if not batch.imported or sources.has_file(sources.of_slug(batch.source)):
        return []
    moved: dict[str, list[Fetch]] = {}
    owners: dict[str, Source] = {}
    for row in FetchLog.open(lake, batch, sources.of_slug(batch.source)).rows:
        owner = _owner(row.url, row.final_url)
        if owner.slug != batch.source:
            owners[owner.slug] = owner
            moved.setdefault(owner.slug, []).append(row)
    return [_add(lake, batch, owners[slug], moved[slug]) for slug in sorted(moved)]


def remove_moved(lake: Lake, batch: Batch) -> int:
    """Removes from the staged log and candidates of a batch the pages that belong to other sources now; returns the
    number of rows of the log that remain."""
    for table in ("fetches", "candidates"):
        rows = lake.staged(batch, table)
        if rows is not None:
            own = [_owner(row["url"], row.get("final_url")).slug == batch.source for row in _addresses(rows)]
            lake.stage(batch, table, rows.filter(pa.array(own, pa.bool_())))
    log = lake.staged(batch, "fetches")
    return 0 if log is None else int(log.num_rows)


def has_pages_of(lake: Lake, batch: Batch, source: Source | None = None, site: str | None = None) -> bool:
    """True if the log of a batch has a page that belongs to a source, or to a site, by its registered domain."""
    rows = lake.staged(batch, "fetches")
    rows = lake.published(batch, "fetches") if rows is None else rows
    for row in _addresses(rows) if rows is not None else ():
        url = row["final_url"] or row["url"]
        if source is not None and _owner(row["url"], row["final_url"]).slug == source.slug:
            return True
        if site is not None and site_of(url) == site:
            return True
    return False


def _addresses(rows: pa.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.select([n for n in ("url", "final_url") if n in rows.column_names]).to_pylist()
    return found


def _owner(url: str, final_url: str | None) -> Source:
    """The source of a row: that of the address of its record, as in the import."""
    return sources.owner(final_url or url)


def _add(lake: Lake, former: Batch, owner: Source, rows: list[Fetch]) -> Batch:
    label = former.name.removeprefix(f"{former.source}-import-")
    moments = [row.fetched_at for row in rows]
    named = Batch.of_import(owner, label, min(moments), max(moments))
    batch = find_batch(lake, owner.slug, named.name) or dataclasses.replace(named, date=former.date)
    log = FetchLog.open(lake, batch, owner)
    known = {_identity(row) for row in log.rows}
    log.add(row for row in rows if _identity(row) not in known)
    log.save()
    return batch


def _identity(row: Fetch) -> tuple[str, int] | tuple[str, str, str | None, dt.datetime]:
    """What two rows of the same record have in common, whatever batch they are in."""
    if row.capture:
        return row.capture.file, row.capture.offset
    return row.url, row.outcome, row.reason, row.fetched_at
