"""What the pages read of a lake, kept in the process: accounts, counts of rejects, titles, source files.

Everything is refreshed by listing: only files that are new or were replaced are read. Safe for several threads.
"""

from __future__ import annotations

import collections
import datetime as dt
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa

from klartext import sources
from klartext.batch import Batch
from klartext.console.file_cache import FileCache
from klartext.console.uncurated import UncuratedBatches
from klartext.lake import Lake
from klartext.lake.table_files import TableFile, list_table, read_file
from klartext.report.numbers import SourceNumbers, read_month
from klartext.sources import Source

Row = dict[str, Any]
RejectCounts = collections.Counter[tuple[tuple[str, ...], str]]
"""The number of rejects by their reasons and site."""

_LISTED_FOR = 5.0
"""Seconds for which the listing of an object store is used again; a disk is listed for every page."""
_BATCHES = 20_000
"""Accounts that are kept, of some 10 kB; older batches than these are not shown."""
_REJECT_KINDS = 400_000
"""Pairs of reasons and site that are kept."""
_MONTHS = 100_000
"""Months of sources whose numbers are kept, of some kB."""
_TITLES = 64 * 1024**2
"""Bytes of titles and addresses that are kept for the search."""

TITLE_COLUMNS = ["article_id", "title", "url", "published_at", "fetched_at", "site", "capture"]


