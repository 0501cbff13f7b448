"""Extracting the captures of a batch in chunks, each of which can run by itself, on any machine, and again.

:mod:`klartext.extract.chunk_plan` cuts the captures, :func:`extract_chunk` stages the rows of one chunk, :func:`gather`
does what needs the whole batch. :func:`extract_batch` is all of it in one process.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import pyarrow as pa

from klartext import sources
from klartext.batch import Batch
from klartext.cores import configured_processes
from klartext.extract import pool, recurring, step
from klartext.extract.chunk_plan import Chunk, FileRange, logged_captures, plan_chunks
from klartext.lake import Lake, LakeError
from klartext.model import Article, Removed, SelectorMatches, Skipped
from klartext.sources import Source
from klartext.warc import reader

TABLES = ("articles", "teasers", "rejects")
_NOISIEST = 20
"""Pages of a chunk with most characters removed that are named in its result."""
_COLUMNS = ["article_id", "fetched_at", "title", "lead", "text"]


def extract_chunk(lake: Lake, batch: Batch, source: Source, chunk: Chunk, *, generic: bool = False) -> dict[str, int]:
    """Extracts the pages of a chunk and stages articles, teasers and rejects; returns their numbers.

    Answers that are no success are outcomes of the fetch, not captures of an article, and are left out.
    """
    lake.delete_chunk_result(batch, chunk.number)
    made = step.extract_records(
        _records(lake, batch, chunk),
        lambda url: sources.page_source(source, url),
        generic=generic,
        keep_recurring=True,
        workers=pool.process_count(chunk.captures) if configured_processes() else 1,  # other chunks run beside it
    )
    rows = {name: getattr(made, name) for name in TABLES}
    counts = {name: lake.stage(batch, name, rows[name], chunk.number) for name in TABLES}
    result = {
        "chunk": chunk.to_dict(),
        "removed": made.removed,
        "disbelieved": made.disbelieved,
        "skipped": [[file, code, n] for (file, code), n in sorted(made.skipped.items())],
        "selectors": [[*key, n] for key, n in sorted(made.selectors.items())],
        "noisiest": [[*place, n] for place, n in sorted(made.noise.items(), key=lambda x: (-x[1], x[0]))[:_NOISIEST]],
    }
    lake.save_chunk_result(batch, chunk.number, result)
    return counts


def _records(lake: Lake, batch: Batch, chunk: Chunk) -> Iterator[reader.Page | reader.UnusableRecord]:
    logged = logged_captures(lake, batch) if any(part.logged_only for part in chunk.ranges) else {}
    for name, parts in itertools.groupby(chunk.ranges, key=lambda part: part.file):
        with lake.open_raw(name) as stream:
            for part in parts:
                yield from _records_of_part(stream, part, logged.get(name, set()))


def _records_of_part(
    stream: BinaryIO, part: FileRange, logged: set[int]
) -> Iterator[reader.Page | reader.UnusableRecord]:
    stream.seek(part.begin)
    for record in reader.read(stream, part.file):
        offset = record.capture.offset
        if part.stop is not None and offset >= part.stop:
            break
        if offset < part.start or (part.logged_only and offset not in logged):
            continue
        if isinstance(record, reader.UnusableRecord) or 200 <= record.status < 300:
            yield record


def gather(lake: Lake, batch: Batch, source: Source, chunks: Sequence[Chunk]) -> dict[str, Any]:
    """Makes the staged rows of the batch of those of its chunks: in the captures' order, without the lines that recur
    in many articles of a site, with the counts of all.

    Raises:
        LakeError: a chunk was not extracted, or another one than that which was planned.
    """
    results = [lake.chunk_result(batch, chunk.number) for chunk in chunks]
    if missing := [c.number for c, r in zip(chunks, results, strict=True) if r is None or r["chunk"] != c.to_dict()]:
        raise LakeError(f"{batch.name}: chunks {', '.join(map(str, missing))} are not extracted: run extract for them")
    removed, disbelieved, skipped = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    selectors = Counter[step.SelectorKey]()
    for result in filter(None, results):
        removed.update(result["removed"])
        disbelieved.update(result["disbelieved"])
        skipped.update({(file, code): n for file, code, n in result["skipped"]})
        selectors.update({(rules, field, css): n for rules, field, css, n in result.get("selectors", ())})
    counts = {}
    for name in TABLES:
        parts = [lake.staged(batch, name, chunk.number) for chunk in chunks]
        if any(part is None for part in parts):
            raise LakeError(f"{batch.name}: a chunk has no {name}: run extract again")
        rows = pa.concat_tables([part for part in parts if part is not None])
        if name == "articles":
            rows, characters = _without_recurring_lines(rows, source)
            removed.update({"recurring": characters} if characters else {})
        counts[name] = lake.stage(batch, name, rows)
    lake.stage(batch, "removed", [Removed(rule=rule, characters=n) for rule, n in sorted(removed.items())])
    lake.stage(batch, "selectors", _selector_rows(source, selectors))
    lake.stage(
        batch,
        "skipped_by_extract",
        [Skipped(origin=file, reason=code, count=n) for (file, code), n in sorted(skipped.items())],
    )
    by_rule = {"removed_characters": removed, "rules_not_believed": disbelieved}
    return counts | {name: dict(sorted(counter.items())) for name, counter in by_rule.items()}


def _selector_rows(source: Source, counts: Counter[step.SelectorKey]) -> list[SelectorMatches]:
    """A row for each selector of the rules that pages were read with, those that matched nothing included."""
    layouts = {source.rules_name(layout): layout for layout in source.layouts}
    return [
        SelectorMatches(rules=name, field=field, selector=css, pages=pages, matched=counts[name, field, css])
        for name, layout in layouts.items()
        if (pages := counts[name, "", ""])
        for field, css in layout.places
    ]


def _without_recurring_lines(articles: pa.Table, source: Source) -> tuple[pa.Table, int]:
    """The articles without recurring lines, and the number of characters that were removed."""
    changed: dict[int, Article] = {}
    characters = 0
    columns = articles.select(_COLUMNS).combine_chunks()  # for each group rows are taken out of all of it
    for numbers in _groups(articles, source):
        rows = [recurring.ArticleLines(**row) for row in columns.take(pa.array(numbers)).to_pylist()]
        lines = recurring.find(rows)
        for number, row in zip(numbers, rows, strict=True) if lines else ():
            if taken := recurring.remove(row, lines):
                characters += sum(map(len, taken))
                (whole,) = articles.slice(number, 1).to_pylist()
                changed[number] = Article(**{**whole, "lead": row.lead, "text": row.text})
                step.finish(changed[number])
    return _replaced(articles, changed), characters


def _groups(articles: pa.Table, source: Source) -> list[list[int]]:
    """The numbers of the rows that belong together, those of one site; without groups in which no line can recur."""
    if recurring.is_one_group(source):
        return [list(range(articles.num_rows))]
    groups: dict[str | None, list[int]] = {}
    for number, site in enumerate(articles["site"].to_pylist()):
        groups.setdefault(site, []).append(number)
    return [numbers for numbers in groups.values() if len(numbers) >= recurring.LEAST]


def _replaced(articles: pa.Table, changed: dict[int, Article]) -> pa.Table:
    """The rows, some of them with another lead and text, and what follows from these."""
    for name in ("lead", "text", "word_count", "version_id") if changed else ():
        column = articles.schema.get_field_index(name)
        values = articles[name].to_pylist()
        for number, article in changed.items():
            values[number] = getattr(article, name)
        field = articles.schema.field(column)
        articles = articles.set_column(column, field, pa.array(values, field.type))
    return articles


def extract_batch(lake: Lake, batch: Batch, source: Source, *, generic: bool = False) -> dict[str, Any]:
    """Extracts every page of the batch's captures and stages articles, teasers, rejects and what was removed; returns
    the counts of :func:`gather`."""
    chunks = plan_chunks(lake, batch)
    for chunk in chunks:
        extract_chunk(lake, batch, source, chunk, generic=generic)
    return gather(lake, batch, source, chunks)
