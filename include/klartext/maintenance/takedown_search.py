"""Finding everything that the lake has of one article, given one of its addresses."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from klartext.lake import layout, tables, takedown_filter
from klartext.lake.lake import Lake
from klartext.lake.page_search import source_slugs
from klartext.lake.takedown_filter import ADDRESS_COLUMNS, SKIPPED_TABLES, TakedownFilter
from klartext.model import Capture, Takedown
from klartext.track import Track, untracked

TABLES = ("versions", "teasers", "rejects", "fetches")
"""The tables whose rows are counted in the record of a take-down."""
DISTINCTIVE = 20
"""Characters from which a headline or an address belongs to one article only, even as a part of a longer text."""


@dataclasses.dataclass
class TakedownSearch:
    """What was found of an article.

    ``identifiers`` and ``captures`` are as in :class:`TakedownFilter`, ``article_ids`` those in its rows, ``quotes``
    addresses and headlines by which other texts mention it, ``rows`` the number of its published rows by table.
    """

    identifiers: set[str]
    captures: dict[tuple[str, int], Capture] = dataclasses.field(default_factory=dict)
    article_ids: set[str] = dataclasses.field(default_factory=set)
    quotes: set[str] = dataclasses.field(default_factory=set)
    rows: Counter[str] = dataclasses.field(default_factory=Counter)

    def filter(self) -> TakedownFilter:
        """A filter for what was found so far."""
        return TakedownFilter(frozenset(self.identifiers), frozenset(self.captures))

    def size(self) -> tuple[int, int]:
        """Numbers of identifiers and captures, which grow while something new is found."""
        return len(self.identifiers), len(self.captures)


def files_to_search(lake: Lake, url: str) -> Iterator[tuple[str, str]]:
    """Table and name of every file that may have rows of the page: those of its sources, the teasers of all sources,
    and everything staged."""
    near = source_slugs(url)
    for table in (*TABLES, "batches"):
        for name in lake.published_files(table):
            if table == "teasers" or layout.partitions(name)["source"] in near:
                yield table, name
    for name in lake.storage.files(layout.STAGING, ".parquet"):
        table = name.rpartition("/")[2].removesuffix(".parquet")
        if table in ADDRESS_COLUMNS or table in SKIPPED_TABLES or table == "batches":
            yield table, name


def read_identifying_columns(lake: Lake, table: str, name: str) -> pa.Table:
    """The columns of a file by which rows of an article are recognised; no columns if the file does not exist."""
    try:
        with lake.storage.open_input(name) as stream, tables.reading(name):
            file = tables.open_parquet(stream)
            wanted = [*ADDRESS_COLUMNS.get(table, ()), "title", "article_id", "capture", "discovered_from", "attempt"]
            wanted += ["origin", "skipped", "findings"]
            return file.read(columns=[column for column in wanted if column in file.schema_arrow.names])
    except FileNotFoundError:
        return pa.table({})


def search(
    lake: Lake, url: str, identifiers: set[str], record: Takedown | None, track: Track = untracked
) -> TakedownSearch:
    """Searches for an article until nothing new is found: an address leads to its number, that to other addresses.

    ``record`` is that of an earlier take-down of the article; ``track`` shows the progress of each pass.
    """
    found = TakedownSearch(set(identifiers), quotes={url})
    if record:
        found.identifiers |= {record.article_id, *record.names}
        found.captures |= {(c.file, c.offset): c for c in record.captures}
    before = (0, 0)
    while before != found.size():
        before = found.size()
        found.rows = Counter()
        for table, name in track(list(files_to_search(lake, url)), "searching"):
            if table not in ADDRESS_COLUMNS:
                continue
            rows = read_identifying_columns(lake, table, name)
            if rows.num_rows:
                _add_rows(found, table, rows, counts=not name.startswith(layout.STAGING))
    return found


def _add_rows(found: TakedownSearch, table: str, rows: pa.Table, *, counts: bool) -> None:
    known = found.filter()
    own = rows.filter(known.matching_rows(table, rows)).to_pylist()
    if counts:
        found.rows[table] += sum(not str(row["url"]).startswith(takedown_filter.URN) for row in own)
    for row in own:
        if not _is_page(known, table, row):
            continue
        if capture := row.get("capture"):
            found.captures[capture["file"], capture["offset"]] = Capture(**capture)
        if table != "teasers":
            texts = (row.get("title"), *(row[column] for column in ADDRESS_COLUMNS[table]))
            found.quotes.update(text for text in texts if text)
        if table not in ("rejects", "teasers"):
            found.identifiers.update(*(takedown_filter.identifiers(row[column]) for column in ADDRESS_COLUMNS[table]))
        if table in ("articles", "versions"):
            found.article_ids.add(row["article_id"])
            found.identifiers.add(row["article_id"])


def _is_page(known: TakedownFilter, table: str, row: dict[str, Any]) -> bool:
    """True if a row is about the article's own page, and not about another page with a teaser for it, or one to which
    its address once redirected."""
    if table == "teasers":
        return known.matches_url(row["url"]) or row["article_id"] in known.identifiers
    capture = row.get("capture")
    if table != "fetches" or (capture and (capture["file"], capture["offset"]) in known.captures):
        return True
    return known.matches_url(row["final_url"] or row["url"])
