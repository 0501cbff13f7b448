"""The phrases of ``phrases.yaml``: what news pages in many languages say beside an article."""

from __future__ import annotations

import dataclasses
import functools
import re
from typing import Any

from klartext.extract.clean_text import letters
from klartext.package_data import read_yaml

_SIGNS = re.compile(r"\A(?:[^\w(©ⓒ]|[①-⑳]|\d{1,2}、)+")
"""Signs before the words of a line, and numbers as Chinese notices have them."""
_LABEL = re.compile(r"([^:：|>»›→=＝／–—]{2,40}?)\s?(?:[:：>»›→=＝／\]】」]|\s[–—-]\s)")
_ENDS_LABEL = re.compile(r"[:：|>»›→=＝／\]】」–—-]")
"""One of them is behind every :data:`_LABEL`."""
_LONGEST_LABEL = 43
"""Characters up to and with the one behind a label."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Phrases:
    """Each phrase with its rule and the length up to which a line is looked at. ``starts`` are grouped by their first
    two characters; by the first, where it alone is a phrase."""

    whole: dict[str, tuple[str, int]]
    labels: dict[str, tuple[str, int]]
    starts: dict[str, dict[str, tuple[str, int]]]
    longest: int


def _fold(text: str) -> str:
    for mark in "’‘ʼ`":  # four searches are quicker than a table for every character
        text = text.replace(mark, "'")
    return text.lower()


@functools.cache
def _phrases() -> _Phrases:
    data: dict[str, dict[str, Any]] = read_yaml(__file__, "phrases.yaml")
    found = _Phrases({}, {}, {}, max(part["longest"] for part in data.values()))
    for rule, part in data.items():
        outcome = (rule, part["longest"])
        for phrase in _of(part, "whole"):
            found.whole.setdefault(letters(phrase), outcome)
        for phrase in _of(part, "label"):
            found.labels.setdefault(_fold(phrase), outcome)
    starts = [(_fold(phrase), (rule, part["longest"])) for rule, part in data.items() for phrase in _of(part, "start")]
    single = {phrase for phrase, _ in starts if len(phrase) == 1}
    for phrase, outcome in starts:
        found.starts.setdefault(phrase[0] if phrase[0] in single else phrase[:2], {}).setdefault(phrase, outcome)
    return found


def _of(part: dict[str, Any], place: str) -> list[str]:
    return [phrase for phrases in part.get(place, {}).values() for phrase in phrases]


def rule_of_line(line: str, key: str | None = None) -> str | None:
    """The rule whose phrases say that a line is not the article's. ``key`` are the line's
    :func:`~klartext.extract.clean_text.letters`, where the caller has them."""
    known, size = _phrases(), len(line)
    if size > known.longest:
        return None
    outcome = known.whole.get(letters(line) if key is None else key)
    if outcome is None:
        folded = _SIGNS.sub("", _fold(line[:120]), count=1)
        label = _LABEL.match(folded) if _ENDS_LABEL.search(folded, 0, _LONGEST_LABEL) else None
        outcome = known.labels.get(label[1]) if label else None
        if outcome is None and (starts := known.starts.get(folded[:2]) or known.starts.get(folded[:1])):
            outcome = _start(folded, starts)
    return outcome[0] if outcome is not None and size <= outcome[1] else None


def _start(line: str, phrases: dict[str, tuple[str, int]]) -> tuple[str, int] | None:
    """What a line begins with. A phrase in a script with spaces ends with a word of the line."""
    for phrase, outcome in phrases.items():
        if line.startswith(phrase):
            behind, last = line[len(phrase) : len(phrase) + 1], phrase[-1]
            if not (behind.isalpha() and last.isalpha()) or last >= "\u0e00":
                return outcome
    return None
