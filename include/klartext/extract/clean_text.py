"""Cleaning and measuring of text, the same for every part of a page and every script."""

from __future__ import annotations

import re

_ODD = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    r"\ufff9-\ufffc]|(?<![\U0001f3f4\U000e0000-\U000e007f])[\U000e0000-\U000e007f]+"
)
"""Characters that a reader does not see: controls, soft hyphens, marks without width, tags. The joiners U+200C and
U+200D are not among them: Persian, Hindi and emoji are spelled with them; nor are the tags of a flag (U+1F3F4)."""
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
"""Chinese, Japanese and Korean: a character says as much as two or three letters."""
_UNSPACED = re.compile(
    r"[\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u1000-\u102a\u1780-\u17b3\u3040-\u30ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that put no space between words (and Korean, which is counted like them): Thai, Lao, Burmese,
Khmer, Chinese, Japanese. Thai vowel signs and tone marks belong to the letter before them and are not counted."""
_SPACED_BYTES = bytes([*range(0xE0), 0xE2])
"""Of the bytes of UTF-8 those that no letter of :data:`_DENSE` or :data:`_UNSPACED` begins with."""
FIELD_MARKS = "|¦│❘•·●⋅∙‧▪■◆"
"""What pages put between the fields of one line, as between a name and a date."""
_WORD = re.compile(r"\w+")
_MARKS = bytes(n for n in range(0x80) if not (chr(n).isalnum() or chr(n) == "_"))
"""Of ASCII what belongs to no word."""
_MARKS_TO_SPACES = bytes.maketrans(_MARKS, b" " * len(_MARKS))


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    if "\x80" <= character <= "\x9f":  # as browsers read such a reference: a character of Windows-1252
        read = character.encode("latin-1").decode("cp1252", "ignore")
        return read if read.isprintable() else ""
    return " " if character < " " or character in "\u2028\u2029" else ""


def squeeze(text: str) -> str:
    """Text with every run of white space as one space, and without characters that have no width."""
    if text.isprintable() and "  " not in text and "\ufffc" not in text:  # as most are: a space is all that may be off
        return text.strip(" ")
    if "\x85" not in text:  # which splits a text here, and is an ellipsis where a page's charset was mistaken
        plain = " ".join(text.split())
        if plain.isprintable() and "\ufffc" not in plain:
            return plain
    return " ".join(_ODD.sub(_visible, text).split())


def letters(text: str) -> str:
    """Letters and digits only, lower-cased: what two writings of one line share."""
    # bytes lose all these marks at once; what is left for the pattern, which is slow, are few lines with other marks
    bare = text.lower().encode("utf-8", "surrogatepass").translate(None, _MARKS).decode("utf-8", "surrogatepass")
    return bare if bare.isalnum() else "".join(_WORD.findall(bare))


def weight(text: str) -> int:
    """The length of a text in characters, where a Chinese, Japanese or Korean one counts as two and a half."""
    if _is_spaced(text):
        return len(text)
    return len(text) + 3 * len(_DENSE.findall(text)) // 2


def _is_spaced(text: str) -> bool:
    """True for a text without a letter of :data:`_DENSE` or :data:`_UNSPACED`, as nearly all with accents or quotation
    marks are: its bytes show that in a fifth of the time that the patterns take."""
    return text.isascii() or not text.encode("utf-8", "surrogatepass").translate(None, _SPACED_BYTES)


def count_words(text: str) -> int:
    """The number of words; in scripts without spaces between words every letter counts as one."""
    unspaced = 0 if _is_spaced(text) else len(_UNSPACED.findall(text))
    spaced = (_UNSPACED.sub(" ", text) if unspaced else text).encode("utf-8", "surrogatepass")
    parts = spaced.translate(_MARKS_TO_SPACES).decode("utf-8", "surrogatepass").split()
    others = [part for part in parts if not part.isalnum()]  # most are a word, which is quicker to see than to find
    return unspaced + len(parts) - len(others) + len(_WORD.findall(" ".join(others)))
