"""What publishers had taken down stays out: rows that a step stages, reads again or publishes are without it.

An article is known again by what it was called: its ``article_id``, the number in its addresses, a hash of each of its
addresses with everything folded that :mod:`klartext.urls` folds, and the places of its captures. Its addresses, which
tell its headline, are not kept.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.compute as pc

from klartext import model, sources, urls, wayback
from klartext.lake import layout, tables
from klartext.lake.storage import Mark, Storage
from klartext.model import Takedown

REASON = "taken-down"
"""Why a candidate is ``refused`` that was taken down."""
URN = f"urn:klartext:{REASON}"
"""What stands in place of its addresses in ``fetches`` and among the candidates."""

ADDRESSES = {
    "articles": ("url", "canonical_url"),
    "current": ("url", "canonical_url"),
    "versions": ("url", "canonical_url"),
    "rejects": ("url", "canonical_url"),
    "teasers": ("url", "target_url"),
    "fetches": ("url", "final_url"),
    "candidates": ("url",),
}
"""The columns that say whose a row is; the row of a teaser is also that of the article it leads to."""
STAY = ("fetches", "candidates")
"""Tables that accounts are made of: their rows stay, and tell nothing any more."""
_BLANK = ("title", "published_at", "modified_at", "status", "final_url", "bytes", "candidate_title",
          "candidate_published_at")  # fmt: skip

_FRESH = 60 * 10**9
"""Nanoseconds. A file younger than that may be replaced and look the same from outside."""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def names(url: str | None) -> frozenset[str]:
    """What the page at an address is called, the same for all forms of the address; nothing for what is no page's.

    A capture in the Wayback Machine is called as its page is.
    """
    return _names(url, tuple(sources.directories())) if url else frozenset()


@functools.lru_cache(maxsize=100_000)
def _names(url: str, folders: tuple[Path, ...]) -> frozenset[str]:
    try:
        folded = urls.normalize(wayback.original(url) or url)
    except ValueError:
        return frozenset()
    found = {digest(urls.page_key(folded))}
    if source := _by_host(folders).get(urlsplit(folded).netloc.removeprefix("www.")):
        found.add(source.article_id(folded))
    return frozenset(found)


@functools.cache
def _by_host(folders: tuple[Path, ...]) -> dict[str, sources.Source]:
    """A wrong source file stops its source, and must not let pass what others had taken down."""
    usable = sources.load_usable(folders)[0].values()
    return {host.lower().removeprefix("www."): source for source in usable for host in source.hosts}


@dataclasses.dataclass(frozen=True)
class Barred:
    """Everything that was taken down: its ``names``, the file and offset of its captures, and of those among them
    whose bytes are gone too."""

    names: frozenset[str] = frozenset()
    held: frozenset[tuple[str, int]] = frozenset()
    erased: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def of(cls, records: Iterable[Takedown]) -> Barred:
        them = list(records)
        return cls(
            frozenset(name for it in them for name in (it.article_id, *it.names)),
            frozenset((c.file, c.offset) for it in them for c in it.captures),
            frozenset((c.file, c.offset) for it in them if it.with_captures for c in it.captures),
        )

    def has(self, url: str | None) -> bool:
        """Whether this is an address of something that was taken down."""
        return bool(self.names) and not self.names.isdisjoint(names(url))

    def rows(self, table: str, rows: pa.Table) -> pa.Array:
        """Which rows of a table are of something that was taken down. Columns that are not there are not asked."""
        found = pa.repeat(pa.scalar(False), rows.num_rows)
        for column in ADDRESSES[table]:
            if column in rows.column_names:
                found = pc.or_(found, self._told(rows[column]))
        if "article_id" in rows.column_names:
            found = pc.or_(found, _in(rows["article_id"], self.names))
        if "capture" in rows.column_names and self.held:
            found = pc.or_(found, self._captured(rows["capture"]))
        return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found

    def without(self, table: str, rows: pa.Table) -> pa.Table:
        """The rows without those of what was taken down; the rows themselves if there are none.

        Rows of ``fetches`` and candidates stay, since accounts are made of them, and tell no more than that something
        was asked for, or is not to be.
        """
        if not self.names or table not in ADDRESSES:
            return rows
        found = self.rows(table, rows)
        if pc.any(found).as_py():
            rows = self._blanked(table, rows, found) if table in STAY else rows.filter(pc.invert(found))
        return self._without_origins(rows)

    def concerns(self, table: str, rows: pa.Table) -> bool:
        """Whether a row is of something that was taken down, or was found through it."""
        if not self.names or not rows.num_rows:
            return False
        return bool(pc.any(self.rows(table, rows)).as_py()) or self._without_origins(rows) is not rows

    def _told(self, addresses: pa.ChunkedArray) -> pa.ChunkedArray:
        return _in(addresses, {url for url in addresses.unique().to_pylist() if self.has(url)})

    def _captured(self, captures: pa.ChunkedArray) -> pa.Array:
        files = {file for file, _ in self.held}
        near = _in(pc.struct_field(captures, "file"), files)
        if not pc.any(near).as_py():
            return near
        return pa.array([bool(c) and (c["file"], c["offset"]) in self.held for c in captures.to_pylist()], pa.bool_())

    def _blanked(self, table: str, rows: pa.Table, found: pa.Array) -> pa.Table:
        """The rows in their order, those that are of it in words that tell nothing; of two that are then equal, one."""
        out = []
        seen = set()
        for row, own in zip(rows.to_pylist(), found.to_pylist(), strict=True):
            told = self._blank(table, row) if own else row
            key = (told["url"], told.get("attempt"))
            if key in seen and told["url"].startswith(URN):
                continue
            seen.add(key)
            out.append(told)
        return tables.of(table, out)

    def _blank(self, table: str, row: dict[str, Any]) -> dict[str, Any]:
        url, capture = row["url"], row.get("capture")
        told = row | {name: None for name in _BLANK if name in row}
        told |= {
            "url": url if url.startswith(URN) else f"{URN}:{digest(urls.page_key(url))}",
            "discovered_from": URN,
        }
        if table == "fetches":
            gone = capture and (capture["file"], capture["offset"]) in self.erased
            told |= {"outcome": "refused", "reason": REASON, "capture": None if gone else capture}
        return told

    def _without_origins(self, rows: pa.Table) -> pa.Table:
        """Other articles were found through its page: they stay, and do not name it."""
        if "discovered_from" not in rows.column_names:
            return rows
        told = self._told(rows["discovered_from"])
        if not pc.any(told).as_py():
            return rows
        number = rows.column_names.index("discovered_from")
        return rows.set_column(
            number, rows.schema.field(number), pc.if_else(told, pa.scalar(URN), rows["discovered_from"])
        )


def _in(column: pa.ChunkedArray, values: Iterable[str]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array(sorted(values), pa.string()))


def _marks(storage: Storage) -> dict[str, Mark]:
    """The files of records; those of former major versions hold too."""
    folders = [layout.table("takedowns", major=major + 1) for major in range(model.MAJOR_VERSION)]
    return {name: mark for folder in folders for name, mark in storage.marks(folder, ".parquet").items()}


def records(storage: Storage) -> dict[str, Takedown]:
    """All take-downs by the name of their file."""
    found = {}
    for name in _marks(storage):
        if data := storage.read(name):
            (row,) = tables.decode("takedowns", data).to_pylist()
            row["captures"] = [model.Capture(**capture) for capture in row["captures"]]
            found[name] = Takedown(**row)
    return found


class Register:
    """What is taken down in a lake, read again only where a record came, went or is still young."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._seen: dict[str, Mark] = {}
        self._barred = Barred()

    def now(self) -> Barred:
        listed, rest = _marks(self._storage), time.time_ns() - _FRESH
        if listed != self._seen or not all(mark.tag or 0 < mark.written <= rest for mark in listed.values()):
            self._barred = Barred.of(records(self._storage).values())
            self._seen = listed
        return self._barred
