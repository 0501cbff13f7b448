"""All compiled regular expressions of the library, and strings that make those that backtrack do so."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import pkgutil
import re
import re._parser as sre  # type: ignore[import-not-found]
from collections.abc import Iterator
from typing import Any

import klartext
from klartext.extract import word_lists

_COMMON = (
    " ", "\t", "\n", "a", "A", "1", "0", "<", ">", '"', "'", "&", "%", "-", "/", ".", ",", ":", ";", "=", "(", "ü",
    "a ", "1.", "a-", "1 ", " a", "A. ", "<a", "a,", "\n ", '\\"',
)  # fmt: skip


LONGEST = 100_000
"""Characters of a text from outside, where nothing bounds it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Expression:
    """A pattern, how it is applied, and the longest text that it meets."""

    pattern: re.Pattern[Any]
    method: str = "search"
    longest: int = LONGEST

    def apply(self, text: str) -> None:
        subject: Any = text.encode() if isinstance(self.pattern.pattern, bytes) else text
        getattr(self.pattern, self.method)(subject)


def expressions() -> dict[str, Expression]:
    """Every expression that a module of klartext holds, by module, name and place in a collection."""
    found: dict[str, Expression] = {}
    seen: set[int] = set()
    for info in pkgutil.walk_packages(klartext.__path__, "klartext."):
        if info.name.rpartition(".")[2] == "__main__":
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if module is word_lists and hasattr(value, "cache_info"):  # compiled when they are asked for first
                with contextlib.suppress(TypeError):
                    value = value()
            for place, expression in _within(value, f"{info.name}.{name}", 3):
                if id(expression.pattern) not in seen:
                    seen.add(id(expression.pattern))
                    found[place] = expression
    return found


def _within(value: Any, place: str, depth: int) -> Iterator[tuple[str, Expression]]:
    if isinstance(value, re.Pattern):
        yield place, Expression(value)
    elif depth and isinstance(value, dict):
        for key, item in value.items():
            yield from _within(item, f"{place}[{key!r}]", depth - 1)
    elif depth and isinstance(value, list | tuple | set | frozenset):
        for number, item in enumerate(value):
            yield from _within(item, f"{place}[{number}]", depth - 1)
    elif isinstance(value, word_lists.Lines):
        for name, method in (("whole", "fullmatch"), ("start", "match"), ("anywhere", "search")):
            if pattern := getattr(value, name):
                yield f"{place}.{name}", Expression(pattern, method, value.longest)
    elif depth and dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _within(getattr(value, field.name, None), f"{place}.{field.name}", depth - 1)


def pumps(pattern: re.Pattern[Any]) -> list[str]:
    """Pieces that, repeated, may make a pattern try one place in many ways: its literals, a member of each of its sets,
    and usual characters."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    found: dict[str, None] = dict.fromkeys(_COMMON)
    _collect(sre.parse(text, pattern.flags & ~re.DEBUG), found)
    return [piece for piece in found if piece][:80]


_CATEGORIES = {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a", "CATEGORY_NOT_SPACE": "x",
               "CATEGORY_NOT_DIGIT": "x", "CATEGORY_NOT_WORD": "-"}  # fmt: skip


def _collect(parsed: Any, found: dict[str, None]) -> str:
    """Adds the pieces of a parsed pattern; returns a text that it may match."""
    sample = ""
    run = ""
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL":
            run += chr(argument)
            sample += chr(argument)
            continue
        if run:
            found[run] = None
        run = ""
        piece = ""
        if name == "NOT_LITERAL" or name == "ANY":
            piece = "x"
        elif name == "IN":
            piece = _member(argument)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            piece = _collect(argument[2], found)
        elif name == "SUBPATTERN":
            piece = _collect(argument[3], found)
        elif name == "ATOMIC_GROUP":
            piece = _collect(argument, found)
        elif name == "BRANCH":
            branches = [_collect(branch, found) for branch in argument[1]]
            piece = branches[0] if branches else ""
        elif name in ("ASSERT", "ASSERT_NOT"):
            _collect(argument[1], found)
        if piece:
            found[piece] = None
        sample += piece
    if run:
        found[run] = None
    if sample:
        found[sample] = None
    return sample


def _member(items: Any) -> str:
    for operation, argument in items:
        name = str(operation)
        if name == "NEGATE":
            return "x"
        if name == "LITERAL":
            return chr(argument)
        if name == "RANGE":
            return chr(argument[0])
        if name == "CATEGORY":
            return _CATEGORIES.get(str(argument), "x")
    return "x"
