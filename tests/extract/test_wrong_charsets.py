"""Pages that state a charset which they are not in."""

from __future__ import annotations

import pytest

from klartext.extract.html_decoding import decode

TEXTS = {
    "gbk": "中国的新闻报道说我们在这里有很多的人，他们都是从别的地方来的。" * 9,
    "big5": "中國的新聞報導說我們在這裡有很多的人，他們都是從別的地方來的。" * 9,
    "cp932": "日本語の新聞の記事です。東京で火曜日に発表されたことについて書いています。" * 9,
    "euc_jp": "日本語の新聞の記事です。東京で火曜日に発表されたことについて書いています。" * 9,
    "cp949": "한국의 신문 기사입니다 정부는 화요일에 새로운 계획을 발표했다고 밝혔습니다 " * 9,
    "cp1251": "Президент объявил во вторник о новом законе, который вступит в силу осенью. " * 9,
}
WESTERN = "Le président a déclaré que l’année dernière, très différente, a été marquée par la sécheresse. " * 9


def page(text: str, head: str = "") -> str:
    return f"<html><head>{head}<title>x</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize("charset", ["utf-8", "ISO-8859-1", "windows-1252", "us-ascii"])
@pytest.mark.parametrize("name", TEXTS)
def test_a_default_of_the_server_is_not_believed_against_the_letters(name: str, charset: str) -> None:
    notes: list[str] = []
    text = decode(page(TEXTS[name]).encode(name), f"text/html; charset={charset}", notes)
    assert TEXTS[name] in text
    assert notes == ["charset-guessed"]


@pytest.mark.parametrize("charset", ["utf-8", "ISO-8859-1"])
def test_a_page_in_latin_letters_stays_what_it_is(charset: str) -> None:
    assert WESTERN in decode(page(WESTERN).encode("cp1252"), f"text/html; charset={charset}")


def test_the_second_declaration_counts_where_the_first_is_wrong() -> None:
    head = '<meta charset="utf-8"><meta charset="windows-1251">'
    text = "Во вторник о новом законе"
    assert text in decode(page(text, head).encode("cp1251"), "text/html")


@pytest.mark.parametrize("name", ["gbk", "cp932"])
def test_utf8_with_a_broken_byte_is_no_charset_of_asia(name: str) -> None:
    body = page(TEXTS[name], f'<meta charset="{name}">').encode().replace(b"</p>", b"\xff</p>")
    assert TEXTS[name] in decode(body, "text/html")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_may_have_few_zero_bytes(encoding: str) -> None:
    assert TEXTS["gbk"] * 5 in decode(page(TEXTS["gbk"] * 5).encode(encoding), "text/html")


def test_bytes_that_iso_8859_has_no_letters_for_are_of_windows() -> None:
    text = "Świętosławski mówił o żółtej jaźni w Łodzi"
    assert text in decode(page(text, '<meta charset="iso-8859-2">').encode("cp1250"), "text/html")
    assert text in decode(page(text, '<meta charset="iso-8859-2">').encode("iso8859-2"), "text/html")
