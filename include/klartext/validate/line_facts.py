"""Figures about the lines of texts, column by column: lines that are repeated, and lines that are teasers."""

from __future__ import annotations

import collections
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from klartext import sources
from klartext.sources import Source

_LINE = 40
"""Characters from which a line that occurs twice counts as repeated."""
_CARD = 60
"""Characters from which a teaser's text is long enough to be recognised."""
_IRREGULAR = r"[\t\x0b\x0c\r\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]|  "
_AT_END = r"\n | \n|^ | $"


def fold_lines(texts: pa.Array) -> pa.ListArray:
    """The lines of each text in lower case, without differences of white space; none for null."""
    irregular = pc.match_substring_regex(texts, f"{_IRREGULAR}|{_AT_END}").fill_null(False)
    if pc.any(irregular).as_py():
        plain = [
            "\n".join(" ".join(line.split()) for line in t.splitlines()) for t in texts.filter(irregular).to_pylist()
        ]
        texts = pc.replace_with_mask(texts, irregular, pa.array(plain, pa.string()))
    return pc.split_pattern(pc.utf8_lower(texts).fill_null(""), "\n")


def fold_text(text: str | None) -> str:
    """One text as a line, as :func:`fold_lines` has it."""
    return " ".join((text or "").split()).lower()


def repeated_shares(lines: pa.ListArray) -> Any:
    """For each text the share of its characters in lines that occurred before. Only long lines count as repeated."""
    count = len(lines)
    parents, flat = pc.list_parent_indices(lines).to_numpy(), pc.list_flatten(lines)
    lengths = pc.utf8_length(flat).to_numpy(zero_copy_only=False).astype(np.int64)
    total = np.bincount(parents, lengths, count)
    is_long = lengths >= _LINE
    codes = flat.filter(pa.array(is_long)).dictionary_encode().indices.to_numpy(zero_copy_only=False)
    keys = parents[is_long].astype(np.int64) * (len(codes) + 1) + codes
    _, first = np.unique(keys, return_index=True)
    again = np.ones(len(keys), bool)
    again[first] = False
    repeated = np.bincount(parents[is_long][again], lengths[is_long][again], count)
    return np.divide(repeated, total, out=np.zeros(count), where=total > 0)


class TeaserTexts:
    """The texts of a batch's teasers, to find them in the texts of articles.

    A teaser on the article's own page must not be in its text at all. A teaser on another page of the site counts if it
    is a whole line of the text: within a line, two articles may have the same words. A teaser for the article itself
    does not count.
    """

    def __init__(self, teasers: pa.Table, source: Source) -> None:
        self._own: dict[str, set[str]] = collections.defaultdict(set)
        self._shown: dict[tuple[str, str], set[str | None]] = collections.defaultdict(set)
        if teasers.num_rows:
            long = pc.greater_equal(pc.utf8_length(teasers["text"]), _CARD).fill_null(False)
            cards = teasers.filter(pc.and_(long, pc.invert(teasers["is_self"].fill_null(False))))
            self._add(cards.select(["article_id", "text", "target_url"]).to_pylist(), source)
        self._lines = pa.array(sorted({line for _, line in self._shown}), pa.string())

    def _add(self, cards: list[dict[str, Any]], source: Source) -> None:
        for card in cards:
            text, url = fold_text(card["text"]), card["target_url"]
            if len(text) < _CARD:
                continue
            target = sources.page_source(source, url).article_id(url) if url else None
            if target != card["article_id"]:
                self._own[card["article_id"]].add(text)
            self._shown[_site(card["article_id"]), text].add(target)

    def count_in(self, ids: list[str], lines: pa.ListArray) -> Any:
        """The number of teasers in each article's text; ``lines`` are of :func:`fold_lines`."""
        found: dict[int, set[str]] = collections.defaultdict(set)
        if self._own:
            for number, article_id in enumerate(ids):
                if own := self._own.get(article_id):
                    whole = " ".join(lines[number].as_py())
                    found[number] |= {text for text in own if text in whole}
        if len(self._lines):
            flat = pc.list_flatten(lines)
            hits = np.flatnonzero(pc.is_in(flat, value_set=self._lines).to_numpy(zero_copy_only=False))
            for number, line in zip(
                pc.list_parent_indices(lines).to_numpy()[hits].tolist(),
                flat.take(pa.array(hits)).to_pylist(),
                strict=True,
            ):
                targets = self._shown.get((_site(ids[number]), line))
                if targets and ids[number] not in targets:
                    found[number].add(line)
        counts = np.zeros(len(ids))
        for number, texts in found.items():
            counts[number] = len(texts)
        return counts


def _site(article_id: str | None) -> str:
    return (article_id or "").partition(":")[0]
