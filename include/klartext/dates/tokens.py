"""A text as tokens: numbers, words, marks; folded, so that one word list serves all writings."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import NamedTuple

_VOWELS = frozenset(
    chr(code)
    for code in (*range(0x0900, 0x0E00), *range(0x1000, 0x10A0), *range(0x1780, 0x1800))
    if unicodedata.category(chr(code))[0] == "M" and "NUKTA" not in unicodedata.name(chr(code))
)
"""Signs of the scripts of India, Sri Lanka, Myanmar and Cambodia, by which June differs from January."""
_TOKEN = re.compile(
    r"(?P<number>\d+)"
    # signs that stand for a unit right behind a number, but not where they begin a word
    r"|(?P<unit>(?:(?<=\d)|(?<=\d ))(?:[年月日号號点點秒년월일초]|時(?!間)|时(?!间)|시(?!간)|分(?![钟鐘間])|분))"
    rf"|(?P<word>[^\W\d_]+(?:[{''.join(sorted(_VOWELS))}]+[^\W\d_]*)*)|(?P<mark>[^\w\s]|_)"
)
_ASCII_TOKEN = re.compile(r"(?P<number>\d+)|[A-Za-z]+|[^\sA-Za-z0-9]")
"""The same for ASCII, as most folded texts are; takes half the time."""
_ASCII_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ\t\n\r\f\v", "abcdefghijklmnopqrstuvwxyz     ")
_SIMPLER: dict[int, str] = str.maketrans(
    dict.fromkeys("‐‑‒–—―−⁃﹣－", "-")
    | {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "’": "'", "，": ",", "ی": "ي", "ک": "ك", "॰": ".", "׳": "."}
)
_DIGITS = "〇一二三四五六七八九"
_CHINESE = re.compile(
    rf"[{_DIGITS[1:]}]?十[{_DIGITS[1:]}]?(?=[月日])|[○零{_DIGITS}]{{4}}(?=年)|[{_DIGITS[1:]}](?=[月日])"
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
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_BARE)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", plain)).replace("ı", "i")


class _Bare(dict[int, str | None]):
    """What :func:`fold` makes of a character, found out once: nothing of an accent and of a sign that is not shown."""

    def __missing__(self, code: int) -> str | None:
        sign = _SIMPLER.get(code, chr(code))
        kind = unicodedata.category(sign)
        is_kept = (kind[0] != "M" and kind != "Cf") or sign in _VOWELS
        self[code] = str(unicodedata.decimal(sign, sign)) if is_kept else None
        return self[code]


_BARE = _Bare()


def with_digits(folded: str) -> str:
    """A folded text with the numbers of Chinese dates in digits: 二〇二四年五月十六日 as 2024年5月16日."""
    return _CHINESE.sub(_in_digits, folded) if "年" in folded else folded


def _in_digits(found: re.Match[str]) -> str:
    tens, ten, ones = found[0].rpartition("十")
    if ten:
        return f"{_DIGITS.find(tens) if tens else 1}{_DIGITS.find(ones) if ones else 0}"
    return "".join(str(_DIGITS.find(sign)) for sign in ones.replace("○", "〇").replace("零", "〇"))


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
        text = match[0]
        begin = match.start()
        glued = begin == end and end > 0
        end = begin + len(text)
        if match.lastgroup == "number":
            digits = len(text)
            found.append(Token(text, int(text) if digits <= 9 else -1, digits, glued))
        else:
            found.append(Token(text, None, 0, glued))
    return found
