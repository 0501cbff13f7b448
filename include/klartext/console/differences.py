"""The differences between two texts, by words, for a reader."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

_WORDS = re.compile(r"\S+\s*")
_MOST_WORDS = 4_000
"""Words of a changed passage that are compared one by one: the comparison takes time with their square."""
_MOST_LINES = 5_000

Kind = Literal["same", "added", "removed"]


class Part(NamedTuple):
    """A piece of one text or of both."""

    kind: Kind
    text: str


def differences(before: str, after: str) -> list[Part]:
    """The text ``after`` with what was added to and removed from ``before``, in order; parts of one kind are merged."""
    merged: list[Part] = []
    for part in _by_lines(before.splitlines(keepends=True), after.splitlines(keepends=True)):
        if part.text and merged and merged[-1].kind == part.kind:
            merged[-1] = Part(part.kind, merged[-1].text + part.text)
        elif part.text:
            merged.append(part)
    return merged


def _by_lines(before: list[str], after: list[str]) -> Iterator[Part]:
    if len(before) > _MOST_LINES or len(after) > _MOST_LINES:
        yield from _whole(before, after)
        return
    for verb, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if verb == "equal":
            yield Part("same", "".join(after[c:d]))
        else:
            yield from _by_words("".join(before[a:b]), "".join(after[c:d]))


def _by_words(before: str, after: str) -> Iterator[Part]:
    old, new = _words(before), _words(after)
    if not old or not new or len(old) > _MOST_WORDS or len(new) > _MOST_WORDS:
        yield from _whole([before], [after])
        return
    before_keys, after_keys = ([word.strip() for word in words] for words in (old, new))
    for verb, a, b, c, d in difflib.SequenceMatcher(None, before_keys, after_keys, autojunk=False).get_opcodes():
        if verb == "equal":
            yield Part("same", "".join(new[c:d]))
        else:
            yield Part("removed", "".join(old[a:b]))
            yield Part("added", "".join(new[c:d]))


def _words(text: str) -> list[str]:
    """The words with the space behind each; the last one has one too, as another word may come behind it."""
    return [word if word[-1].isspace() else f"{word} " for word in _WORDS.findall(text)]


def _whole(before: list[str], after: list[str]) -> Iterator[Part]:
    yield Part("removed", "".join(before))
    yield Part("added", "".join(after))
