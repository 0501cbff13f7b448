"""Charsets of pages whose declarations are misleading."""

from __future__ import annotations

import pytest

from klartext.extract.html_decoding import decode

GERMAN = "<p>Die Mühle in Überlingen – „schön“ für 5 €, sagte Jürgen Müßig auf der Straße</p>"


@pytest.mark.parametrize(
    "head",
    [
        '<meta charset="windows-1252">',
        '<meta name="description" content="Wie charset=koi8-r funktioniert"><meta charset="windows-1252">',
        '<script>var m = \'<meta charset="koi8-r">\';</script><meta charset="windows-1252">',
        '<meta name="Content-Type" content="text/html; charset=windows-1252">',
        '<meta httpequiv="ContentType" content="text/html; charset=x-cp1252">',
    ],
)
def test_what_only_looks_like_a_declaration_is_none(head: str) -> None:
    assert decode((head + GERMAN).encode("cp1252"), "text/html") == head + GERMAN


def test_a_few_characters_in_halves_do_not_turn_a_page_into_another_charset() -> None:
    body = GERMAN.encode().replace(b"5 ", b"5 \xed\xa0\xbd\xed\xb8\x80 ")
    assert decode(body, "text/html") == GERMAN.replace("5 ", "5 \U0001f600 ")


def test_a_page_of_parts_in_two_charsets_is_read_in_both() -> None:
    notes: list[str] = []
    assert decode((GERMAN * 5).encode() + GERMAN.encode("cp1252"), "text/html", notes) == GERMAN * 6
    assert notes == ["charset-guessed"]


def test_a_page_that_states_nothing_is_read_by_its_letters() -> None:
    text = "<p>川のほとりの古い水車は、屋根が漏れているため月曜日から修理されており、秋までに完成する予定です。</p>"
    assert decode((text * 3).encode("cp932"), "text/html") == text * 3
