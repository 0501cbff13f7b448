"""The passages that an article shares with others, for people to read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from klartext import model, sources
from klartext.lake import Lake, linked_files, read_month
from klartext.lake.linked_files import SourceMonth
from klartext.link import boilerplate, shingles, words

_ARTICLE = ["article_id", "version_id", "title", "publisher", "site", "url", "published_at", "lead", "text"]


@dataclasses.dataclass(slots=True)
class SharedPassages:
    """What an article shares with another one.

    Attributes:
        pair: the row of ``shared_text``.
        other: columns of the other article; empty if it is not there any more.
        text: lead and text of the article in NFKC.
        spans: begin and end in ``text`` of each shared passage.
    """

    pair: dict[str, Any]
    other: dict[str, Any]
    text: str
    spans: list[tuple[int, int]]

    @property
    def share(self) -> float:
        """The shared words by those of the shorter article."""
        return float(max(self.pair["share_of_this"], self.pair["share_of_other"]))


def shared_passages(lake: Lake, article: dict[str, Any]) -> list[SharedPassages]:
    """The articles that share text with an article, given as a row of ``articles`` with ``source`` and ``month``; that
    with the largest share first."""
    month = article["month"]
    found = []
    for of_month in (month, linked_files.next_month(month)):
        for pair in _pairs(lake, of_month, article["article_id"]):
            is_this = pair["article_id"] == article["article_id"]
            other, place = _find(lake, pair["other_id"] if is_this else pair["article_id"], of_month)
            text = words.normalized(shingles.whole_text(article["lead"], article["text"]))
            spans = _spans(lake, of_month, article, other, place) if other else []
            found.append(SharedPassages(pair, other, text, spans))
    return sorted(found, key=lambda each: (-each.share, each.pair["article_id"], each.pair["other_id"]))


def _pairs(lake: Lake, month: str, article_id: str) -> list[dict[str, Any]]:
    rows = linked_files.read_month_of(lake, "shared_text", month)
    own = pc.or_(pc.equal(rows["article_id"], article_id), pc.equal(rows["other_id"], article_id))
    found: list[dict[str, Any]] = rows.filter(own).to_pylist()
    return found


def _find(lake: Lake, article_id: str, month: str) -> tuple[dict[str, Any], SourceMonth]:
    """An article of a month or of the month before; empty if it is not there."""
    for place in _places(article_id, month):
        view = read_month(lake, *place, _ARTICLE)
        if rows := view.filter(pc.equal(view["article_id"], article_id)).to_pylist():
            return rows[0], place
    return {}, SourceMonth("", month)


def _places(article_id: str, month: str) -> Iterator[SourceMonth]:
    for source in (article_id.partition(":")[0], sources.OTHER.slug):
        for each in (month, linked_files.month_before(month)):
            yield SourceMonth(source, each)


def _spans(
    lake: Lake, month: str, article: dict[str, Any], other: dict[str, Any], place: SourceMonth
) -> list[tuple[int, int]]:
    """The shared passages in the normalised text of an article."""
    text = words.normalized(shingles.whole_text(article["lead"], article["text"]))
    own, split = shingles.of_text(text)
    others, _ = shingles.of_text(shingles.whole_text(other["lead"], other["text"]))
    shared = np.isin(own, others)
    for owner in (SourceMonth(article["source"], article["month"]), place):
        site = article["site"] if owner is not place else other["site"]
        shared &= ~boilerplate.is_in(own, _boilerplate(lake, month, owner.source, site))
    covered = np.zeros(len(split.folded), bool)
    for start in np.flatnonzero(shared):
        covered[start : start + split.size] = True
    ends = np.flatnonzero(np.diff(np.concatenate([[False], covered, [False]]).astype(int)))
    spans = words.spans(text)
    return [(spans[first][0], spans[after - 1][1]) for first, after in zip(ends[::2], ends[1::2], strict=True)]


def _boilerplate(lake: Lake, month: str, source: str, site: str) -> shingles.Hashes:
    """The boilerplate of a publisher for a month of ``shared_text``."""
    parts = [model.schema(model.Shingles).empty_table()]
    for each in (linked_files.month_before(month), month):
        rows = linked_files.read_shingles(lake, SourceMonth(source, each))
        if rows is not None:
            parts.append(rows.filter(pc.equal(rows["site"], site)) if source == sources.OTHER.slug else rows)
    rows = pa.concat_tables(parts)
    hashes, starts = shingles.arrays_of_lists(rows["shingles"])
    return boilerplate.find(hashes, starts, rows["day"].cast(pa.int32()).to_numpy().astype(np.int64))
