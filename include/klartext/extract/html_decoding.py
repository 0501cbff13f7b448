"""The bytes of an HTML page as text: which charset they are in, whatever is said of them.

Order: a byte order mark; what the bytes themselves show (whole UTF-8, UTF-16 without a mark, the escapes of seven-bit
charsets); the HTTP header; the page's own declaration, anywhere in its first 64 kB; the language of the page.
"""

from __future__ import annotations

import re

from w3lib.encoding import read_bom

from klartext.charsets import decode_mixed, is_nearly_utf8, looks_utf8, python_name, with_whole_characters
from klartext.extract.charset_guess import by_language, by_letters, plausibility
from klartext.http_body import Damaged, TooLarge, inflate

DECLARED_WITHIN = 64 * 1024
"""Bytes at the beginning of a page in which its declaration of a charset is looked for."""
_LARGEST = 64 * 1024 * 1024
_META = re.compile(
    rb"""<(?:meta|\?xml)\b([^<>]{0,1000}?)(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE
)
_TEXT_OF_META = re.compile(
    rb"""\b(?:name|property|itemprop)\s{0,9}=\s{0,9}["']?+(?!\s{0,9}(?:content-?type|charset))""", re.IGNORECASE
)
"""A meta element with a text, in which the word may stand, is no declaration."""
_LANGUAGE = re.compile(rb"""<html\b[^<>]{0,500}?\blang\s*=\s*["']?\s*([a-z]{2,3})""", re.IGNORECASE)
_ESCAPES = re.compile(rb"\x1b(?:\$[@B]|\([BJI]|\$\([A-D]|\$\)[A-H])")
_SEVEN_BIT = {"iso-2022-jp": "iso2022_jp_ext", "iso2022_jp": "iso2022_jp_ext", "csiso2022jp": "iso2022_jp_ext",
              "iso-2022-kr": "iso2022_kr", "hz-gb-2312": "hz", "hz": "hz"}  # fmt: skip
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_WESTERN = frozenset(("cp1252", "latin_1", "latin-1", "iso8859-1", "iso-8859-1", "ascii", "us-ascii"))
_DEFAULTS = _WESTERN | {"utf-8"}
"""What servers and templates state whatever the page is in."""
_C1 = {n: bytes([n]).decode("cp1252", "ignore") for n in range(0x80, 0xA0)}
"""Characters that no text has, as those that were meant: a page in windows-1252 read as Latin-1 on its way."""
_CONTROLS = dict.fromkeys([*range(0x20), 0x7F, 0xFFFE, 0xFFFF]) | {9: " ", 10: "\n", 12: "\n", 13: "\n"} | _C1
_C1_BYTES = re.compile(rb"[\x80-\x9f]")
_OF_WINDOWS = {"iso8859-2": "cp1250", "iso8859-4": "cp1257", "iso8859-6": "cp1256", "iso8859-7": "cp1253",
               "iso8859-8": "cp1255", "iso8859-13": "cp1257"}  # fmt: skip
_C1_REFERENCE = re.compile(r"&#(?:1(2[89]|[34]\d|5\d)|[xX]([89][0-9a-fA-F]));")
_ANY_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_MISREAD = re.compile("[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""The bytes of a character in UTF-8, each read as a character of Latin-1."""
_FEW_MISREAD = 3
_C1_LETTER = re.compile("[\x80-\x9f]")
_MISREAD_BYTES = re.compile(rb"\xc2[\x80-\x9f]")
"""What every page has of which some text was read so: a control above ASCII, in UTF-8."""
_LOW_CONTROLS = bytes([*range(9), 11, *range(14, 0x20), 0x7F])
_ODD_BYTES = re.compile(rb"\xef\xbf[\xbd-\xbf]")
"""U+FFFD to U+FFFF in UTF-8."""
_GZIP = b"\x1f\x8b\x08"
_WIDE_BEGIN = re.compile(rb"(?:\s\0){0,99}<\0[!?hH]\0()|(?:\0\s){0,99}\0<\0[!?hH]")
"""The begin of a page in UTF-16, whose text may have few zero bytes."""


def decode(body: bytes, content_type: str, notes: list[str] | None = None) -> str:
    """The payload as text without control characters.

    ``notes`` gets the stable codes ``body-still-gzipped``, ``charset-guessed`` (nothing that was stated fits the
    bytes), ``undecodable-characters`` (some became U+FFFD) and ``utf-8-read-as-latin-1`` (by the publisher; mended).
    """
    notes = notes if notes is not None else []
    return _cleaned(_decoded(_inflated(body, notes), content_type, notes), notes)


def utf8(body: bytes, content_type: str, notes: list[str]) -> bytes:
    """The payload as :func:`decode` reads it, in UTF-8."""
    return decode(body, content_type, notes).encode("utf-8", "replace")


def is_clean(body: bytes, content_type: str) -> bool:
    """True for a page that need not be decoded and cleaned before it is parsed, if it is whole UTF-8: that the parser
    finds out. Controls above ASCII are read where a text is cleaned: :func:`klartext.extract.clean_text.squeeze`."""
    # a search for each control, which takes a hundredth of a nanosecond a byte: quicker than one look at every byte
    if any(read_bom(body)) or any(map(body.__contains__, _LOW_CONTROLS)):
        return False  # also gzip, UTF-16, and the charsets of seven bits that have escapes, as their bytes are controls
    if _has_pair(body, b"\xef\xbf") and _ODD_BYTES.search(body):
        return False
    if _MISREAD_BYTES.search(body) and _is_misread(body.decode("utf-8", "replace")):
        return False
    return not _has_pair(body, b"~{") or _seven_bit(body, content_type) is None


def _has_pair(body: bytes, pair: bytes) -> bool:
    """True if two bytes stand side by side, of which the first is rare: it alone is found a hundred times as quickly.
    A page that is full of it is searched for both."""
    place = body.find(pair[0])
    for _ in range(100):
        if place < 0 or body.startswith(pair, place):
            return place >= 0
        place = body.find(pair[0], place + 1)
    return place >= 0 and body.find(pair, place) >= 0


def _cleaned(text: str, notes: list[str]) -> str:
    if "\ufffd" in text:
        notes.append("undecodable-characters")
    if "&#" in text:
        text = _C1_REFERENCE.sub(_replaced, text)
    if _ANY_CONTROL.search(text):
        if _is_misread(text):
            notes.append("utf-8-read-as-latin-1")
            text = _MISREAD.sub(_read_right, text)
        text = text.translate(_CONTROLS)
    return text


def _is_misread(text: str) -> bool:
    """True if some of the text is UTF-8 that was read as Latin-1 and written down so: its controls stand behind letters
    that have such a number of bytes to follow. Of a few the numbers must be longer than those of a letter and a quote.
    """
    found = [m.group() for m in _MISREAD.finditer(text) if _C1_LETTER.search(m.group()) and _read_right(m) != m.group()]
    if len(found) < _FEW_MISREAD and not any(len(sequence) > 2 for sequence in found):
        return False
    return 4 * len(_C1_LETTER.findall("".join(found))) >= 3 * len(_C1_LETTER.findall(text))


def _read_right(misread: re.Match[str]) -> str:
    try:
        return misread.group().encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return misread.group()


def _replaced(found: re.Match[str]) -> str:
    number = int(found[1]) + 100 if found[1] else int(found[2], 16)
    return _C1.get(number, "")


def _inflated(body: bytes, notes: list[str]) -> bytes:
    """The page itself, where its file is still gzipped: once by the publisher, once more by his server."""
    for _ in range(2):
        if body[:3] != _GZIP:
            break
        try:
            body = inflate(body, _LARGEST)
        except (Damaged, TooLarge):
            break
        notes.append("body-still-gzipped")
    return body


def _decoded(body: bytes, content_type: str, notes: list[str]) -> str:
    charset, mark = read_bom(body)
    if charset and mark:
        return body[len(mark) :].decode(charset, "replace")
    if (wide := _wide(body)) is not None:
        notes.append("charset-guessed")
        return body.decode(wide, "replace")
    header, page = python_name(_raw_label(content_type) or ""), _declared(body)
    seven = _seven_bit(body, content_type)
    if _ESCAPES.search(body[:DECLARED_WITHIN]) and body.isascii():
        try:
            return body.decode(seven or "iso2022_jp_ext")
        except UnicodeDecodeError:
            notes.append("undecodable-characters")
            return body.decode(seven or "iso2022_jp_ext", "replace")
    if seven == "hz" and b"~{" in body:
        return body.decode("hz", "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_utf8(body, header, page, error.start, notes)


def _not_utf8(body: bytes, header: str | None, page: str | None, broken_at: int, notes: list[str]) -> str:
    """Bytes that are not whole UTF-8: some other charset, or UTF-8 that is damaged."""
    # a server's default of Latin-1 says less than the page itself
    said = [header, page] if header not in _WESTERN else [page, header]
    if all(name is None or name in _DEFAULTS for name in said):  # neither means much where other letters are there
        said += [python_name(label) for label in _raw_declared_all(body)[1:9]]
    if is_nearly_utf8(body):
        said = ["utf-8"]
    elif all(name is None or name in _DEFAULTS for name in said) and (guess := by_letters(body)) is not None:
        notes.append("charset-guessed")
        return body.decode(guess, "replace")
    for name in dict.fromkeys(name for name in said if name and name != "utf-8"):
        if name in _WESTERN and looks_utf8(body):
            continue
        try:
            return body.decode(_with_letters(body, name))
        except (UnicodeDecodeError, LookupError):
            if (nearly := _nearly(body, name)) is not None:
                return nearly
    # cut off in the middle of a character, or with a few broken ones, it is still UTF-8
    if looks_utf8(body):
        text = with_whole_characters(body).decode("utf-8", "replace")
        broken = text.count("\ufffd")
        if broken_at > len(body) - 4 or broken <= _few(body):
            return text
        if broken * 5 < sum(letter > "\x7f" for letter in text):
            notes.append("charset-guessed")
            return decode_mixed(body)
    language = _LANGUAGE.search(body[:4096])
    guess = by_language(body, language[1].decode("ascii").lower()[:2]) if language else None
    guess = guess or (None if any(said) else by_letters(body))
    if guess is not None and (nearly := _nearly(body, guess)) is not None:
        notes.append("charset-guessed")
        return nearly
    if "utf-8" in said or not any(said):
        notes.append("charset-guessed")
    return body.decode("cp1252", "replace")


def _with_letters(body: bytes, name: str) -> str:
    """The charset of Windows in place of a similar one of ISO 8859, where the page has bytes that only that one has
    letters for."""
    windows = _OF_WINDOWS.get(name)
    if windows is None or not _C1_BYTES.search(body):
        return name
    return windows if plausibility(body, windows) > plausibility(body, name) else name


def _nearly(body: bytes, name: str) -> str | None:
    """The text in a charset of which a few characters at most are broken; else None."""
    try:
        text = body.decode(name, "replace")
    except LookupError:
        return None
    return text if text.count("\ufffd") <= _few(body) else None


def _few(body: bytes) -> int:
    """How many broken characters a damaged page may have: three, and one in fifty above ASCII."""
    return 3 + len(body.translate(None, bytes(range(128)))) // 100


def _wide(body: bytes) -> str | None:
    """UTF-16 without a byte order mark, by the zero bytes beside the letters of its tags; None if it is not."""
    head = body[:2048]
    if begin := _WIDE_BEGIN.match(head):
        return "utf-16-be" if begin[1] is None else "utf-16-le"
    if head.count(0) * 10 < len(head) or not (b"<\0" in head or b"\0<" in head):
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    return "utf-16-le" if odd > even * 4 else "utf-16-be" if even > odd * 4 else None


def _seven_bit(body: bytes, content_type: str) -> str | None:
    """The charset of seven bits that the header or the page names."""
    if found := _SEVEN_BIT.get(_raw_label(content_type) or ""):
        return found
    return _SEVEN_BIT.get(_raw_declared(body) or "")


def _raw_label(content_type: str) -> str | None:
    found = _CHARSET.search(content_type[:1000])
    return found[1].lower() if found else None


def _raw_declared(body: bytes) -> str | None:
    """The charset that the page names in a meta tag or XML declaration outside of comments and scripts."""
    return next(iter(_raw_declared_all(body)), None)


def _raw_declared_all(body: bytes) -> list[str]:
    """All that :func:`_raw_declared` may return, in their order."""
    head = _without(_without(body[:DECLARED_WITHIN], b"<!--", b"-->"), b"<script", b"</script")
    return [
        found[2].decode("ascii", "ignore").lower()
        for found in _META.finditer(head)
        if not _TEXT_OF_META.search(found[1])
    ]


def _declared(body: bytes) -> str | None:
    raw = _raw_declared(body)
    # a declaration that can be read as bytes is not in UTF-16, so the page is not either
    return "utf-8" if raw and raw.startswith("utf-16") else python_name(raw or "")


def _without(head: bytes, begin: bytes, end: bytes) -> bytes:
    """The bytes without what stands between two marks, which are in lower case."""
    parts, place, lower = [], 0, head.lower()
    while (start := lower.find(begin, place)) >= 0:
        parts.append(head[place:start])
        found = lower.find(end, start + len(begin))
        if found < 0:
            return b"".join(parts)
        place = found + len(end)
    return b"".join([*parts, head[place:]])
