"""The numbers of a report: articles by source and month, what they have, how long they are, what they share."""

from __future__ import annotations

import bisect
import collections
import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import numpy
import pyarrow as pa
import pyarrow.compute as pc

from klartext.lake import Lake
from klartext.lake.table_files import TableFile, list_table, read_file
from klartext.sources import OTHER

COLUMNS = ["article_id", "lead", "authors", "word_count"]
PAIR_COLUMNS = ["article_id", "other_id", "kind"]
WORD_LIMITS = [0, *(round(2 ** (n / 2)) for n in range(8, 27))]
"""Lower ends of the classes of length, in words: each is 1.4 times the one before. The last class has no upper end."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
QUANTILE_NAMES = ("p5", "p25", "median", "p75", "p95")


@dataclasses.dataclass(slots=True)
class SourceNumbers:
    """The articles of one source.

    Args:
        months: number of articles by month, ``YYYY-MM``.
        with_lead: number of articles with a lead.
        with_author: number of articles with an author.
        words: number of articles by number of words.
    """

    months: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    with_lead: int = 0
    with_author: int = 0
    words: collections.Counter[int] = dataclasses.field(default_factory=collections.Counter)

    @property
    def articles(self) -> int:
        """The number of articles."""
        return self.months.total()

    def quantiles(self) -> list[float]:
        """The numbers of words below which :data:`QUANTILES` of the articles are, interpolated linearly."""
        lengths = sorted(self.words)
        counts = [self.words[length] for length in lengths]
        return [float(value) for value in numpy.quantile(numpy.repeat(lengths, counts), QUANTILES)]

    def length_classes(self) -> list[int]:
        """The number of articles in each class of :data:`WORD_LIMITS`."""
        found = [0] * len(WORD_LIMITS)
        for length, count in self.words.items():
            found[bisect.bisect_right(WORD_LIMITS, length) - 1] += count
        return found

    def add(self, other: SourceNumbers) -> None:
        """Adds the articles of another source, or of another month."""
        self.months.update(other.months)
        self.with_lead += other.with_lead
        self.with_author += other.with_author
        self.words.update(other.words)


@dataclasses.dataclass(slots=True)
class Numbers:
    """The numbers of a lake.

    Args:
        sources: by name, the one with most articles first, then by name.
        pairs: number of pairs of articles that share text, by the names of their two sources, in the order of
            ``sources``, and by kind.
    """

    sources: dict[str, SourceNumbers]
    pairs: dict[tuple[str, str], collections.Counter[str]]

    @property
    def articles(self) -> int:
        """The number of articles."""
        return sum(each.articles for each in self.sources.values())

    def largest(self, limit: int) -> Numbers:
        """The same numbers with at most ``limit`` sources: the smallest ones are summed up, as ``12 more sources``."""
        names = list(self.sources)
        if len(names) <= limit:
            return self
        rest = f"{len(names) - limit + 1} more sources"
        shown = {name: name if n < limit - 1 else rest for n, name in enumerate(names)}
        sources = {name: self.sources[name] for name in names[: limit - 1]} | {rest: SourceNumbers()}
        for name in names[limit - 1 :]:
            sources[rest].add(self.sources[name])
        return Numbers(sources, _sorted_pairs(((shown[a], shown[b]), kinds) for (a, b), kinds in self.pairs.items()))


def collect(lake: Lake, may_read: Callable[[str], bool] = lambda source: True) -> Numbers:
    """Reads the numbers of a lake, or of some of its sources, from ``articles`` and ``shared_text``."""
    files = [file for file in list_table(lake, "articles") if file.source and may_read(file.source)]
    months = ((file, read_month(lake, file)) for file in files)
    pairs = (read_file(lake, file, PAIR_COLUMNS) for file in list_table(lake, "shared_text"))
    return add_up(months, pairs, may_read)


def read_month(lake: Lake, file: TableFile) -> SourceNumbers:
    """The numbers of a file of ``articles``."""
    return of_rows(file.partition, read_file(lake, file, COLUMNS))


def of_rows(month: str, rows: pa.Table) -> SourceNumbers:
    """The numbers of articles of a month; ``rows`` has at least :data:`COLUMNS`."""
    if not rows.num_rows:
        return SourceNumbers()
    return SourceNumbers(
        collections.Counter({month: rows.num_rows}),
        rows.num_rows - rows["lead"].null_count,
        pc.sum(pc.greater(pc.list_value_length(rows["authors"]), 0)).as_py() or 0,
        collections.Counter(rows["word_count"].to_pylist()),
    )


def add_up(
    months: Iterable[tuple[TableFile, SourceNumbers]], pairs: Iterable[pa.Table], may_read: Callable[[str], bool]
) -> Numbers:
    """The numbers of all files. A pair counts if both of its sources may be read."""
    found: dict[str, SourceNumbers] = {}
    for file, numbers in months:
        if numbers.articles:
            found.setdefault(file.source, SourceNumbers()).add(numbers)
    order = sorted(found, key=lambda name: (-found[name].articles, name))
    sources = {name: found[name] for name in order}
    return Numbers(sources, _sorted_pairs(_pairs_by_source(pairs, sources, may_read)))


def _pairs_by_source(
    tables: Iterable[pa.Table], sources: dict[str, Any], may_read: Callable[[str], bool]
) -> Iterable[tuple[tuple[str, str], collections.Counter[str]]]:
    ranks = {name: n for n, name in enumerate(sources)}
    for table in tables:
        for row in table.select(PAIR_COLUMNS).to_pylist():
            names = [_source_of(row[column], ranks) for column in ("article_id", "other_id")]
            if all(name in ranks and may_read(name) for name in names):
                first, second = sorted(names, key=ranks.__getitem__)
                yield (first, second), collections.Counter({row["kind"]: 1})


def _source_of(article_id: str, sources: dict[str, int]) -> str:
    """The source of an article: the part of its id before the colon, which is a site for those without a file."""
    prefix = article_id.partition(":")[0]
    return prefix if prefix in sources else OTHER.slug


def _sorted_pairs(
    pairs: Iterable[tuple[tuple[str, str], collections.Counter[str]]],
) -> dict[tuple[str, str], collections.Counter[str]]:
    found: dict[tuple[str, str], collections.Counter[str]] = {}
    for names, kinds in pairs:
        found.setdefault(names, collections.Counter()).update(kinds)
    return found
