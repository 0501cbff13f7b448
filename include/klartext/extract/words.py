"""The words of ``words.yaml``, compiled."""

from __future__ import annotations

import dataclasses
import functools
import re
from pathlib import Path
from typing import Any

import yaml

_DATE = (
    r"(?:\d{1,2}\.\s?\d{1,2}\.\s?(?:\d{4}|\d{2})?|\d{1,2}\.\s?(?:jan|feb|mär|maer|apr|mai|jun|jul|aug|sep|okt|nov|dez)\w*"
    r"\.?(?:\s\d{4})?|\d{4}-\d{2}-\d{2})"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Lines:
    """The patterns of one rule; a line longer than ``longest`` characters is never one of them."""

    rule: str
    longest: int
    whole: re.Pattern[str] | None
    start: re.Pattern[str] | None
    anywhere: re.Pattern[str] | None

    def match(self, line: str) -> bool:
        return len(line) <= self.longest and bool(
            (self.whole and self.whole.fullmatch(line))
            or (self.start and self.start.match(line))
            or (self.anywhere and self.anywhere.search(line))
        )


@functools.cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
    return data


@functools.cache
def agencies() -> dict[str, str]:
    """Every writing of a wire service's name, lower-cased, and the name it goes by."""
    return {word: name for name, words in _data()["agencies"].items() for word in words}


@functools.cache
def lines() -> list[Lines]:
    """The rules on lines, in the file's order."""
    names = "|".join(sorted(map(re.escape, agencies()), key=len, reverse=True))

    def compiled(patterns: list[str] | None) -> re.Pattern[str] | None:
        if not patterns:
            return None
        filled = [p.replace("AGENCIES", f"(?:{names})").replace("DATE", _DATE) for p in patterns]
        return re.compile("|".join(f"(?:{p})" for p in filled), re.IGNORECASE)

    return [
        Lines(rule, part["longest"], *(compiled(part.get(where)) for where in ("whole", "start", "anywhere")))
        for rule, part in _data()["lines"].items()
    ]


@functools.cache
def hint_rules() -> dict[str, str]:
    """Every word that may name a box of noise, with the rule that it stands for."""
    return {str(word): rule for rule, words in _data()["hints"].items() for word in words}


def rule_of_line(line: str) -> str | None:
    """The first rule whose patterns say that a line is not the article's."""
    return next((part.rule for part in lines() if part.match(line)), None)
