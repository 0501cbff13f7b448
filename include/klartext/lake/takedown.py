"""Taking an article down: out of every table and out of staging, and where asked out of the captures too.

First a record says so; from then on every step leaves the article out, whatever it reads (see
:mod:`klartext.lake.barred`). Then the files that have it are replaced, one by one, each whole. Cut off anywhere, what
is published has the article less or not at all, and the next call of the same goes on.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from klartext import sources, urls, wayback
from klartext.lake import barred, erase, layout, tables
from klartext.lake.barred import ADDRESSES, Barred
from klartext.lake.current import curate
from klartext.lake.lake import Lake
from klartext.model import Capture, Takedown

TABLES = ("versions", "teasers", "rejects", "fetches")
"""Where rows are counted."""
_TELLING = 20
"""Characters from which a headline or an address is one article's and no other's."""


@dataclasses.dataclass
class _Found:
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


def take_down(
    lake: Lake, url: str, why: str, by: str | None = None, *, captures: bool = False, now: dt.datetime | None = None
) -> Takedown:
    """Removes an article, by any of its addresses, and keeps it out for ever; gives the record, which lies in the
    table ``takedowns``.

    An article that the lake does not have is kept out all the same. ``captures`` removes the bytes of its pages too.
    Done again it removes what has come since and finishes what was cut off; captures once removed stay so, and who and
    why stay as they were said first. Raises ValueError for what is no page's address or for no reason given.
    """
    own = barred.names(url)
    if not own:
        raise ValueError(f"{url} is no address of a page: name the article's, as https://…")
    if not why.strip():
        raise ValueError("name the reason, as --why 'the publisher asks for it, letter of 3 May'")
    url, now = urls.fold(wayback.original(url) or url), now or dt.datetime.now(dt.UTC)
    name, record = _record(lake, url, own) or (None, None)
    found = _find(lake, url, set(own), record)
    if name is None or record is None:
        slug, article = next(iter(_known(url).items()), (sources.of_url(url).slug, None))
        article = min(found.articles, default=article) or urls.article_id(sources.of_url(url), url)
        name = layout.takedown(slug, now.date(), barred.digest(article))
        record = Takedown(
            article_id=article, names=[], taken_down_at=now, by=by, why=why.strip(), with_captures=False, captures=[],
            versions=0, teasers=0, rejects=0, fetches=0, done_at=now,
        )  # fmt: skip
    fresh = {} if record.done_at is None else {t: getattr(record, t) + found.rows[t] for t in TABLES}
    record = dataclasses.replace(
        record,
        names=sorted(found.names - {record.article_id}),
        captures=sorted(found.captures.values(), key=lambda c: (c.file, c.offset)),
        with_captures=record.with_captures or captures,
        done_at=None,
        **fresh,  # of a call that was cut off, what it had counted when it began
    )
    _keep(lake, name, record)
    _unquote(lake, url, found.told)  # first, since the rows say what to look for
    while _clean(lake, url):  # a batch that was publishing meanwhile may have brought it back
        continue
    _views(lake, url)
    if record.with_captures:
        erase_captures(lake, Barred.of([record]))
    record = dataclasses.replace(record, done_at=now)
    _keep(lake, name, record)
    return record


def _keep(lake: Lake, name: str, record: Takedown) -> None:
    lake.storage.put(name, tables.encode("takedowns", tables.of("takedowns", [record])))


def _record(lake: Lake, url: str, own: frozenset[str]) -> tuple[str, Takedown] | None:
    """The record of an earlier take-down of the same article."""
    for name, record in barred.records(lake.storage).items():
        if own & {record.article_id, *record.names}:
            return name, record
    return None


def _slugs(url: str) -> set[str]:
    """Sources that may have the page: its publisher's, and its domain, under which an import lands while no file
    names the publisher."""
    return {*_known(url), sources.of_url(url).slug, urls.registered_domain(url)}


def _known(url: str) -> dict[str, str]:
    """The article's id by its source, if a file names that."""
    return {name.partition(":")[0]: name for name in barred.names(url) if ":" in name}


def _files(lake: Lake, url: str) -> Iterator[tuple[str, str]]:
    """Table and name of every file that may have rows of the page: its sources' own, cards of all, all of staging."""
    slugs = _slugs(url)
    for table in TABLES:
        for name in lake.storage.files(layout.table(table), ".parquet"):
            if table == "teasers" or layout.partitions(name)["source"] in slugs:
                yield table, name
    for name in lake.storage.files(layout.STAGING, ".parquet"):
        table = name.rpartition("/")[2].removesuffix(".parquet")
        if table in ADDRESSES:
            yield table, name


