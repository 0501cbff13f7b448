"""Taking an article down: out of every table and out of staging, and where asked out of the captures too.

First a record says so; from then on every step leaves the article out, whatever it reads (see
:mod:`klartext.lake.takedown_filter`). Then the files that have it are replaced, one by one, each whole. Cut off
anywhere, what is published has the article less or not at all, and the next call of the same goes on.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from klartext import sources, urls, wayback
from klartext.curate.step import curate
from klartext.lake import layout, tables, takedown_filter
from klartext.lake.lake import Lake
from klartext.lake.takedown_filter import Barred
from klartext.maintenance import takedown_search
from klartext.model import Takedown
from klartext.warc import redact


def take_down(
    lake: Lake, url: str, why: str, by: str | None = None, *, captures: bool = False, now: dt.datetime | None = None
) -> Takedown:
    """Removes an article, by any of its addresses, and keeps it out for ever; gives the record, which lies in the
    table ``takedowns``.

    An article that the lake does not have is kept out all the same. ``captures`` removes the bytes of its pages too.
    Done again it removes what has come since and finishes what was cut off; captures once removed stay so, and who and
    why stay as they were said first. Raises ValueError for what is no page's address or for no reason given.
    """
    own = takedown_filter.names(url)
    if not own:
        raise ValueError(f"{url} is no address of a page: name the article's, as https://…")
    if not why.strip():
        raise ValueError("name the reason, as --why 'the publisher asks for it, letter of 3 May'")
    url, now = _page(url), now or dt.datetime.now(dt.UTC)
    name, record = _record(lake, url, own) or (None, None)
    found = takedown_search.find(lake, url, set(own), record)
    if name is None or record is None:
        slug, article = next(iter(takedown_search.ids(url).items()), (sources.of_url(url).slug, None))
        article = min(found.articles, default=article) or sources.of_url(url).article_id(url)
        name = layout.takedown(slug, now.date(), takedown_filter.digest(article))
        record = Takedown(
            article_id=article, names=[], taken_down_at=now, by=by, why=why.strip(), with_captures=False, captures=[],
            versions=0, teasers=0, rejects=0, fetches=0, done_at=now,
        )  # fmt: skip
    fresh = {} if record.done_at is None else {t: getattr(record, t) + found.rows[t] for t in takedown_search.TABLES}
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


def let_in(lake: Lake, url: str) -> tuple[Takedown, list[tuple[str, str]]]:
    """Takes back the take-down of an article; gives its record, which is then gone, and source and day of the batches
    that have captures of it: replayed, they publish it again. Raises ValueError for what was not taken down."""
    named = _record(lake, url, takedown_filter.names(url))
    if named is None:
        raise ValueError(f"{url} was not taken down; --list shows what was")
    (name, record), url = named, _page(url)
    known = Barred.of([record])

    def forgotten(table: str, rows: pa.Table) -> pa.Table:
        own = [
            row["url"].removeprefix(f"{takedown_filter.URN}:") in known.names
            for row in rows.select(["url"]).to_pylist()
        ]
        return rows.filter(pa.array([not each for each in own], pa.bool_()))

    for table, file in takedown_search.files(lake, url):
        if table in takedown_filter.STAY:
            while _change(lake, table, file, forgotten):
                continue
    lake.storage.remove(name)
    days = {(place["source"], place["date"]) for c in record.captures if (place := layout.partitions(c.file))}
    return record, [] if record.with_captures else sorted(days)


def _page(url: str) -> str:
    """The address of the page itself, in normal form."""
    return urls.normalize(wayback.original(url) or url)


def _keep(lake: Lake, name: str, record: Takedown) -> None:
    lake.storage.put(name, tables.encode("takedowns", tables.of("takedowns", [record])))


def _record(lake: Lake, url: str, own: frozenset[str]) -> tuple[str, Takedown] | None:
    """The record of an earlier take-down of the same article."""
    for name, record in takedown_filter.records(lake.storage).items():
        if own & {record.article_id, *record.names}:
            return name, record
    return None


def _clean(lake: Lake, url: str) -> int:
    """Replaces the files that have what was taken down; gives the number of those that had it."""
    return sum(
        _change(lake, table, name, lake.barred().without)
        for table, name in takedown_search.files(lake, url)
        if lake.barred().concerns(table, takedown_search.read(lake, table, name))
    )


def _change(lake: Lake, table: str, name: str, change: Callable[[str, pa.Table], pa.Table]) -> bool:
    """Replaces a file with what ``change`` makes of its rows; gives whether that is something else.

    Where another one was faster the file stays as that one left it, and has to be looked at again.
    """
    staged = name.startswith(layout.STAGING)
    with lake.storage.alone(name.rpartition("/")[0] if staged else layout.index(layout.partitions(name)["source"])):
        before, data = lake.storage.mark(name), lake.storage.read(name)
        if data is None:
            return False
        whole = tables.decode(table, data)
        kept = change(table, whole)
        if kept.equals(whole):
            return False
        if staged:
            lake.storage.swap(name, before, tables.encode(table, kept))
        else:
            lake.swap(table, name, before, kept)
        return True


def _unquote(lake: Lake, url: str, told: set[str]) -> None:
    """Removes the pages on which the gate quotes it; a batch that is checked again gets them anew, without it."""
    for slug in takedown_search.slugs(url) if told else ():
        for name in lake.storage.files(layout.checked(slug), ""):
            text = html.unescape((lake.storage.read(name) or b"").decode("utf-8", "replace"))
            if any(each in text for each in told):
                lake.storage.remove(name)


def _views(lake: Lake, url: str) -> None:
    """Rebuilds the months whose current view has it."""
    for slug in takedown_search.slugs(url):
        for name in lake.storage.files(layout.table("articles", slug), ".parquet"):
            rows = takedown_search.read(lake, "current", name)
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
            found = redact.places(stream, offsets, known.has)
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
                out.write(redact.member(length, f"{name}#{offset}"))
        with pa.memory_map(str(copy)) as mapped:
            lake.storage.put(name, mapped.read_buffer())
