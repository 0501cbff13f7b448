"""A text as tokens: numbers, words, marks; folded, so that one word list serves all writings."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<number>\d+)"
    # signs that stand for a unit right behind a number, but not where they begin a word
    r"|(?P<unit>(?:(?<=\d)|(?<=\d ))(?:[年月日号號点點秒년월일초]|時(?!間)|时(?!间)|시(?!간)|分(?![钟鐘間])|분))"
    r"|(?P<word>[^\W\d_]+)|(?P<mark>[^\w\s]|_)"
)
_ASCII_TOKEN = re.compile(r"(?P<number>\d+)|[A-Za-z]+|[^\sA-Za-z0-9]")
"""The same for ASCII, as most folded texts are; takes half the time."""
_ASCII_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ\t\n\r\f\v", "abcdefghijklmnopqrstuvwxyz     ")
_DASHES = str.maketrans(
    dict.fromkeys("‐‑‒–—―−⁃﹣－", "-")
    | {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "’": "'", "，": ",", "ی": "ي", "ک": "ك"}
)
_SPACES = re.compile(r"\s+")
_LOWER, _UPPER = "[a-zß-öø-ÿа-яё]", "[A-ZÀ-ÖØ-ÞА-ЯЁ]"
_RUN_TOGETHER = re.compile(f"(?<={_LOWER})(?={_UPPER})|(?<={_UPPER}{{2}})(?={_UPPER}{_LOWER})")


class Token(NamedTuple):
    """``number`` is a run of digits' value, else None; ``digits`` its length; ``glued`` means no space before."""

    text: str
    number: int | None
    digits: int
    glued: bool

    @property
    def is_word(self) -> bool:
        return self.number is None and self.text[0].isalpha()


@functools.lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case, without accents, decimal digits of every script as ASCII, one space for many."""
    if text.isascii():
        return _SPACES.sub(" ", text.translate(_ASCII_FOLD))
    text = unicodedata.normalize("NFKD", text.translate(_DASHES).casefold()).translate(_DASHES)
    kept = (c for c in text if unicodedata.category(c)[0] != "M" and unicodedata.category(c) != "Cf")
    plain = "".join(str(unicodedata.decimal(c, c)) for c in kept)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", plain)).replace("ı", "i")


def part_words(text: str) -> str:
    """A text with a space where a word begins with a capital letter right behind another: "HealthMay 2, 2024".

    Elements in one line that only a style sheet sets apart run together so.
    """
    return _RUN_TOGETHER.sub(" ", text)


def split(folded: str) -> list[Token]:
    """The tokens of a folded text. A run of digits that is too long for any part of a date has the number -1."""
    found = []
    end = 0
    for match in (_ASCII_TOKEN if folded.isascii() else _TOKEN).finditer(folded):
        text = match.group()
        begin = match.start()
        number, digits = None, 0
        if match.lastgroup == "number":
            digits = len(text)
            number = int(text) if digits <= 9 else -1
        found.append(Token(text, number, digits, begin == end and end > 0))
        end = begin + len(text)
    return found
