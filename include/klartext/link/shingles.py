"""The shingles of articles: every run of five words as a hash of 64 bits, and the fingerprints that stand for them.

Winnowing keeps the smallest hash of each window of eight, so that of every common run of twelve words both texts keep a
common fingerprint (Schleimer, Wilkerson and Aiken: Winnowing, SIGMOD 2003).
"""

from __future__ import annotations

import functools
import hashlib
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klartext import model
from klartext.link import words

WINDOW = 8
"""Shingles of which winnowing keeps one."""

Hashes = npt.NDArray[np.int64]
"""Shingles."""
Numbers = npt.NDArray[np.int64]
"""Positions and counts."""

_FACTOR = 0x9E3779B97F4A7C15
_NONE = np.empty(0, np.int64)
VIEW_COLUMNS = ["article_id", "version_id", "site", "publisher", "agencies", "published_at", "published_precision",
                "first_fetched_at", "lead", "text"]  # fmt: skip
"""The columns of ``articles`` that shingles are made of."""


def of_text(text: str) -> tuple[Hashes, words.Words]:
    """The hash of each shingle of a text in order, and the text's words. A text with fewer words has no shingle."""
    found = words.split(text)
    return _hashes([_word_hash(word) for word in found.folded], found.size), found


def _hashes(word_hashes: list[int], size: int) -> Hashes:
    count = len(word_hashes) - size + 1
    if count < 1:
        return _NONE
    values = np.array(word_hashes, np.uint64)
    mixed = np.full(count, size, np.uint64)
    with np.errstate(over="ignore"):
        for place in range(size):
            mixed = mixed * np.uint64(_FACTOR) + values[place : place + count]
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # splitmix64 by Steele and others
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        mixed ^= mixed >> np.uint64(31)
    return mixed.view(np.int64)


@functools.lru_cache(maxsize=500_000)
def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def whole_text(lead: str | None, text: str | None) -> str:
    """What is compared of an article."""
    return f"{lead or ''}\n{text or ''}"


def make_rows(view: pa.Table, zone: ZoneInfo, former: pa.Table | None = None) -> pa.Table:
    """The rows of ``shingles`` for a month's articles.

    Args:
        view: the articles, with :data:`VIEW_COLUMNS`.
        zone: the publisher's time zone.
        former: rows made before; the shingles of a version that is among them are taken from there.
    """
    known = _known(former)
    made: list[tuple[Hashes, int, int, list[int]]] = []
    for version, lead, text in zip(*(view[name] for name in ("version_id", "lead", "text")), strict=True):
        found = known.get(version.as_py())
        if found is None:
            hashes, split = of_text(whole_text(lead.as_py(), text.as_py()))
            found = (hashes, len(split.folded), split.size, split.quoted)
        made.append(found)
    published, kinds, first = (
        view[name].to_pylist() for name in ("published_at", "published_precision", "first_fetched_at")
    )
    moments = [stated or fetched for stated, fetched in zip(published, first, strict=True)]
    exact = [stated is not None and kind in ("second", "minute") for stated, kind in zip(published, kinds, strict=True)]
    columns: dict[str, Any] = {
        "moment": moments,
        "day": [moment.astimezone(zone).date() for moment in moments],
        "to_the_minute": exact,
        "words": [count for _, count, _, _ in made],
        "size": [size for _, _, size, _ in made],
        "quoted": [quoted for _, _, _, quoted in made],
        "rules": [model.SHARED_TEXT_RULES] * view.num_rows,
    }
    schema = model.schema(model.Shingles)
    arrays = {name: pa.array(values, schema.field(name).type) for name, values in columns.items()}
    arrays["shingles"] = _lists([hashes for hashes, *_ in made]).cast(schema.field("shingles").type)
    return pa.table([arrays[f.name] if f.name in arrays else view[f.name].cast(f.type) for f in schema], schema)


def _lists(parts: list[Hashes]) -> pa.ListArray:
    offsets = np.cumsum([0, *map(len, parts)])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(np.concatenate([_NONE, *parts])))


def arrays_of_lists(column: pa.ChunkedArray) -> tuple[Hashes, Numbers]:
    """The values of a column of lists, one list after the other, and where each begins; the last number is their
    end."""
    lists = column.combine_chunks()
    if isinstance(lists, pa.ChunkedArray):  # without a chunk
        lists = pa.concat_arrays(lists.chunks) if lists.num_chunks else pa.array([], column.type)
    starts = lists.offsets.to_numpy().astype(np.int64)
    first = int(starts[0]) if len(starts) else 0
    return lists.values.to_numpy()[first : int(starts[-1]) if len(starts) else 0], starts - first


def _known(former: pa.Table | None) -> dict[str, tuple[Hashes, int, int, list[int]]]:
    """What rows of these rules have of each version."""
    if former is None or not former.num_rows:
        return {}
    values, starts = arrays_of_lists(former["shingles"])
    names = ("version_id", "rules", "words", "size", "quoted")
    rows = zip(*(former[name].to_pylist() for name in names), strict=True)
    return {
        version: (values[starts[number] : starts[number + 1]], count, size, quoted)
        for number, (version, rules, count, size, quoted) in enumerate(rows)
        if rules == model.SHARED_TEXT_RULES
    }


def fingerprints(hashes: Hashes, starts: Numbers) -> tuple[Hashes, Numbers]:
    """The fingerprints of several texts, each with the number of its text; of every text in order, some twice.

    Args:
        hashes: the shingles of all texts, one text after the other.
        starts: where each text begins; the last number is the length of ``hashes``.
    """
    counts = np.diff(starts)
    text_of = np.repeat(np.arange(len(counts)), counts)
    smallest = hashes.copy()
    for shift in range(1, min(WINDOW, int(counts.max(initial=0)))):
        same = text_of[:-shift] == text_of[shift:]
        np.minimum(smallest[:-shift], np.where(same, hashes[shift:], smallest[:-shift]), out=smallest[:-shift])
    place = np.arange(len(hashes)) - starts[text_of]
    whole = place <= np.maximum(counts[text_of] - WINDOW, 0)  # the window does not go beyond the text
    changed = np.ones(len(hashes), bool)
    changed[1:] = (smallest[1:] != smallest[:-1]) | (text_of[1:] != text_of[:-1])
    kept = whole & changed
    return smallest[kept], text_of[kept]
