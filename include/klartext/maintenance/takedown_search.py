"""Everything that the lake has of one article, whose address somebody names."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from klartext import sources, urls
from klartext.lake import layout, takedown_filter
from klartext.lake.lake import Lake
from klartext.lake.takedown_filter import ADDRESSES, Barred
from klartext.model import Capture, Takedown

TABLES = ("versions", "teasers", "rejects", "fetches")
"""Where rows are counted."""
_TELLING = 20
"""Characters from which a headline or an address is one article's and no other's."""


@dataclasses.dataclass
class Traces:
    """What is known of an article, and how many of the published rows are its own."""

    names: set[str]
    captures: dict[tuple[str, int], Capture]
    articles: set[str]
    told: set[str] = dataclasses.field(default_factory=set)
    """What tells that a text is about it: addresses, headlines."""
    rows: Counter[str] = dataclasses.field(default_factory=Counter)

    def barred(self) -> Barred:
        return Barred(frozenset(self.names), frozenset(self.captures))

    def size(self) -> tuple[int, int]:
        return len(self.names), len(self.captures)


def slugs(url: str) -> set[str]:
    """Sources that may have the page: its publisher's, and its domain, under which an import lands while no file
    names the publisher."""
    return {*ids(url), sources.of_url(url).slug, urls.registered_domain(url)}


def ids(url: str) -> dict[str, str]:
    """The article's id by its source, if a file names that."""
    return {name.partition(":")[0]: name for name in takedown_filter.names(url) if ":" in name}


def files(lake: Lake, url: str) -> Iterator[tuple[str, str]]:
    """Table and name of every file that may have rows of the page: its sources' own, cards of all, all of staging."""
    near = slugs(url)
    for table in TABLES:
        for name in lake.storage.files(layout.table(table), ".parquet"):
            if table == "teasers" or layout.partitions(name)["source"] in near:
                yield table, name
    for name in lake.storage.files(layout.STAGING, ".parquet"):
        table = name.rpartition("/")[2].removesuffix(".parquet")
        if table in ADDRESSES:
            yield table, name


def read(lake: Lake, table: str, name: str) -> pa.Table:
    """The columns of a file that say whose its rows are; none if it is gone."""
    try:
        with lake.storage.open_input(name) as stream:
            file = pq.ParquetFile(stream)
            wanted = [*ADDRESSES[table], "title", "article_id", "capture", "discovered_from", "attempt"]
            return file.read(columns=[column for column in wanted if column in file.schema_arrow.names])
    except FileNotFoundError:
        return pa.table({})


def find(lake: Lake, url: str, own: set[str], record: Takedown | None) -> Traces:
    """Looks for the article until nothing new is learnt: an address leads to its number, that to other addresses."""
    found = Traces(own, {}, set())
    if record:
        found.names |= {record.article_id, *record.names}
        found.captures |= {(c.file, c.offset): c for c in record.captures}
    before = (0, 0)
    while before != found.size():
        before = found.size()
        found.rows = Counter()
        for table, name in files(lake, url):
            rows = read(lake, table, name)
            if rows.num_rows:
                _learn(found, table, rows, counts=not name.startswith(layout.STAGING))
    return found


def _learn(found: Traces, table: str, rows: pa.Table, *, counts: bool) -> None:
    known = found.barred()
    own = rows.filter(known.rows(table, rows)).to_pylist()
    if counts:
        found.rows[table] += sum(not str(row["url"]).startswith(takedown_filter.URN) for row in own)
    for row in own:
        if not _is_page(known, table, row):
            continue
        if capture := row.get("capture"):
            found.captures[capture["file"], capture["offset"]] = Capture(**capture)
        if table != "teasers":
            told = (row.get("title"), *(row[column] for column in ADDRESSES[table]))
            found.told.update(text for text in told if text and len(text) > _TELLING)
        if table not in ("rejects", "teasers"):
            found.names.update(*(takedown_filter.names(row[column]) for column in ADDRESSES[table]))
        if table in ("articles", "versions"):
            found.articles.add(row["article_id"])
            found.names.add(row["article_id"])


def _is_page(known: Barred, table: str, row: dict[str, Any]) -> bool:
    """Whether a row tells of the article's own page: not of another one on which a card led to it, nor of where its
    address led once."""
    if table == "teasers":
        return known.has(row["url"]) or row["article_id"] in known.names
    capture = row.get("capture")
    if table != "fetches" or (capture and (capture["file"], capture["offset"]) in known.held):
        return True
    return known.has(row["final_url"] or row["url"])
