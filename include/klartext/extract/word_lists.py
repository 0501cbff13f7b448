"""The words of ``word_lists.yaml``, compiled."""

from __future__ import annotations

import bisect
import dataclasses
import functools
import re
from typing import Any

import ahocorasick

from klartext.extract import phrases
from klartext.package_data import read_yaml

_DATE = (
    r"(?:\d{1,2}\.\s?\d{1,2}\.\s?(?:\d{4}|\d{2})?|\d{1,2}\.\s?(?:jan(?:uar)?|jänner|feb(?:ruar)?|märz?|maerz|mrz|apr(?:il)?|"
    r"mai|juni?|juli?|aug(?:ust)?|sept?(?:ember)?|okt(?:ober)?|nov(?:ember)?|dez(?:ember)?)\b\.?(?:\s\d{4})?|\d{4}-\d{2}-\d{2})"
)

_READER = re.compile(
    r"\b(?:Sie|Ihnen|Ihre[rnms]?|[Uu]ns|[Uu]nser\w*|[Ww]ir|[Dd]u|[Dd]ir|[Dd]ich|[Dd]eine?\w*|[Ee]uch|[Ee]ure?\w*|Ihr|"
    r"I|you|us|our|[Dd]ies\w{1,2} (?:Artikel|Text|Beitrag|Meldung|Inhalt)|[Rr]edaktion\w*)\b"
)
_MARKS = re.compile(r"[„“”»«\"]")
_STEPS = (0, 160, 360)
"""Lengths of lines above each of which fewer patterns are tried. More steps are more patterns to keep in the cache."""
_SAID = re.compile(r"\b(?:sagte|sagt|erklärte|betonte|teilte|meinte|hieß es)\b")


@dataclasses.dataclass(frozen=True, slots=True)
class Lines:
    """The patterns of one rule; a line longer than ``longest`` characters is never one of them."""

    rule: str
    longest: int
    needs: frozenset[str]
    to_reader: bool
    no_sentence: bool
    whole: re.Pattern[str] | None
    start: re.Pattern[str] | None
    anywhere: re.Pattern[str] | None

    def matches(self, line: str, held: set[str], begins: bool) -> bool:
        """Whether a line is one of them by its patterns. ``held`` are those letters that rules need and the line has;
        ``begins`` is whether the line may match ``whole`` or ``start``."""
        if begins:
            if self.whole and self.whole.fullmatch(line):
                return True
            if self.start and self.start.match(line) and not (self.no_sentence and _is_sentence(line)):
                return True
        if not self.anywhere or (self.needs and held.isdisjoint(self.needs)):
            return False
        return self._speaks(line) and self.anywhere.search(line) is not None

    def _speaks(self, line: str) -> bool:
        return not (self.to_reader and _is_sentence(line)) or bool(_READER.search(line) and not _quotes(line))


def _quotes(line: str) -> bool:
    """Whether a line says what somebody said; a title in quotation marks is no quote."""
    return bool(_SAID.search(line)) or any(len(part) >= 35 for part in _MARKS.split(line)[1::2])


def _is_sentence(line: str) -> bool:
    return len(line) > 60 and line.endswith((".", "!", "?", "“", '"'))


@functools.cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = read_yaml(__file__, "word_lists.yaml")
    return data


@functools.cache
def agencies() -> dict[str, str]:
    """Every writing of a wire service's name, lower-cased, and the name it goes by."""
    return {word: name for name, words in _data()["agencies"].items() for word in words}


@functools.cache
def no_names() -> frozenset[str]:
    """Words that no name of an author has, lower-cased: roles, sections, what else stands beside a byline."""
    return frozenset(_data()["no_names"])


@functools.cache
def towns() -> frozenset[str]:
    """Places of several words, lower-cased, which look like a person's name."""
    return frozenset(_data()["towns"])


def patterns(rule: str, *places: str) -> list[str]:
    """A rule's patterns, of some places or all, with what AGENCIES and DATE stand for filled in."""
    names = "|".join(sorted(map(re.escape, agencies()), key=len, reverse=True))
    listed = _data()["lines"][rule]
    found = [pattern for place in places or ("whole", "start", "anywhere") for pattern in listed.get(place, ())]
    return [p.replace("AGENCIES", f"(?:{names})").replace("DATE", _DATE) for p in found]