class LakeCache:
    """A lake and what was read of it. ``lake`` may be used beside it."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._accounts = FileCache(_read_accounts, _BATCHES)
        self._rejects = FileCache(_read_reject_counts, _REJECT_KINDS, len)
        self._withheld_rejects = FileCache(_read_staged_reject_counts, _REJECT_KINDS, len)
        self._titles = FileCache(_read_titles, _TITLES, lambda rows: max(1, int(rows.nbytes)))
        self._shared = FileCache(read_file, _TITLES, lambda rows: max(1, int(rows.nbytes)))
        self._takedowns = FileCache(lambda lake, file: _rows(read_file(lake, file)), _REJECT_KINDS)
        self._months = FileCache(read_month, _MONTHS)
        self._sites = FileCache(_read_sites, _REJECT_KINDS, len)
        self._listings: dict[tuple[str, str | None], tuple[float, list[TableFile]]] = {}
        self._known_sources: tuple[Any, dict[str, Source]] = (None, {})
        self._sources_checked = -1e9
        self._lock = threading.Lock()
        self._uncurated = UncuratedBatches()

    def files(self, table: str, source: str | None = None) -> list[TableFile]:
        """The files of a published table as they are now, or in an object store a few seconds ago."""
        key, now = (table, source), time.monotonic()
        if self.lake.storage.disk is None:
            with self._lock:
                listed_at, files = self._listings.get(key, (-1e9, []))
            if now - listed_at < _LISTED_FOR:
                return files
        files = list_table(self.lake, table, source)
        with self._lock:
            self._listings[key] = (now, files)
        return files

    def accounts(self, may_read: Callable[[str], bool], source: str | None = None,
                 since: dt.date | None = None) -> list[Row]:  # fmt: skip
        """The accounts of batches that the user may see, oldest first: rows of ``batches`` with ``source``, ``day`` and
        the sum ``skipped_count``.

        Args:
            may_read: of a source.
            source: only of this source.
            since: only of batches from this day on.
        """
        files = self._wanted("batches", may_read, source, since)
        rows = [row for found in self._accounts.values(self.lake, files) for row in found]
        return sorted(rows, key=lambda row: (row["start"], row["batch"]))

    def reject_counts(self, may_read: Callable[[str], bool], source: str | None = None,
                      since: dt.date | None = None) -> dict[tuple[str, str], RejectCounts]:  # fmt: skip
        """The rejects by source and batch, those of refused batches from what they have staged."""
        refused = [row for row in self.accounts(may_read, source, since) if row["verdict"] == "refused"]
        names = {(row["source"], row["batch"]) for row in refused}
        files = [f for f in self._wanted("rejects", may_read, source, since) if (f.source, f.label) not in names]
        held = [f for f in self._wanted("batches", may_read, source, since) if (f.source, f.label) in names]
        found = dict(zip([(f.source, f.label) for f in files], self._rejects.values(self.lake, files), strict=True))
        staged = self._withheld_rejects.values(self.lake, held)
        return found | dict(zip([(f.source, f.label) for f in held], staged, strict=True))

    def uncurated(self, source: str) -> frozenset[str]:
        """The names of the batches of a source that are published and not in the current view."""
        versions, articles = self.files("versions", source), self.files("articles", source)
        return self._uncurated.of(self.lake, source, versions, articles)

    def titles(self, may_read: Callable[[str], bool]) -> list[tuple[str, pa.Table]]:
        """The articles of all months that the user may see, latest month first: source and :data:`TITLE_COLUMNS`, and
        ``folded``, the title in lower case."""
        files = sorted(
            (f for f in self.files("articles") if may_read(f.source)), key=lambda f: f.partition, reverse=True
        )
        return list(zip([f.source for f in files], self._titles.values(self.lake, files), strict=True))

    def site_counts(self, source: str, since: dt.date) -> dict[dt.date, collections.Counter[str]]:
        """The number of published rows by day and site, of a source of many sites."""
        files = [file for file in self.files("versions", source) if file.day >= since]
        found: dict[dt.date, collections.Counter[str]] = collections.defaultdict(collections.Counter)
        for file, counts in zip(files, self._sites.values(self.lake, files), strict=True):
            found[file.day].update(counts)
        return found

    def months(self, may_read: Callable[[str], bool]) -> list[tuple[TableFile, SourceNumbers]]:
        """The numbers of each month of the current view of the sources that the user may see."""
        files = [file for file in self.files("articles") if file.source and may_read(file.source)]
        return list(zip(files, self._months.values(self.lake, files), strict=True))

    def shared_text(self) -> list[pa.Table]:
        """The pairs of articles that share text, by month of the later article."""
        return self._shared.values(self.lake, self.files("shared_text"))

    def takedowns(self, may_read: Callable[[str], bool]) -> list[Row]:
        """The take-downs of articles of the sources that the user may see."""
        files = self._wanted("takedowns", may_read, None, None)
        return [row for rows in self._takedowns.values(self.lake, files) for row in rows]

    def sources(self) -> dict[str, Source]:
        """The sources that source files define, by slug."""
        with self._lock:
            if time.monotonic() - self._sources_checked < 1.0:
                return self._known_sources[1]
        files = [path for folder in sources.directories() for path in sorted(folder.glob("*.yaml"))]
        state = [(path, stat.st_mtime_ns, stat.st_size) for path in files for stat in [path.stat()]]
        with self._lock:
            if self._known_sources[0] != state:
                self._known_sources = (state, sources.load_usable()[0])
            self._sources_checked = time.monotonic()
            return self._known_sources[1]

    def source(self, slug: str) -> Source:
        """The source with a slug; of one without a file the default of its domain."""
        known = self.sources().get(slug)
        if known or slug == sources.OTHER.slug:
            return known or sources.OTHER
        return Source(slug=slug, name=slug, hosts=[slug], time_zone=sources.zone_of_domain(slug))

    def _wanted(self, table: str, may_read: Callable[[str], bool], source: str | None, since: dt.date | None
                ) -> list[TableFile]:  # fmt: skip
        files = [f for f in self.files(table, source) if since is None or f.day >= since]
        allowed = {slug: may_read(slug) for slug in {f.source for f in files}}
        return sorted((f for f in files if allowed[f.source]), key=lambda f: f.partition)[-_BATCHES:]


def batch_of(row: Row) -> Batch:
    """The batch of an account."""
    return Batch(source=row["source"], name=row["batch"], date=row["day"], start=row["start"], end=row["end"])


def _rows(table: pa.Table) -> list[Row]:
    return list(table.to_pylist())


def _read_accounts(lake: Lake, file: TableFile) -> list[Row]:
    rows: list[Row] = read_file(lake, file).to_pylist()
    for row in rows:
        row["source"], row["day"] = file.source, file.day
        row["skipped_count"] = sum(entry["count"] for entry in row.pop("skipped") or [])
    return rows


def _counts(reasons: Iterable[list[str]], sites: Iterable[str | None]) -> RejectCounts:
    return collections.Counter((tuple(codes), site or "") for codes, site in zip(reasons, sites, strict=True))


def _read_reject_counts(lake: Lake, file: TableFile) -> RejectCounts:
    rows = read_file(lake, file, ["url", "site", "reasons", "capture"])
    return _counts(rows["reasons"].to_pylist(), rows["site"].to_pylist())


def _read_staged_reject_counts(lake: Lake, file: TableFile) -> RejectCounts:
    midnight = dt.datetime.combine(file.day, dt.time(), dt.UTC)
    batch = Batch(source=file.source, name=file.label, date=file.day, start=midnight, end=midnight)
    rows = lake.staged(batch, "rejects")
    if rows is None:
        return collections.Counter()
    return _counts(rows["reasons"].to_pylist(), rows["site"].to_pylist())


def _read_sites(lake: Lake, file: TableFile) -> collections.Counter[str]:
    return collections.Counter(read_file(lake, file, ["site", "url", "article_id", "capture"])["site"].to_pylist())


def _read_titles(lake: Lake, file: TableFile) -> pa.Table:
    import pyarrow.compute as pc

    rows = read_file(lake, file, TITLE_COLUMNS)
    return rows.append_column("folded", pc.utf8_lower(rows["title"])).combine_chunks()
