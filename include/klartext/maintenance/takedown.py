"""Taking an article down: out of every table and out of staging, and where asked out of the captures too.

First a record of the take-down is written; from then on every step leaves the article out (see
:mod:`klartext.lake.takedown_filter`). Then the files that contain it are replaced one by one. If the process dies, the
next call with the same address continues.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from klartext import sources, urls, wayback
from klartext.curate.step import curate
from klartext.lake import layout, linked_files, page_search, tables, takedown_filter
from klartext.lake.lake import Lake
from klartext.lake.takedown_filter import TakedownFilter
from klartext.link import link
from klartext.maintenance import takedown_search
from klartext.maintenance.unfinished_captures import erase_unfinished, unlogged_files
from klartext.model import Takedown
from klartext.track import Track, untracked
from klartext.warc import redact


def take_down(
    lake: Lake,
    url: str,
    why: str,
    by: str | None = None,
    *,
    captures: bool = False,
    now: dt.datetime | None = None,
    track: Track = untracked,
) -> Takedown:
    """Removes an article from the lake and keeps it out; returns the record, a row of the table ``takedowns``.

    An article that the lake does not have yet is kept out too. Called again it removes what has been added since, and
    completes what was interrupted; ``why`` and ``by`` of the first call are kept, and so is ``captures`` if it was
    true.

    Args:
        url: any address of the article.
        why: the reason, which readers of the lake can read.
        by: who asked for it.
        captures: remove the bytes of its pages from the WARC files too.
        now: the time of the take-down, with a time zone; by default the present.
        track: shows the progress of the search.

    Raises:
        ValueError: ``url`` is no address of a page, or ``why`` is empty.
    """
    identifiers = takedown_filter.identifiers(url)
    if not identifiers:
        raise ValueError(f"{url} is not the address of a page: give the article's address, as https://…")
    if not why.strip():
        raise ValueError("give the reason, as --why 'request of the publisher, letter of 3 May'")
    lake.create_tables()
    url, now = _page(url), now or dt.datetime.now(dt.UTC)
    name, record = _find_record(lake, identifiers) or (None, None)
    found = takedown_search.search(lake, url, set(identifiers), record, track)
    if name is None or record is None:
        slug, article = next(iter(page_search.article_ids(url).items()), (sources.owner(url).slug, None))
        article = min(found.article_ids, default=article) or sources.of_url(url).article_id(url)
        name = layout.takedown_file(slug, now.date(), takedown_filter.short_hash(article))
        record = Takedown(
            article_id=article, names=[], taken_down_at=now, by=by, why=why.strip(), with_captures=False, captures=[],
            versions=0, teasers=0, rejects=0, fetches=0, done_at=now,
        )  # fmt: skip
    counts = {} if record.done_at is None else {t: getattr(record, t) + found.rows[t] for t in takedown_search.TABLES}
    record = dataclasses.replace(
        record,
        names=sorted(found.identifiers - {record.article_id}),
        captures=sorted(found.captures.values(), key=lambda c: (c.file, c.offset)),
        with_captures=record.with_captures or captures,
        done_at=None,
        **counts,  # an interrupted call has counted its rows already
    )
    _save(lake, name, record)
    _remove_quotes(lake, url, found.quotes)  # before the rows that the quotes come from are removed
    known = TakedownFilter.of_records([record])  # other take-downs have cleaned the files of their articles
    while _clean_files(lake, url, known):  # a batch that was publishing meanwhile may have written it again
        continue
    _rebuild_months(lake, url, known)
    _remove_shared_text(lake, url, known)
    lake.storage.remove_unfinished()
    if record.with_captures:
        unlogged = [name for slug in page_search.source_slugs(url) for name in unlogged_files(lake, slug)]
        erase_captures(lake, known, unlogged)
        erase_unfinished(lake, known)
    record = dataclasses.replace(record, done_at=now)
    _save(lake, name, record)
    return record


def undo_take_down(lake: Lake, url: str) -> tuple[Takedown, list[tuple[str, str]]]:
    """Removes the record of a take-down.

    Returns the removed record, and source and day of the batches with captures of the article; replaying them publishes
    it again. Raises ValueError for an article that was not taken down.
    """
    found = _find_record(lake, takedown_filter.identifiers(url))
    if found is None:
        raise ValueError(f"{url} was not taken down; `klartext takedown --list` shows what was")
    (name, record), url = found, _page(url)
    known = TakedownFilter.of_records([record])

    def without_blanked(table: str, rows: pa.Table) -> pa.Table:
        own = [
            row["url"].removeprefix(f"{takedown_filter.URN}:") in known.identifiers
            for row in rows.select(["url"]).to_pylist()
        ]
        return rows.filter(pa.array([not each for each in own], pa.bool_()))

    for table, file in takedown_search.files_to_search(lake, url):
        if table in takedown_filter.BLANKED_TABLES:
            while _rewrite_table(lake, table, file, without_blanked):
                continue
    lake.storage.remove(name)
    days = {(place["source"], place["date"]) for c in record.captures if (place := layout.partitions(c.file))}
    return record, [] if record.with_captures else sorted(days)


def _page(url: str) -> str:
    """The address of the page itself, in normal form."""
    return urls.normalize(wayback.page_url(url) or url)


def _save(lake: Lake, name: str, record: Takedown) -> None:
    lake.storage.put(name, tables.to_parquet("takedowns", tables.as_table("takedowns", [record])))


def _find_record(lake: Lake, identifiers: frozenset[str]) -> tuple[str, Takedown] | None:
    """The record of an earlier take-down of the same article."""
    for name, record in takedown_filter.read_records(lake.storage).items():
        if identifiers & {record.article_id, *record.names}:
            return name, record
    return None


def _clean_files(lake: Lake, url: str, known: TakedownFilter) -> int:
    """Replaces the files with rows of what was taken down; returns the number of those files."""
    return sum(
        _rewrite_table(lake, table, name, known.filter_rows)
        for table, name in takedown_search.files_to_search(lake, url)
        if known.affects(table, takedown_search.read_identifying_columns(lake, table, name))
    )


def _rewrite_table(lake: Lake, table: str, name: str, change: Callable[[str, pa.Table], pa.Table]) -> bool:
    """Replaces the rows of a file by what ``change`` returns for them; returns True if that differs.

    If another process replaces the file meanwhile, its version stays, and has to be checked again.
    """
    staged = name.startswith(layout.STAGING)
    with lake.storage.lock(
        name.rpartition("/")[0] if staged else layout.index_folder(layout.partitions(name)["source"])
    ):
        before, data = lake.storage.stat(name), lake.storage.read(name)
        if data is None:
            return False
        with tables.reading(name):
            whole = tables.from_parquet(table, data)
        kept = change(table, whole)
        if kept.equals(whole):
            return False
        if staged:
            lake.storage.replace_if_unchanged(name, before, tables.to_parquet(table, kept))
        else:
            lake.replace_if_unchanged(table, name, before, kept)
        return True


def _remove_quotes(lake: Lake, url: str, quotes: set[str]) -> None:
    """Removes the files with results of validation that quote it; validating the batch again writes them without it."""
    is_quoted = _quote_finder(quotes)
    for slug in page_search.source_slugs(url) if quotes else ():
        for name in lake.storage.files(layout.quality_source(slug), ""):
            text = (lake.storage.read(name) or b"").decode("utf-8", "replace")
            if is_quoted(text):
                lake.storage.remove(name)


def _quote_finder(quotes: set[str]) -> Callable[[str], bool]:
    """A function that is true for a file that contains one of the texts, as HTML or JSON writes it. Spaces between
    words are not compared. A short text, which may be a part of other words, has to stand by itself."""

    def plain(text: str) -> str:
        return " ".join(html.unescape(text).replace('\\"', '"').replace("\\/", "/").replace("\\n", " ").split())

    wanted = [text for quote in quotes if (text := plain(quote))]

    def stands_in(text: str, quote: str) -> bool:
        at = text.find(quote)
        while at >= 0:
            around = text[max(0, at - 1) : at], text[at + len(quote) : at + len(quote) + 1]
            if len(quote) > takedown_search.DISTINCTIVE or not any(char.isalnum() for char in around):
                return True
            at = text.find(quote, at + 1)
        return False

    def is_quoted(text: str) -> bool:
        text = plain(text)
        return any(stands_in(text, quote) for quote in wanted)

    return is_quoted


def _rebuild_months(lake: Lake, url: str, known: TakedownFilter) -> None:
    """Rebuilds the months whose current view contains it."""
    for slug in page_search.source_slugs(url):
        for name in lake.published_files("articles", slug):
            rows = takedown_search.read_identifying_columns(lake, "current", name)
            if rows.num_rows and pc.any(known.matching_rows("current", rows)).as_py():
                curate(lake, slug, layout.partitions(name)["month"])


def _remove_shared_text(lake: Lake, url: str, known: TakedownFilter) -> None:
    """Computes the shared text again of the months with what it shares with other articles."""
    keys = [
        (slug, layout.partitions(name)["month"])
        for slug in page_search.source_slugs(url)
        for name in lake.storage.files(layout.shingles_folder(slug), ".parquet")
        if _names_article(lake, known, "shingles", name)
    ]
    months = [
        layout.partitions(name)["month"]
        for table in linked_files.TABLES
        for name in lake.published_files(table)
        if _names_article(lake, known, table, name)
    ]
    done = link(lake, keys, months)
    if done.failed:
        raise RuntimeError(
            f"shared text of {', '.join(done.failed)} could not be computed: {next(iter(done.failed.values()))}; "
            "take the article down again to continue"
        )


def _names_article(lake: Lake, known: TakedownFilter, table: str, name: str) -> bool:
    try:
        with lake.storage.open_input(name) as stream, tables.reading(name):
            rows = tables.read_columns(table, stream, list(takedown_filter.ID_COLUMNS[table]))
    except FileNotFoundError:
        return False
    return bool(pc.any(known.matching_ids(table, rows)).as_py())


def erase_captures(lake: Lake, known: TakedownFilter, more_files: Iterable[str] = ()) -> int:
    """Removes the bytes of pages from their WARC files, and from ``more_files``; returns the number of records removed.

    Every record of such a file with one of their addresses is removed, requests and metadata included. All other
    records keep their offsets.
    """
    files: dict[str, set[int]] = defaultdict(set, {name: set() for name in more_files})
    for file, offset in known.erased:
        files[file].add(offset)
    erased = 0
    for file, offsets in sorted(files.items()):
        if not lake.storage.exists(file):
            continue
        with lake.open_raw(file) as stream:
            found = redact.find_records(stream, offsets, known.matches_url)
        if found:
            _rewrite_warc(lake, file, found)
            erased += len(found)
    return erased


def _rewrite_warc(lake: Lake, name: str, found: list[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.warc.gz"
        with lake.open_raw(name) as stream, copy.open("wb") as out:
            while block := stream.read(1 << 20):
                out.write(block)
        with copy.open("r+b") as out:
            for offset, length in found:
                out.seek(offset)
                out.write(redact.replacement(length, f"{name}#{offset}"))
        with pa.memory_map(str(copy)) as mapped:
            lake.storage.put(name, mapped.read_buffer())
