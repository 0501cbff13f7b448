"""The articles that are compared for one month of ``shared_text``: those of the month and of the month before."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from klartext import sources
from klartext.link import boilerplate
from klartext.link.shingles import Hashes, Numbers, arrays_of_lists, fingerprints

BLOCK = 2_000_000
"""Shingles of which copies are in memory at once."""
_COLUMNS = ("article_id", "version_id", "publisher", "agencies", "quoted")


@dataclasses.dataclass
class Window:
    """Articles with numbers from 0: those of the month before, and from ``first`` on those of the month.

    Attributes:
        rows: their columns as lists: ``article_id``, ``version_id``, ``publisher``, ``agencies``, ``quoted``, and
            ``owner``, the source, in ``other`` the site.
        moments: times of publication, in microseconds since 1970.
        to_the_minute: whether these are known to the minute.
        words: numbers of words.
        sizes: words of a shingle.
        hashes: the shingles of all articles, one article after the other.
        starts: where each article begins; the last number is the length of ``hashes``.
        counted: false for shingles that are boilerplate.
    """

    first: int
    rows: dict[str, list[Any]]
    moments: Numbers
    to_the_minute: np.ndarray
    words: Numbers
    sizes: Numbers
    hashes: Hashes
    starts: Numbers
    counted: np.ndarray

    def fingerprints(self) -> tuple[Hashes, Numbers, Numbers]:
        """The fingerprints without boilerplate, each once for an article: hash and article; and their number by
        article."""
        hashes, articles = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for part in self.blocks():
            counts = self.counts(part)
            found, article_of = fingerprints(self.hashes_of(part), np.concatenate([[0], np.cumsum(counts)]))
            pair = found ^ (article_of * np.int64(-0x61C8864680B583EB))  # one number for both
            _, once = np.unique(pair, return_index=True)
            once.sort()
            hashes.append(found[once])
            articles.append(article_of[once] + part.start)
        numbers = np.concatenate(articles)
        return np.concatenate(hashes), numbers, np.bincount(numbers, minlength=len(self.words))

    def blocks(self) -> Iterator[range]:
        """The articles in groups of not too many shingles."""
        begin, count = 0, len(self.words)
        while begin < count:
            end = int(np.searchsorted(self.starts, self.starts[begin] + BLOCK, side="right")) - 1
            end = min(max(begin + 1, end), count)
            yield range(begin, end)
            begin = end

    def counts(self, part: range) -> Numbers:
        """The number of shingles of some articles, without boilerplate."""
        article_of = np.repeat(np.arange(len(part)), np.diff(self.starts[part.start : part.stop + 1]))
        found: Numbers = np.bincount(article_of[self.counted[self._places(part)]], minlength=len(part))
        return found

    def hashes_of(self, part: range) -> Hashes:
        """The shingles of some articles, without boilerplate."""
        places = self._places(part)
        found: Hashes = self.hashes[places][self.counted[places]]
        return found

    def places_of(self, part: range) -> Numbers:
        """The place in its article of each of :meth:`hashes_of`."""
        places = self._places(part)
        first = np.repeat(self.starts[part.start : part.stop], np.diff(self.starts[part.start : part.stop + 1]))
        found: Numbers = (np.arange(places.start, places.stop) - first)[self.counted[places]]
        return found

    def _places(self, part: range) -> slice:
        return slice(int(self.starts[part.start]), int(self.starts[part.stop]))


def load(by_source: Iterable[tuple[str, pa.Table, pa.Table]]) -> Window:
    """The window of some sources, given each with its rows of ``shingles`` of the month before and of the month."""
    before, during = [], []
    for source, former, rows in by_source:
        former_part, part = _part(source, former), _part(source, rows)
        _mark_boilerplate(former_part, part)
        before.append(former_part)
        during.append(part)
    parts = [*before, *during]
    columns = [*_COLUMNS, "owner"]

    def joined(name: str, kind: Any) -> Any:
        return np.concatenate([np.empty(0, kind), *(part.arrays.pop(name) for part in parts)])

    counts = joined("counts", np.int64)
    return Window(
        first=sum(len(part.rows["owner"]) for part in before),
        rows={name: [value for part in parts for value in part.rows[name]] for name in columns},
        moments=joined("moments", np.int64),
        to_the_minute=joined("to_the_minute", bool),
        words=joined("words", np.int64),
        sizes=joined("sizes", np.int64),
        hashes=joined("hashes", np.int64),
        starts=np.concatenate([[0], np.cumsum(counts)]),
        counted=joined("counted", bool),
    )


@dataclasses.dataclass
class _Part:
    """A month of a source: its columns as lists, and as arrays."""

    rows: dict[str, list[Any]]
    arrays: dict[str, Any]


def _part(source: str, table: pa.Table) -> _Part:
    rows = {name: table[name].to_pylist() for name in _COLUMNS}
    is_other = source == sources.OTHER.slug
    rows["owner"] = [f"{source} {site}" for site in table["site"].to_pylist()] if is_other else [source] * len(table)
    hashes, starts = arrays_of_lists(table["shingles"])
    return _Part(
        rows,
        {
            "moments": table["moment"].cast(pa.int64()).to_numpy(),
            "days": table["day"].cast(pa.int32()).to_numpy().astype(np.int64),
            "to_the_minute": table["to_the_minute"].to_numpy(zero_copy_only=False).astype(bool),
            "words": table["words"].to_numpy(),
            "sizes": table["size"].to_numpy(),
            "hashes": hashes,
            "counts": np.diff(starts),
        },
    )


def _mark_boilerplate(former: _Part, part: _Part) -> None:
    """Adds to two months of a source which shingles count, because they are no boilerplate."""
    owners = [*former.rows["owner"], *part.rows["owner"]]
    counts, days, hashes = (
        np.concatenate([former.arrays[name], part.arrays[name]]) for name in ("counts", "days", "hashes")
    )
    starts = np.concatenate([[0], np.cumsum(counts)])
    counted = np.ones(len(hashes), bool)
    if len(set(owners)) == 1:
        counted = ~boilerplate.is_in(hashes, boilerplate.find(hashes, starts, days))
    elif owners:
        _, owner = np.unique(owners, return_inverse=True)
        order = np.argsort(owner, kind="stable")
        ends = np.flatnonzero(np.diff(owner[order])) + 1
        for group in np.split(order, ends):
            if len(group) < boilerplate.ARTICLES:
                continue
            place = expand(starts[group], counts[group])
            own, own_starts = hashes[place], np.concatenate([[0], np.cumsum(counts[group])])
            counted[place] = ~boilerplate.is_in(own, boilerplate.find(own, own_starts, days[group]))
    cut = int(former.arrays["counts"].sum())
    former.arrays["counted"], part.arrays["counted"] = counted[:cut], counted[cut:]


def expand(starts: Numbers, counts: Numbers) -> Numbers:
    """The numbers from each start on, as many as its count, one after the other."""
    ends = np.cumsum(counts)
    return np.repeat(starts - ends + counts, counts) + np.arange(int(ends[-1]) if len(ends) else 0)
