"""Names of charsets as pages, headers and feeds write them, and UTF-8 with errors of a known kind.

Labels are read as browsers read them (WHATWG Encoding, section 4.2): Latin-1 is Windows-1252, GB2312 is GB18030.
"""

from __future__ import annotations

import codecs
import re

from w3lib.encoding import resolve_encoding

_LABELS = {
    "ansi": "cp1252", "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "logical": "iso8859-8",
    "visual": "iso8859-8", "x-mac-roman": "mac-roman", "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-ukrainian": "mac-cyrillic", "x-mac-ce": "mac-latin2", "x-x-big5": "big5", "x-windows-949": "cp949",
    "x-unicode20utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "utf8mb3": "utf-8", "utf8mb4": "utf-8",
}  # fmt: skip
_CODE_PAGE = re.compile(r"(?:x-)?(?:cp|win|windows|dos|ibm)[-_ ]?(\d{3,4})")
_ISO_8859 = re.compile(r"(?:x-)?iso[-_ ]?8859[-_ ]?(\d{1,2})")
_NO_CHARSETS = {
    "idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7", "mbcs", "oem", "charmap",
    "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be",
}  # fmt: skip
"""Encodings of Python that no document has: some fail, some take quadratic time, some give halves of surrogate pairs.
Those of 16 and 32 bits are recognised by their bytes; where such a name is stated in ASCII, it is wrong."""
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{1,3}")
_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")


def python_name(label: str) -> str | None:
    """Python's name of the charset that a label means; None for an unknown one, and for one that no document has."""
    label = label.strip(" \t\r\n\"'").lower()[:40]
    name = resolve_encoding(_LABELS.get(label, label))
    if name is None and (page := _CODE_PAGE.fullmatch(label)):
        name = resolve_encoding(f"cp{page[1]}")
    if name is None and (part := _ISO_8859.fullmatch(label)):
        name = resolve_encoding(f"iso8859-{part[1]}")
    name = name or resolve_encoding(label.removeprefix("x-"))
    if name is None:
        return None
    info = codecs.lookup(name)
    is_text = getattr(info, "_is_text_encoding", True)
    return None if not is_text or info.name.replace("_", "-").lower() in _NO_CHARSETS else name


def is_nearly_utf8(body: bytes) -> bool:
    """True if all but a few bytes above ASCII are in whole UTF-8 sequences: no other charset gives so many of them, but
    many a byte sequence of UTF-8 means something in those of Asia."""
    good, high = _utf8_counts(body)
    return high >= 100 and good * 50 > high * 49


def looks_utf8(body: bytes) -> bool:
    """True if most bytes above ASCII are in whole UTF-8 sequences."""
    good, high = _utf8_counts(body)
    return high > 0 and good * 2 > high


def _utf8_counts(body: bytes) -> tuple[int, int]:
    """The number of bytes above ASCII that are in whole UTF-8 sequences, and of all above ASCII."""
    return sum(map(len, _UTF8_SEQUENCE.findall(body))), len(body.translate(None, bytes(range(128))))


def with_whole_characters(body: bytes) -> bytes:
    """UTF-8 in which characters beyond U+FFFF are written as two halves of three bytes each (CESU-8), as some
    databases and Java programs do, as UTF-8."""
    return _PAIR.sub(_whole, body) if b"\xed" in body else body


def _whole(found: re.Match[bytes]) -> bytes:
    halves = found[0].decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    return halves.decode("utf-16-le").encode()


def decode_mixed(body: bytes) -> str:
    """UTF-8 in which some bytes are Windows-1252, as where a page is put together of parts in two charsets."""
    return with_whole_characters(body).decode("utf-8", "windows-1252-bytes")


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("windows-1252-bytes", _windows_1252)