@functools.cache
def german() -> frozenset[str]:
    """Words of which a text in German, and in no other language, has seven and more in its first sentences."""
    return frozenset(_data()["german"])


@functools.cache
def lines() -> list[Lines]:
    """The rules on lines, in the file's order."""

    def compiled(rule: str, place: str) -> re.Pattern[str] | None:
        found = patterns(rule, place)
        return re.compile("|".join(f"(?:{p})" for p in found), re.IGNORECASE) if found else None

    return [
        Lines(
            rule, part["longest"], frozenset(part.get("needs", ())), part.get("to_reader", False),
            part.get("no_sentence", False), *(compiled(rule, place) for place in ("whole", "start", "anywhere")),
        )
        for rule, part in _data()["lines"].items()
    ]  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class _Rules:
    """The rules that a line of some length may match, with what shows quickly that it matches none of them.

    Attributes:
        parts: The rules, in the file's order.
        start: All their patterns for the whole or the start of a line in one, and those of a few other rules.
        is_free: True if one of them looks for patterns within the line and needs no letters.
    """

    parts: tuple[Lines, ...]
    start: re.Pattern[str]
    is_free: bool


@functools.cache
def _lengths() -> list[int]:
    """The lengths of the longest lines of the rules, ascending."""
    return sorted({part.longest for part in lines()})


@functools.cache
def _rules(longest: int) -> _Rules:
    """The rules for lines of a length of :func:`_lengths`."""
    parts = tuple(part for part in lines() if part.longest >= longest)
    start = _beginnings(max(step for step in _STEPS if step < longest))
    return _Rules(parts, start, any(part.anywhere and not part.needs for part in parts))


@functools.cache
def _needs() -> ahocorasick.Automaton:
    found = ahocorasick.Automaton()
    for need in sorted({need for part in lines() for need in part.needs}):
        found.add_word(need, need)
    found.make_automaton()
    return found


def needs_of(line: str) -> set[str]:
    """The letters that rules need and a line has, found in one pass; to look for each takes four times as long."""
    return {need for _, need in _needs().iter(line.lower())}


@functools.cache
def _beginnings(shortest: int) -> re.Pattern[str]:
    """All patterns for the whole or the start of a line that is longer, in one."""
    parts = [part for part in lines() if part.longest > shortest]
    found = [f"(?:{p})" for part in parts for p in patterns(part.rule, "whole", "start")]
    return re.compile("|".join(found) or r"(?!)", re.IGNORECASE)


@functools.cache
def hint_rules() -> dict[str, str]:
    """Every word that may name a box of noise, with the rule that it stands for."""
    return {str(word): rule for rule, words in _data()["hints"].items() for word in words}


@functools.lru_cache(maxsize=65536)
def rule_of_name(word: str) -> str | None:
    """The rule that a word of a class or id stands for, by itself or by a part that is compounded into it."""
    if rule := hint_rules().get(word):
        return rule
    parts = ((part, rule) for rule, some in _data()["hint_parts"].items() for part in some)
    return next((rule for part, rule in parts if part in word and len(word) > len(part)), None)


@functools.lru_cache(maxsize=65536)
def rules_of_names(words: frozenset[str]) -> tuple[str, ...]:
    """The rules that the words of a box's class and id stand for, in the alphabetical order of the words."""
    return tuple(rule for word in sorted(words) if (rule := rule_of_name(word)))


@functools.lru_cache(maxsize=64)  # several modules ask about the lines at the head of a text
def rule_of_line(line: str, key: str | None = None) -> str | None:
    """The first rule whose patterns or phrases say that a line is not the article's. ``key`` are the line's
    :func:`~klartext.extract.clean_text.letters`, where the caller has them."""
    lengths = _lengths()
    if len(line) <= lengths[-1]:
        rules = _rules(lengths[bisect.bisect_left(lengths, len(line))])
        begins = rules.start.match(line) is not None
        # to look for a few letters is far quicker than to try patterns at every place of the line
        held = needs_of(line)
        if begins or held or rules.is_free:
            for part in rules.parts:
                if part.matches(line, held, begins):
                    return part.rule
    return phrases.rule_of_line(line, key)