def _read(lake: Lake, table: str, name: str) -> pa.Table:
    """The columns of a file that say whose its rows are; none if it is gone."""
    try:
        with lake.storage.open_input(name) as stream:
            file = pq.ParquetFile(stream)
            wanted = [*ADDRESSES[table], "title", "article_id", "capture", "discovered_from", "attempt"]
            return file.read(columns=[column for column in wanted if column in file.schema_arrow.names])
    except FileNotFoundError:
        return pa.table({})


def _find(lake: Lake, url: str, own: set[str], record: Takedown | None) -> _Found:
    """Looks for the article until nothing new is learnt: an address leads to its number, that to other addresses."""
    found = _Found(own, {}, set())
    if record:
        found.names |= {record.article_id, *record.names}
        found.captures |= {(c.file, c.offset): c for c in record.captures}
    before = (0, 0)
    while before != found.size():
        before = found.size()
        found.rows = Counter()
        for table, name in _files(lake, url):
            rows = _read(lake, table, name)
            if rows.num_rows:
                _learn(found, table, rows, counts=not name.startswith(layout.STAGING))
    return found


def _learn(found: _Found, table: str, rows: pa.Table, *, counts: bool) -> None:
    known = found.barred()
    own = rows.filter(known.rows(table, rows)).to_pylist()
    if counts:
        found.rows[table] += sum(not str(row["url"]).startswith(barred.URN) for row in own)
    for row in own:
        if not _is_page(known, table, row):
            continue
        if capture := row.get("capture"):
            found.captures[capture["file"], capture["offset"]] = Capture(**capture)
        if table != "teasers":
            told = (row.get("title"), *(row[column] for column in ADDRESSES[table]))
            found.told.update(text for text in told if text and len(text) > _TELLING)
        if table not in ("rejects", "teasers"):
            found.names.update(*(barred.names(row[column]) for column in ADDRESSES[table]))
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


def _clean(lake: Lake, url: str) -> int:
    """Replaces the files that have what was taken down; gives the number of those that had it."""
    found = 0
    for table, name in _files(lake, url):
        rows = _read(lake, table, name)
        if not lake.barred().concerns(table, rows):
            continue
        staged = name.startswith(layout.STAGING)
        alone = name.rpartition("/")[0] if staged else layout.index(layout.partitions(name)["source"])
        with lake.storage.alone(alone):
            before, data = lake.storage.mark(name), lake.storage.read(name)
            if data is None:
                continue
            whole = tables.decode(table, data)
            kept = lake.barred().without(table, whole)
            if kept.equals(whole):
                continue
            if staged:
                lake.storage.swap(name, before, tables.encode(table, kept))
            else:
                lake.swap(table, name, before, kept)
            found += 1  # also where another one was faster: then its file has to be looked at
    return found


def _unquote(lake: Lake, url: str, told: set[str]) -> None:
    """Removes the pages on which the gate quotes it; a batch that is checked again gets them anew, without it."""
    for slug in _slugs(url) if told else ():
        for name in lake.storage.files(layout.checked(slug), ""):
            text = html.unescape((lake.storage.read(name) or b"").decode("utf-8", "replace"))
            if any(each in text for each in told):
                lake.storage.remove(name)


def _views(lake: Lake, url: str) -> None:
    """Rebuilds the months whose current view has it."""
    for slug in _slugs(url):
        for name in lake.storage.files(layout.table("articles", slug), ".parquet"):
            rows = _read(lake, "current", name)
            if rows.num_rows and pc.any(lake.barred().rows("current", rows)).as_py():
                curate(lake, slug, layout.partitions(name)["month"])


def erase_captures(lake: Lake, known: Barred) -> int:
    """Takes the bytes of pages out of their WARC files; gives the number of records that were there.

    Every record of such a file that has one of their addresses goes: the request that was sent, what was told of it.
    A file is replaced whole, and all other records stay at their places.
    """
    files: dict[str, set[int]] = defaultdict(set)
    for file, offset in known.erased:
        files[file].add(offset)
    erased = 0
    for file, offsets in sorted(files.items()):
        if not lake.storage.exists(file):
            continue
        with lake.open_raw(file) as stream:
            found = erase.places(stream, offsets, known.has)
        if found:
            _rewrite(lake, file, found)
            erased += len(found)
    return erased


def _rewrite(lake: Lake, name: str, found: list[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.warc.gz"
        with lake.open_raw(name) as stream, copy.open("wb") as out:
            while block := stream.read(1 << 20):
                out.write(block)
        with copy.open("r+b") as out:
            for offset, length in found:
                out.seek(offset)
                out.write(erase.member(length, f"{name}#{offset}"))
        with pa.memory_map(str(copy)) as mapped:
            lake.storage.put(name, mapped.read_buffer())
