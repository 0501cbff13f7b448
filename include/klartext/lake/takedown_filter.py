"""A filter for rows of articles that were taken down, applied to everything that a step stages, reads or publishes.

An article is recognised by its identifiers: its ``article_id``, the number in its addresses, a hash of each of its
addresses in normal form, and the positions of its captures. Its addresses are not stored, because
they contain the headline.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from klartext import model, sources, urls, wayback
from klartext.lake import layout, tables
from klartext.lake.storage import FileStat, Storage
from klartext.model import Takedown

REASON = "taken-down"
"""The reason in ``fetches`` of a candidate that is ``refused`` because it was taken down."""
URN = f"urn:klartext:{REASON}"
"""Replaces its addresses in ``fetches``, among the candidates and in ``batches.skipped``."""

ADDRESS_COLUMNS = {
    "articles": ("url", "canonical_url"),
    "current": ("url", "canonical_url"),
    "versions": ("url", "canonical_url"),
    "rejects": ("url", "canonical_url"),
    "teasers": ("url", "target_url"),
    "fetches": ("url", "final_url"),
    "candidates": ("url",),
}
"""The columns with the addresses of the article that a row belongs to. A teaser belongs to two: the article on whose
page it is, and the one it leads to."""
ID_COLUMNS = {"shared_text": ("article_id", "other_id"), "keep": ("article_id",), "shingles": ("article_id",)}
"""The columns by which rows without an address belong to an article."""
BLANKED_TABLES = ("fetches", "candidates")
"""Tables of which accounts are made: their rows stay, with their content removed."""
SKIPPED_TABLES = ("skipped_by_discover", "skipped_by_fetch", "skipped_by_extract")
_BLANKED_COLUMNS = ("title", "published_at", "modified_at", "status", "final_url", "bytes", "candidate_title",
          "candidate_published_at")  # fmt: skip

_FRESH = 60 * 10**9
"""Nanoseconds. A file younger than that may be replaced without a change of its stat."""


def short_hash(text: str) -> str:
    """The first 16 hexadecimal digits of a text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def identifiers(url: str | None) -> frozenset[str]:
    """A hash of an address and the ``article_id`` that it gives, the same for all forms of the address; empty for what
    is no page's address.

    An address in the Wayback Machine has the identifiers of the page that was captured there.
    """
    return _identifiers(url, tuple(sources.directories())) if url else frozenset()


@functools.lru_cache(maxsize=100_000)
def _identifiers(url: str, _folders: tuple[Path, ...]) -> frozenset[str]:
    """The identifiers; the folders of source files keep the results of other folders apart in the cache."""
    try:
        folded = urls.normalize(wayback.page_url(url) or url)
    except ValueError:
        return frozenset()
    found = {short_hash(urls.page_key(folded))}
    if source := sources.find_by_host(folded):  # none where the file is broken: all others are still filtered
        found.add(source.article_id(folded))
    return frozenset(found)


def _page_key(url: str) -> str:
    """What all addresses of a page have in common; the address itself where it is none."""
    try:
        source = sources.find_by_host(url)
    except ValueError:
        return url
    return source.page_key(url) if source else urls.page_key(url)


