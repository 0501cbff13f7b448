"""The words of a text, folded so that two writings of a passage are equal, with their positions.

Folding: NFKC, lower case (``ß`` is ``ss``), no accents and no characters without width. In scripts without spaces
between words (Chinese, Japanese, Thai and others, and Korean, whose spaces are optional) every character is a word.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import sys
import unicodedata

_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3041-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_ANY_UNSPACED = re.compile(f"[{_UNSPACED}]")
_INVISIBLE = "\u00ad\u0640\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
"""Characters without width, and the stroke by which Arabic stretches a word."""

_CLOSING = {"„": '“”"', "“": '”"', "”": "”", "»": "«»", "«": "»", '"': '"', "「": "」", "『": "』"}
"""By the quotation mark that opens, those that close: „German“, “English”, ”Swedish”, »books«, «French»."""
_QUOTES = "".join({*_CLOSING, *"".join(_CLOSING.values())})

WORD_SHINGLE, CHARACTER_SHINGLE = 5, 12
"""Words of a shingle; in texts that are mostly of scripts without spaces, characters."""

_MOST_FOLDED = 1_000_000
"""Words whose folded form is remembered."""


@dataclasses.dataclass(slots=True)
class Words:
    """The words of a text.

    Attributes:
        folded: the words, folded.
        quoted: positions of words where quotation marks open and close, alternately; the last is not part of the quote.
        size: words of a shingle in this text.
    """

    folded: list[str]
    quoted: list[int]
    size: int


def split(text: str) -> Words:
    """The words of a text. A quotation ends at the latest with its line."""
    text = normalized(text)
    pattern = _pattern(bool(_ANY_UNSPACED.search(text)))
    found: list[str] = []
    quoted: list[int] = []
    closing = ""
    for token in pattern.findall(text):
        if token in _QUOTES or token == "\n":
            if closing:
                if token in closing or token == "\n":
                    closing = ""
                    quoted.append(len(found))
            elif token in _CLOSING:
                closing = _CLOSING[token]
                quoted.append(len(found))
        elif word := fold(token):
            found.append(word)
    if closing:
        quoted.append(len(found))
    return Words(found, _without_empty(quoted), shingle_size(found))


def spans(text: str) -> list[tuple[int, int]]:
    """Begin and end of each word of :func:`split` in the :func:`normalized` text."""
    pattern = _pattern(bool(_ANY_UNSPACED.search(text)))
    return [
        found.span()
        for found in pattern.finditer(text)
        if found[0] not in _QUOTES and found[0] != "\n" and fold(found[0])
    ]


def normalized(text: str) -> str:
    """The text in NFKC, in which the positions of :func:`spans` count."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def shingle_size(words: list[str]) -> int:
    """The number of words of a shingle: larger if most of them are single characters of scripts without spaces."""
    unspaced = sum(map(bool, map(_ANY_UNSPACED.match, words))) if not all(map(str.isascii, words)) else 0
    return CHARACTER_SHINGLE if 2 * unspaced > len(words) else WORD_SHINGLE


def fold(word: str) -> str:
    """A word of a normalised text in the form in which words are compared; may be empty."""
    return word.lower().replace("_", "") if word.isascii() else _fold_other(word)


@functools.lru_cache(maxsize=_MOST_FOLDED)
def _fold_other(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.casefold())
    kept = "".join(char for char in plain if not _is_dropped(char))
    return unicodedata.normalize("NFC", kept)


def _is_dropped(char: str) -> bool:
    kind = unicodedata.category(char)
    is_vowel = "\u0900" <= char < "\u1ab0"  # or a tone, in India and south-east Asia
    return kind == "Cf" or (kind == "Mn" and not is_vowel) or char in "_\u0640"


def _without_empty(ends: list[int]) -> list[int]:
    """The quotations that have a word."""
    pairs = zip(ends[::2], ends[1::2], strict=True)
    return [end for start, stop in pairs if stop > start for end in (start, stop)]


@functools.cache
def _pattern(unspaced: bool) -> re.Pattern[str]:
    """Matches a word, a quotation mark or the end of a line."""
    word = rf"[\w{_INVISIBLE}{_marks()}]"
    if unspaced:
        return re.compile(rf"\n|[{_QUOTES}]|[{_UNSPACED}][{_INVISIBLE}{_marks()}]*|(?:(?![{_UNSPACED}]){word})+")
    return re.compile(rf"\n|[{_QUOTES}]|{word}+")


@functools.cache
def _marks() -> str:
    """All combining marks as ranges of a character class: accents, and vowel signs of Indian scripts."""
    ranges: list[list[int]] = []
    for code in range(0x300, min(0x1F000, sys.maxunicode)):
        if unicodedata.category(chr(code)) in ("Mn", "Mc"):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
