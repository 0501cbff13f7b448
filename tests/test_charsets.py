"""Names of charsets, and UTF-8 with errors of a known kind."""

from __future__ import annotations

import codecs

import pytest

from klartext.charsets import decode_mixed, python_name, with_whole_characters


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("UTF-8", "utf-8"), (" 'utf8' ", "utf-8"), ("utf8mb4", "utf-8"), ("ISO-8859-1", "cp1252"),
        ("iso-88591", "cp1252"), ("windows1252", "cp1252"), ("cp-1252", "cp1252"), ("x-cp1251", "cp1251"),
        ("win-1251", "cp1251"), ("ANSI", "cp1252"), ("iso-8859-8-i", "iso8859-8"), ("x-mac-roman", "mac-roman"),
        ("x-euc-jp", "euc_jp"), ("x-sjis", "cp932"), ("x-gbk", "gb18030"), ("GB2312", "gb18030"), ("dos-866", "cp866"),
        ("ks_c_5601-1987", "cp949"), ("x-x-big5", "big5hkscs"), ("keine", None), ("", None), ("hex", None),
        ("punycode", None), ("idna", None), ("utf-7", None), ("utf-16", None), ("x" * 9000, None),
    ],
)  # fmt: skip
def test_labels_as_they_are_written(label: str, name: str | None) -> None:
    found = python_name(label)
    assert (found and codecs.lookup(found).name) == (name and codecs.lookup(name).name)


def test_halves_of_characters_are_put_together() -> None:
    emoji = "\U0001f600"
    halves = emoji.encode("utf-16-le")
    written = b"".join(
        halves[at : at + 2].decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass") for at in (0, 2)
    )
    assert with_whole_characters(b"a" + written + b"\xed\xa0\xbdb") == b"a" + emoji.encode() + b"\xed\xa0\xbdb"


def test_parts_in_two_charsets_are_both_read() -> None:
    assert decode_mixed("Grüße – ".encode() + "Köln “".encode("cp1252")) == "Grüße – Köln “"