@dataclasses.dataclass(frozen=True)
class TakedownFilter:
    """Everything that was taken down: its identifiers, the file and offset of its captures, and of those captures whose
    bytes were removed too."""

    identifiers: frozenset[str] = frozenset()
    captures: frozenset[tuple[str, int]] = frozenset()
    erased: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def of_records(cls, records: Iterable[Takedown]) -> TakedownFilter:
        """The filter for what some take-downs name."""
        all_records = list(records)
        return cls(
            frozenset(name for record in all_records for name in (record.article_id, *record.names)),
            frozenset((c.file, c.offset) for record in all_records for c in record.captures),
            frozenset((c.file, c.offset) for record in all_records if record.with_captures for c in record.captures),
        )

    def matches_url(self, url: str | None) -> bool:
        """True if this is an address of something that was taken down."""
        return bool(self.identifiers) and not self.identifiers.isdisjoint(identifiers(url))

    def matching_rows(self, table: str, rows: pa.Table) -> pa.Array:
        """A boolean for each row of a table: true if it belongs to something that was taken down. Columns that the rows
        do not have are not considered."""
        found = pa.repeat(pa.scalar(False), rows.num_rows)
        for column in ADDRESS_COLUMNS[table]:
            if column in rows.column_names:
                found = pc.or_(found, self._matching(rows[column]))
        if "article_id" in rows.column_names:
            found = pc.or_(found, _in(rows["article_id"], self.identifiers))
        if "capture" in rows.column_names and self.captures:
            found = pc.or_(found, self._matching_captures(rows["capture"]))
        return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found

    def matching_ids(self, table: str, rows: pa.Table) -> pa.ChunkedArray:
        """A boolean for each row of one of :data:`ID_COLUMNS`: true if it is about something that was taken down."""
        parts = [_in(rows[column], self.identifiers) for column in ID_COLUMNS[table]]
        return functools.reduce(pc.or_, parts)

    def filter_rows(self, table: str, rows: pa.Table) -> pa.Table:
        """The rows without those of what was taken down; the rows themselves if there are none.

        Rows of :data:`BLANKED_TABLES` stay, because accounts are made of them, and say no more than that something was
        or is not to be requested.
        """
        if not self.identifiers:
            return rows
        if table in SKIPPED_TABLES or table == "batches":
            return self._without_skipped(table, rows)
        if table in ID_COLUMNS:
            return rows.filter(pc.invert(self.matching_ids(table, rows)))
        if table not in ADDRESS_COLUMNS:
            return rows
        found = self.matching_rows(table, rows)
        if pc.any(found).as_py():
            rows = self._blanked(table, rows, found) if table in BLANKED_TABLES else rows.filter(pc.invert(found))
        return self._without_origins(rows)

    def affects(self, table: str, rows: pa.Table) -> bool:
        """True if a row belongs to something that was taken down, or names its page as the place where it was found."""
        if not self.identifiers or not rows.num_rows:
            return False
        if table not in ADDRESS_COLUMNS:
            return self._without_skipped(table, rows) is not rows
        return bool(pc.any(self.matching_rows(table, rows)).as_py()) or self._without_origins(rows) is not rows

    def _matching(self, addresses: pa.ChunkedArray) -> pa.ChunkedArray:
        return _in(addresses, {url for url in addresses.unique().to_pylist() if self.matches_url(url)})

    def _matching_captures(self, captures: pa.ChunkedArray) -> pa.Array:
        files = {file for file, _ in self.captures}
        near = _in(pc.struct_field(captures, "file"), files)
        if not pc.any(near).as_py():
            return near
        return pa.array(
            [bool(c) and (c["file"], c["offset"]) in self.captures for c in captures.to_pylist()], pa.bool_()
        )

    def _blanked(self, table: str, rows: pa.Table, found: pa.Array) -> pa.Table:
        """The rows in their order, those in ``found`` without their content; of two that are then equal, one."""
        kept = []
        seen = set()
        for row, matches in zip(rows.to_pylist(), found.to_pylist(), strict=True):
            blanked = self._blank(table, row) if matches else row
            key = (blanked["url"], blanked.get("attempt"))
            if key in seen and blanked["url"].startswith(URN):
                continue
            seen.add(key)
            kept.append(blanked)
        return tables.as_table(table, kept)

    def _blank(self, table: str, row: dict[str, Any]) -> dict[str, Any]:
        url, capture = row["url"], row.get("capture")
        blanked = row | {name: None for name in _BLANKED_COLUMNS if name in row}
        urn = url if url.startswith(URN) else f"{URN}:{short_hash(_page_key(url))}"
        blanked |= {"url": urn, "discovered_from": URN}
        if table == "fetches":
            erased = capture and (capture["file"], capture["offset"]) in self.erased
            blanked |= {"outcome": "refused", "reason": REASON, "capture": None if erased else capture}
        return blanked

    def _without_origins(self, rows: pa.Table) -> pa.Table:
        """The rows, where they were found through its page without its address."""
        if "discovered_from" not in rows.column_names:
            return rows
        found = self._matching(rows["discovered_from"])
        if not pc.any(found).as_py():
            return rows
        number = rows.column_names.index("discovered_from")
        return rows.set_column(
            number, rows.schema.field(number), pc.if_else(found, pa.scalar(URN), rows["discovered_from"])
        )

    def _without_skipped(self, table: str, rows: pa.Table) -> pa.Table:
        """Counts of what was skipped and findings stay, without the address of a page that was taken down."""
        clean: dict[str, Callable[[Any], Any]] = {"skipped": self._skipped, "findings": self._findings}
        if table in SKIPPED_TABLES:
            clean = {"origin": self._origin}
        for column in clean.keys() & set(rows.column_names):
            values = rows[column].to_pylist()
            cleaned = [clean[column](value) for value in values]
            if cleaned != values:
                number = rows.column_names.index(column)
                field = rows.schema.field(number)
                rows = rows.set_column(number, field, pa.chunked_array([pa.array(cleaned, field.type)]))
        return rows

    def _findings(self, findings: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
        return [
            finding | {"pages": [url for url in finding["pages"] or [] if not self.matches_url(url)]}
            for finding in findings or []
        ]

    def _skipped(self, entries: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
        """The entries with their addresses replaced; those that are then equal become one, with the sum of counts."""
        counts: dict[tuple[str, str], int] = {}
        for entry in entries or []:
            key = self._origin(entry["origin"]), entry["reason"]
            counts[key] = counts.get(key, 0) + entry["count"]
        return [{"origin": origin, "reason": reason, "count": count} for (origin, reason), count in counts.items()]

    def _origin(self, origin: str) -> str:
        return URN if self.matches_url(origin) else origin


def _in(column: pa.ChunkedArray, values: Iterable[str]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array(sorted(values), pa.string()))


def _record_files(storage: Storage) -> dict[str, FileStat]:
    """The files of all take-downs; those of former major versions are in force too."""
    folders = [layout.table_folder("takedowns", major=major + 1) for major in range(model.MAJOR_VERSION)]
    found = {name: stat for folder in folders for name, stat in storage.stats(folder, ".parquet").items()}
    return {name: stat for name, stat in found.items() if not layout.is_empty_file(name)}


def read_records(storage: Storage) -> dict[str, Takedown]:
    """All take-downs by the name of their file."""
    found = {}
    for name in _record_files(storage):
        if data := storage.read(name):
            with tables.reading(name):
                (row,) = tables.from_parquet("takedowns", data).to_pylist()
            row["captures"] = [model.Capture(**capture) for capture in row["captures"]]
            found[name] = Takedown(**row)
    return found


class TakedownRegister:
    """The take-downs of a lake, read again only if a record was added, removed or written less than a minute ago."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._files: dict[str, FileStat] = {}
        self._filter = TakedownFilter()

    def current_filter(self) -> TakedownFilter:
        """The filter for all take-downs that are recorded now."""
        files, settled = _record_files(self._storage), time.time_ns() - _FRESH
        if files != self._files or not all(stat.etag or 0 < stat.modified_ns <= settled for stat in files.values()):
            self._filter = TakedownFilter.of_records(read_records(self._storage).values())
            self._files = files
        return self._filter
