"""The charset of a page that states none, by its language if it names one, and by the letters that the bytes make."""

from __future__ import annotations

_BY_LANGUAGE = {
    "ru": ("cp1251", "koi8_r"), "uk": ("cp1251", "koi8_u"), "bg": ("cp1251",), "be": ("cp1251",), "mk": ("cp1251",),
    "sr": ("cp1251",), "pl": ("iso8859_2", "cp1250"), "cs": ("cp1250", "iso8859_2"), "sk": ("cp1250", "iso8859_2"),
    "hu": ("cp1250", "iso8859_2"), "sl": ("cp1250", "iso8859_2"), "hr": ("cp1250", "iso8859_2"),
    "ro": ("cp1250", "iso8859_2"), "el": ("cp1253",), "tr": ("cp1254",), "he": ("cp1255",), "ar": ("cp1256",),
    "fa": ("cp1256",), "lt": ("cp1257",), "lv": ("cp1257",), "et": ("cp1257",), "vi": ("cp1258",), "th": ("cp874",),
    "ja": ("cp932", "euc_jp"), "zh": ("gb18030", "big5hkscs"), "ko": ("cp949",),
}  # fmt: skip
_OF_OTHER_SCRIPTS = ("cp932", "euc_jp", "cp949", "gb18030", "big5hkscs", "cp1251", "koi8_r")
_SAMPLE = 1 << 16
_MOST_HAN = frozenset(
    "的一是不了在有人我他這这個个們们中來来上大為为和國国地到以說说時时要就出會会可也你對对生能而子那得於于著着下自之年"
    "過过發发後后作里用道行所然家種种事成方多經经麼么去法學学如都同現现當当沒没動动面起看定天分還还進进好小部其些主樣样"
)
_MOST_CYRILLIC = frozenset("оеаинтсрвлі")
_HALF_WIDTH = range(0xFF61, 0xFFA0)


def by_language(body: bytes, language: str) -> str | None:
    """The charset in which pages of a language are, by its code of two letters; None if no one is usual.

    Of several the one whose letters are most plausible."""
    candidates = _BY_LANGUAGE.get(language, ())
    return max(candidates, key=lambda name: plausibility(body, name)) if candidates else None


def by_letters(body: bytes) -> str | None:
    """The charset of a page in Chinese, Japanese, Korean or Cyrillic letters; None for what is none of them."""
    high = _high(body)
    if len(high) * 5 < sum(map(body[:_SAMPLE].count, b"abcdefghijklmnopqrstuvwxyz")) or len(high) < 100:
        return None
    shares = {name: _share(body, name) for name in _OF_OTHER_SCRIPTS}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= 1 else None


def plausibility(body: bytes, name: str) -> float:
    """How plausible the letters of a text are in a charset, by those that are not ASCII: at most about 1."""
    letters = [letter for letter in body[:_SAMPLE].decode(name, "replace") if letter > "\x7f"]
    return sum(map(_weight, letters)) / max(1, len(letters))


def _weight(letter: str) -> float:
    if letter == "\ufffd":
        return -3
    if letter < "\xa0" or ord(letter) in _HALF_WIDTH:
        return -1
    return letter in _MOST_HAN or letter.islower() or "\u3040" <= letter <= "\u30ff" or "\uac00" <= letter <= "\ud7a3"


def _high(body: bytes) -> bytes:
    return body[:_SAMPLE].translate(None, bytes(range(128)))


def _share(body: bytes, name: str) -> float:
    """The share of those letters that nearly every text of the charset's language has many of, over their usual share:
    1 and more for a text of that language. 0 where many bytes mean nothing."""
    letters = [letter for letter in body[:_SAMPLE].decode(name, "replace") if letter > "\xa0"]
    if not letters or letters.count("\ufffd") * 50 > len(letters):
        return 0
    if name in ("cp932", "euc_jp"):
        return sum("\u3041" <= letter <= "\u3096" for letter in letters) / len(letters) / 0.2
    if name == "cp949":
        return sum("\uac00" <= letter <= "\ud7a3" for letter in letters) / len(letters) / 0.7
    usual, share = (_MOST_CYRILLIC, 0.4) if name in ("cp1251", "koi8_r") else (_MOST_HAN, 0.1)
    return sum(letter in usual for letter in letters) / len(letters) / share
