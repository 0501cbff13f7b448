"""Charsets of pages whose declarations are misleading."""

from __future__ import annotations

import pytest

from klartext.extract.clean_text import squeeze
from klartext.extract.html_decoding import decode
from klartext.extract.html_parsing import parse_html
from support import sample_pages

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


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("Nordkrogs â\x80\x9eneuerâ\x80\x9c Deich kostet 5 â\x82¬, GlÃ¼ck auf",
         "Nordkrogs „neuer“ Deich kostet 5 €, Glück auf"),
        ("WÅ\x82adza chce zbudowaÄ\x87 nowÄ\x85 groblÄ\x99", "Władza chce zbudować nową groblę"),
        ("Ð\x94Ð°Ð¼Ð±Ð° Ñ\x80Ð°Ñ\x81Ñ\x82Ñ\x91Ñ\x82", "Дамба растёт"),
        # characters of Windows-1252 behind a letter
        ("CAFÉ\x92S \x93alte\x94 Gäste", "CAFÉ’S “alte” Gäste"), ("Das Ä\x94, sagte er", "Das Ä”, sagte er"),
        ("Ein â am Ende: â\x80, Ã¼", "Ein â am Ende: â€, Ã¼"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("type", ["text/html", "text/html; charset=utf-8", "text/html; charset=iso-8859-1"])
def test_utf_8_that_a_publisher_read_as_latin_1(text: str, mended: str, type: str) -> None:
    page = f"<html><head><title>{text}</title></head><body><p>{text}</p></body></html>".encode()
    assert decode(page, type) == page.decode().replace(text, mended)
    notes: list[str] = []
    tree = parse_html(sample_pages.capture(page, type=type), notes)
    assert [squeeze(e.text or "") for e in tree.iter("title", "p")] == [mended, mended]
    assert ("utf-8-read-as-latin-1" in notes) == ("â\x80\x9e" in text or "Å\x82" in text or "Ð" in text)
