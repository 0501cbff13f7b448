"""Finds everything that the lake has of one page: its captures, its rows and its batches.

The page is named by any of its addresses or by its ``article_id``. Rows are recognised as a take-down recognises
them (:mod:`klartext.lake.takedown_filter`): by the publisher's number in an address, or by its normal form. Only the
files of sources that may have the page are read, first the addresses in them, then whole rows where one matches.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from klartext import sources, urls, wayback
from klartext.batch import Batch
from klartext.lake import layout, tables
from klartext.lake.address_cache import ADDRESSES
from klartext.lake.lake import Lake
from klartext.lake.storage import FileStat
from klartext.lake.takedown_filter import ADDRESS_COLUMNS, TakedownFilter, identifiers
from klartext.model import Capture

TABLES = {"articles": "current", "versions": "versions", "rejects": "rejects", "fetches": "fetches"}
"""The tables with rows of a page, by their folders, and the names of their schemas."""
_ARTICLE_ID = re.compile(r"\A(?P<slug>[a-z0-9][a-z0-9.-]{0,252}):(?!//)\S+\Z")
_BARE_ADDRESS = re.compile(r"\A[^\s:/?#]{1,253}(?::\d{1,5})?/")
"""A host and a path without a scheme."""
_ESCAPES = re.compile(r"[A-Za-z]?(?:%[0-9A-F]{2})+")
_NOTHING, _ANYTHING = r"[^\s\S]", ""
"""Patterns."""
_THREADS, _GROUP = 4, 128
"""Threads that read files, and the files whose rows are compared at once."""
Position = tuple[str, int]
"""File and offset of a capture."""


class PageCapture(NamedTuple):
    """A capture of the page, with the batch that made or used it first."""

    capture: Capture
    fetched_at: dt.datetime
    url: str
    source: str
    date: str
    batch: str


@dataclasses.dataclass(slots=True)
class PageRecords:
    """What the lake has of a page.

    Attributes:
        taken_down: true if the page was taken down; then there are no rows.
        sources: slugs of the sources whose files were searched.
        article_ids: the ids in its rows, and the one that its address gives.
        addresses: its addresses in normal form.
        rows: by table (``articles``, ``versions``, ``rejects``, ``fetches``) its rows with all columns, and ``source``,
            ``date`` or ``month``, and, but for ``articles``, ``batch``; oldest first. The rejects of a refused batch,
            which it has not published, are included.
        batches: rows of ``batches`` of those batches, with ``source`` and ``date``, oldest first.
    """

    taken_down: bool = False
    sources: tuple[str, ...] = ()
    article_ids: list[str] = dataclasses.field(default_factory=list)
    addresses: list[str] = dataclasses.field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = dataclasses.field(default_factory=lambda: {name: [] for name in TABLES})
    batches: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    def __bool__(self) -> bool:
        return any(self.rows.values())

    @property
    def captures(self) -> list[PageCapture]:
        """Its captures, newest first. One of which only an answer that it is unchanged is known has that time."""
        found: dict[tuple[str, int], PageCapture] = {}
        rows = [row for table in ("versions", "rejects", "fetches") for row in self.rows[table] if row["capture"]]
        for row in sorted(rows, key=lambda row: (row["fetched_at"], row.get("outcome") == "unchanged")):
            capture = Capture(**row["capture"])
            url = row.get("final_url") or row["url"]
            made = PageCapture(capture, row["fetched_at"], url, row["source"], row["date"], row["batch"])
            found.setdefault((capture.file, capture.offset), made)
        return sorted(found.values(), key=lambda made: made.fetched_at, reverse=True)


def search_page(lake: Lake, page: str) -> PageRecords:
    """What the lake has of the page with an address or an ``article_id``; empty if it has nothing.

    Raises ValueError for what is neither.
    """
    return _Search(lake, page).run()


def source_slugs(url: str) -> set[str]:
    """Sources that may have the page: its publisher's, that of all hosts without a file, in which it may have been
    before, and its domain, which was the source of an import before there was such a one."""
    return {*article_ids(url), sources.of_url(url).slug, sources.OTHER.slug, urls.registered_domain(url)}


def article_ids(url: str) -> dict[str, str]:
    """The ``article_id`` of a page by the slug of its source; empty if no source file names its host."""
    return {name.partition(":")[0]: name for name in identifiers(url) if ":" in name}


class _Search:
    """One search. An address leads to an article, that to its other addresses, until nothing new is found."""

    def __init__(self, lake: Lake, page: str) -> None:
        self.lake = lake
        self.takedowns = lake.takedown_filter()
        self.known: set[str] = set()
        self.addresses: set[str] = set()
        self.captures: set[Position] = set()
        self.numbered = {slug for slug, source in sources.load_usable()[0].items() if source.addresses.number}
        text = page.strip()
        if match := _ARTICLE_ID.match(text):
            self.known.add(text)
            slugs = {match["slug"], sources.OTHER.slug}
        else:
            address = text if "://" in text or not _BARE_ADDRESS.match(text) else f"https://{text}"
            if not identifiers(address):
                raise ValueError(f"{page!r} is neither an address, as https://…, nor an article_id, as dwn:500123")
            self._add_address(address)
            slugs = source_slugs(urls.normalize(wayback.page_url(address) or address))
        self.slugs = tuple(sorted(slugs))

    def run(self) -> PageRecords:
        found = PageRecords(sources=self.slugs)
        if self.takedowns.identifiers.isdisjoint(self.known):
            matches = self._matches()
            for (table, name), places in matches.items():
                found.rows[table] += [row | _place(name) for row in self._whole_rows(table, name, places)]
            found.batches = self._accounts(found.rows)
            for row in found.batches:
                if row["verdict"] == "refused":
                    self._replace_rejects(found.rows, row)
            for rows in found.rows.values():
                rows.sort(key=lambda row: (row["fetched_at"], row.get("batch", "")))
        found.taken_down = not self.takedowns.identifiers.isdisjoint(self.known)
        found.article_ids = sorted(name for name in self.known if ":" in name)
        found.addresses = sorted(self.addresses)
        return found

    def _matches(self) -> dict[tuple[str, str], list[int]]:
        """The rows of the page by table and name of the file."""
        groups = []
        for table, slug in itertools.product(TABLES, self.slugs):
            files = list(self.lake.published_stats(table, slug).items())
            groups += [(table, files[first : first + _GROUP]) for first in range(0, len(files), _GROUP)]
        with ThreadPoolExecutor(_THREADS) as pool:
            near = self._near_pattern() or _NOTHING  # an id alone is first looked for in the ids
            while True:
                before = len(self.known), len(self.captures)
                parts = pool.map(functools.partial(self._matching, near), groups)
                matches: dict[tuple[str, str], list[int]] = {}
                for (table, files), rows in zip(groups, parts, strict=True):
                    for row in rows:
                        self._learn(table, row)
                        matches.setdefault((table, files[row["of_file"]][0]), []).append(row["row"])
                last, near = near, self._near_pattern()
                if before == (len(self.known), len(self.captures)) and last == near:
                    return matches

    def _add_address(self, url: str) -> None:
        if names := identifiers(url):
            self.known |= names
            self.addresses.add(urls.normalize(wayback.page_url(url) or url))

    def _learn(self, table: str, row: dict[str, Any]) -> None:
        """Adds what a row states of its page. An address of ``fetches`` that redirected to another page is none of the
        page's addresses; the page that it led to is found by its capture."""
        if row["offset"] is not None:
            self.captures.add((row["file"], row["offset"]))
        own = [row[column] for column in ADDRESS_COLUMNS[TABLES[table]] if row[column]]
        if table in ("articles", "versions"):
            self.known.add(row["article_id"])
        if table in ("articles", "versions") or (
            table == "fetches" and not self.known.isdisjoint(identifiers(row["final_url"] or row["url"]))
        ):
            for url in own:
                self._add_address(url)

    def _near_pattern(self) -> str:
        """A pattern that every address of the page matches: the publisher's number, or what normalisation leaves of
        its path as it is. Any address may be one of an ``article_id`` without the publisher's number of which no
        address is known."""
        parts = {_fixed_parts(url) for url in self.addresses}
        for name in self.known:
            slug, colon, number = name.partition(":")
            if colon and slug in self.numbered:
                parts.add(re.escape(number))
        return _ANYTHING if "" in parts or not parts else "|".join([*sorted(parts), "%"])

    def _matching(self, near: str, group: tuple[str, list[tuple[str, FileStat]]]) -> list[dict[str, Any]]:
        """The rows of the page in some files of a table: their addresses, the number of the file and of the row."""
        table, files = group
        sites = {urls.site_of(url) for url in self.addresses}
        parts = [ADDRESSES.rows(self.lake, TABLES[table], *file, sites) for file in files]
        rows = pa.concat_tables(parts).combine_chunks()
        of_file = pa.array(np.repeat(np.arange(len(parts)), [part.num_rows for part in parts]))
        rows = rows.append_column("of_file", of_file)
        columns = ADDRESS_COLUMNS[TABLES[table]]
        found = pc.is_in(rows["article_id"], value_set=pa.array(sorted(self.known), pa.string()))
        offsets = pa.array(sorted({offset for _, offset in self.captures}), pa.int64())
        found = pc.or_(found, pc.is_in(rows["offset"], value_set=offsets))
        for column in columns:
            found = pc.or_(found, pc.fill_null(pc.match_substring_regex(rows[column], near), False))
        return [
            row
            for row in rows.filter(found).to_pylist()
            if row["article_id"] in self.known
            or (row["file"], row["offset"]) in self.captures
            or any(not self.known.isdisjoint(identifiers(row[column])) for column in columns)
        ]

    def _whole_rows(self, table: str, name: str, numbers: list[int]) -> list[dict[str, Any]]:
        """Rows of a file with all columns, by their numbers; none if another run has just replaced the file."""
        try:
            with self.lake.storage.open_input(name) as stream, tables.reading(name):
                file = tables.open_parquet(stream)
                groups, first = [], 0
                for group in range(file.num_row_groups):
                    count = file.metadata.row_group(group).num_rows
                    own = [number - first for number in numbers if first <= number < first + count]
                    groups += [file.read_row_group(group).take(own)] if own else []
                    first += count
                whole = tables.to_current_schema(TABLES[table], pa.concat_tables(groups))
        except (FileNotFoundError, IndexError, pa.ArrowIndexError):
            return []
        return list(self.takedowns.filter_rows(TABLES[table], whole).to_pylist())

    def _accounts(self, rows: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
        """The accounts of the batches that the rows are of."""
        named = {
            (row["source"], row["date"], row["batch"]) for table in rows if table != "articles" for row in rows[table]
        }
        found = []
        for source, date, name in named:
            account = self.lake.published(_batch(source, date, name), "batches")
            found += [row | {"source": source, "date": date} for row in (account.to_pylist() if account else [])]
        return sorted(found, key=lambda row: (row["start"], row["batch"]))

    def _replace_rejects(self, rows: dict[str, list[dict[str, Any]]], account: dict[str, Any]) -> None:
        """Replaces the rejects of a refused batch by those that are staged: it has published none, or older ones."""
        place = {name: account[name] for name in ("source", "date", "batch")}
        staged = self.lake.staged(_batch(**place), "rejects")
        if staged is not None:
            known = TakedownFilter(frozenset(self.known), frozenset(self.captures))
            own = staged.filter(known.matching_rows("rejects", staged)).to_pylist()
            others = [row for row in rows["rejects"] if place.items() - row.items()]
            rows["rejects"] = [*others, *(row | place for row in own)]


def _fixed_parts(url: str) -> str:
    """A pattern of the characters in the path of a normal address that normalisation never changes, in their order;
    empty if there are none."""
    path = _ESCAPES.sub("/", urlsplit(url).path)
    return ".*".join(re.findall(r"[A-Za-z0-9_-]+", path)[-8:])


def _batch(source: str, date: str, batch: str) -> Batch:
    """The batch with a name, for its files."""
    day = dt.date.fromisoformat(date)
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
    return Batch(source=source, name=batch, date=day, start=midnight, end=midnight)


def _place(name: str) -> dict[str, str]:
    """Source, day or month, and batch of a file."""
    place = layout.partitions(name)
    return place if "month" in place else place | {"batch": layout.batch_of_file(name)[1]}
