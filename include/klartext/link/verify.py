"""What two articles share, computed exactly from all of their shingles."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import numpy.typing as npt

from klartext.link.shingles import Hashes, Numbers
from klartext.link.window import BLOCK, Window, expand

LEAST_WORDS, LEAST_SHARE = 30, 0.15
"""Words that a pair shares at least, and their share of the shorter article."""
LEAST_CHARACTERS = 72
"""In place of 30 words in scripts without spaces, where twelve characters stand for five words."""
_HIGH = 24
"""Bits of a hash that are not part of the key by which it is searched; all bits are compared afterwards."""


@dataclasses.dataclass(slots=True)
class Shared:
    """Of pairs of articles: words shared in each of both, how many of these are quoted, and the longest run.

    ``one`` and ``another`` are the numbers of the articles.
    """

    one: Numbers
    another: Numbers
    words: Numbers
    quoted_share: np.ndarray
    longest_run: Numbers


@dataclasses.dataclass(slots=True)
class _Covered:
    """Of each pair: words of the first article that are in the second too, those of them that are quoted, and the
    longest run."""

    words: Numbers
    quoted: Numbers
    longest_run: Numbers


def find(window: Window, one: Numbers, another: Numbers) -> Shared:
    """The pairs, given by the numbers of their articles, that share enough text."""
    index, quotes = _Index(window), _Quotes(window)
    least_words = np.where(window.sizes == 5, LEAST_WORDS, LEAST_CHARACTERS)
    least = np.maximum(least_words[one], LEAST_SHARE * np.minimum(window.words[one], window.words[another]))
    first = _covered(window, index, quotes, one, another)
    enough = first.words >= least
    one, another, least = one[enough], another[enough], least[enough]
    second = _covered(window, index, quotes, another, one)
    words = np.minimum(first.words[enough], second.words)
    quoted = np.maximum(first.quoted[enough] / first.words[enough], second.quoted / np.maximum(second.words, 1))
    longest = np.maximum(first.longest_run[enough], second.longest_run)
    enough = words >= least
    return Shared(one[enough], another[enough], words[enough], quoted[enough], longest[enough])


class _Index:
    """The shingles of each article that are no boilerplate, sorted by their hash: ``hashes``, with their ``places`` in
    the article; ``starts`` says where an article begins."""

    def __init__(self, window: Window) -> None:
        parts = [self._sorted(window, part) for part in window.blocks()]
        self.hashes = np.concatenate([np.empty(0, np.int64), *(part[0] for part in parts)])
        self.places = np.concatenate([np.empty(0, np.int32), *(part[1] for part in parts)])
        counts = np.concatenate([[0], *(window.counts(part) for part in window.blocks())])
        self.starts = np.cumsum(counts)

    def _sorted(self, window: Window, part: range) -> tuple[Hashes, npt.NDArray[np.int32]]:
        hashes, places = window.hashes_of(part), window.places_of(part).astype(np.int32)
        key = _key(np.repeat(np.arange(len(part)), window.counts(part)), hashes)
        order = np.argsort(key)
        key, hashes, places = key[order], hashes[order], places[order]
        equal = np.flatnonzero(key[1:] == key[:-1])
        if len(equal):  # an article has a shingle twice: its first place comes first
            again = np.union1d(equal, equal + 1)
            order = np.lexsort((places[again], hashes[again], key[again]))
            hashes[again], places[again] = hashes[again][order], places[again][order]
        return hashes, places


def _key(articles: Numbers, hashes: Hashes) -> np.ndarray:
    """Article and the high bits of a hash as one number."""
    return (articles.astype(np.uint64) << np.uint64(64 - _HIGH)) | (hashes.view(np.uint64) >> np.uint64(_HIGH))


def _covered(window: Window, index: _Index, quotes: _Quotes, one: Numbers, another: Numbers) -> _Covered:
    """What the articles ``one`` have of the articles ``another``."""
    found = _Covered(*(np.zeros(len(one), np.int64) for _ in range(3)))
    order = np.argsort(another, kind="stable")
    sizes = np.diff(index.starts)[one[order]]
    ends = np.cumsum(sizes)
    begin = 0
    while begin < len(order):
        before = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, before + BLOCK, side="right")))
        block = order[begin:end]
        _cover_block(window, index, quotes, one[block], another[block], block, found)
        begin = end
    return found


def _cover_block(
    window: Window,
    index: _Index,
    quotes: _Quotes,
    one: Numbers,
    another: Numbers,
    block: Numbers,
    found: _Covered,
) -> None:
    low, high = int(another[0]), int(another[-1]) + 1
    start, stop = int(index.starts[low]), int(index.starts[high])
    hashes, places = index.hashes[start:stop], index.places[start:stop]
    if not len(hashes):
        return
    articles = np.repeat(np.arange(high - low), np.diff(index.starts[low : high + 1]))
    keys = _key(articles, hashes)
    counts = np.diff(index.starts)[one]
    own = expand(index.starts[one], counts)
    pair = np.repeat(np.arange(len(one)), counts)
    wanted = index.hashes[own]
    wanted_keys = _key(np.repeat(another - low, counts), wanted)
    at = np.searchsorted(keys, wanted_keys)
    at[at == len(keys)] = len(keys) - 1
    for _ in range(2):  # another shingle of the article may have the same high bits
        beside = (keys[at] == wanted_keys) & (hashes[at] != wanted) & (at + 1 < len(keys))
        if not beside.any():
            break
        at[beside] += 1
    same = (keys[at] == wanted_keys) & (hashes[at] == wanted)
    pair, place, other_place = pair[same], index.places[own[same]].astype(np.int64), places[at[same]].astype(np.int64)
    order = np.argsort((pair << 32) | place)
    _measure(window, quotes, one, pair[order], place[order], other_place[order], block, found)


def _measure(
    window: Window,
    quotes: _Quotes,
    one: Numbers,
    pair: Numbers,
    place: Numbers,
    other_place: Numbers,
    block: Numbers,
    found: _Covered,
) -> None:
    """Counts words and runs, given the common shingles of each pair in the order of the first article."""
    if not len(pair):
        return
    size = window.sizes[one][pair]
    new_pair = pair[1:] != pair[:-1]
    covered = size.copy()
    covered[:-1] = np.where(new_pair, size[:-1], np.minimum(size[:-1], place[1:] - place[:-1]))
    first = np.flatnonzero(np.concatenate([[True], new_pair]))
    numbers = block[pair[first]]
    found.words[numbers] = np.add.reduceat(covered, first)
    begin = quotes.base[one[pair]] + place
    found.quoted[numbers] = np.add.reduceat(quotes.before(begin + covered) - quotes.before(begin), first)
    new_run = np.ones(len(pair), bool)
    new_run[1:] = new_pair | (place[1:] != place[:-1] + 1) | (other_place[1:] != other_place[:-1] + 1)
    begins = np.flatnonzero(new_run)
    lengths = np.diff(np.append(begins, len(pair))) + size[begins] - 1
    np.maximum.at(found.longest_run, block[pair[begins]], lengths)


class _Quotes:
    """The quoted words of all articles, whose words are numbered one article after the other from ``base``."""

    def __init__(self, window: Window) -> None:
        self.base = np.concatenate([[0], np.cumsum(window.words)])
        quoted = window.rows["quoted"]
        base = np.repeat(self.base[:-1], [len(ends) for ends in quoted])
        marks = np.fromiter(itertools.chain.from_iterable(quoted), np.int64, len(base)) + base
        self._ends = np.concatenate([[0], marks])
        self._inside = np.arange(len(self._ends)) % 2  # after an odd number of marks a quotation is open
        self._sums = np.concatenate([[0], np.cumsum(np.diff(self._ends) * self._inside[:-1])])

    def before(self, words: Numbers) -> Numbers:
        """The number of quoted words before each word."""
        at = np.searchsorted(self._ends, words, side="right") - 1
        found: Numbers = self._sums[at] + (words - self._ends[at]) * self._inside[at]
        return found
