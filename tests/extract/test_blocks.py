from __future__ import annotations

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.extract.blocks import blocks, hint_words, letters, squeeze


def texts(html: str) -> list[str]:
    return [block.text for block in blocks(lxml.html.document_fromstring(html))]


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("<p>Die EU-<b>Kommission</b>Verfahren</p>", ["Die EU-KommissionVerfahren"]),
        ("<p>Die <a href='/k'>Kommission</a> prüft</p>", ["Die Kommission prüft"]),
        ("<p>Die<em> Kommission</em> prüft</p>", ["Die Kommission prüft"]),
        ("<p>Die <em>Kommission </em>prüft</p>", ["Die Kommission prüft"]),
        ("<p>Die\n\t <i>Kommission</i>\n prüft</p>", ["Die Kommission prüft"]),
        ("<p><span>N</span>a endlich</p>", ["Na endlich"]),
        ("<p><span class='initial'>N</span> a endlich</p>", ["Na endlich"]),
        ("<p>A priori galt das</p>", ["A priori galt das"]),
        ("<p>Ver\xadkehrs\xadminister</p>", ["Verkehrsminister"]),
        ("<p>Ver&shy;kehrs&shy;<b>mi&shy;nister</b></p>", ["Verkehrsminister"]),
        ("<p>H<sub>2</sub>O und m<sup>2</sup></p>", ["H2O und m2"]),
        ("<p>Donau<wbr>dampf<wbr>schiff</p>", ["Donaudampfschiff"]),
        ("<p>10&nbsp;000&#8239;Euro</p>", ["10 000 Euro"]),
        ("<p>Eins<br>zwei</p>", ["Eins zwei"]),
        ("<p>Eins<br><br>zwei</p>", ["Eins", "zwei"]),
        ("<p>Eins<br> \n <br>zwei<br/><br/><br/>drei</p>", ["Eins", "zwei", "drei"]),
        ("<div>Lose<p>Absatz</p>Rest</div>", ["Lose", "Absatz", "Rest"]),
        ("<ul><li>Eins</li><li><p>Zwei</p></li></ul>", ["Eins", "Zwei"]),
        ("<h2>Kopf</h2><p>Text</p>", ["Kopf", "Text"]),
        ("<p>Vor<script>var x = 1;</script>her<style>p{}</style></p>", ["Vorher"]),
        ("<p>Vor<noscript>nie</noscript>her<template><p>nie</p></template></p>", ["Vorher"]),
        ("<table><tr><td>Eins</td><td>Zwei</td></tr></table>", ["Eins | Zwei"]),
        ("<table><tr><td></td><th>2019</th></tr><tr><th>Pegel</th><td><p>7</p></td></tr></table>",
         ["2019", "Pegel | 7"]),
        ("<table><tr><td></td><th>2019</th><th>2023</th></tr></table>", ["| 2019 | 2023"]),
        ("<table><tr><td>a<br>b</td><td><b>c</b></td><td></td></tr></table>", ["a b | c"]),
        ("<table><tr><td><table><tr><td>innen</td><td>eins</td></tr></table></td><td>außen</td></tr></table>",
         ["innen | eins", "außen"]),
        (f"<table><tr><td>Menü</td><td>{'Ein langer Absatz. ' * 50}</td></tr></table>",
         ["Menü", ("Ein langer Absatz. " * 50).strip()]),
        ("<table><tr><td><h1>Kopf</h1></td><td>Text</td></tr></table>", ["Kopf", "Text"]),
        ("<p>Das hängt am <x-glossar>Denkmalschutz</x-glossar> des Landes.</p>",
         ["Das hängt am Denkmalschutz des Landes."]),
        ("<p><x-wort>Denkmalschutz</x-wort> ist nötig.</p>", ["Denkmalschutz ist nötig."]),
        ("<div><x-absatz>Eins</x-absatz><x-absatz>Zwei</x-absatz></div>", ["Eins", "Zwei"]),
        ("<x-rahmen><p>Eins</p><p>Zwei</p></x-rahmen>", ["Eins", "Zwei"]),
        ("<p>Das <img src='a.png' alt='x'>Bild steht <picture><img></picture>im Satz.</p>", [
            "Das Bild steht im Satz."]),
        ("<p>Das Wort <ruby>Wehr<rp>(</rp><rt>Stau</rt><rp>)</rp></ruby> heißt <button>Stauanlage</button> hier.</p>",
         ["Das Wort Wehr heißt Stauanlage hier."]),
        ("<div><button>Teilen</button><p>Text</p></div>", ["Teilen", "Text"]),
        ("<ul><li>Eins<ul><li>Eins a</li><li>Eins b</li></ul>und danach</li><li>Zwei</li></ul>",
         ["Eins", "Eins a", "Eins b", "und danach", "Zwei"]),
        ("<p>Ende<span class='sr-only'> der Meldung</span>.</p>", ["Ende."]),
        ("<p>Fluss\u200bname und&#8288;Ort</p>", ["Flussname undOrt"]),
        ("<p>&#147;Ja&#148; sagte er&#133; \x8d</p>", ["“Ja” sagte er…"]),
        ("<dl><dt>Wort</dt><dd>Sinn</dd></dl>", ["Wort", "Sinn"]),
        ("<p> \u200b&nbsp;</p><p>Text</p>", ["Text"]),
    ],
)  # fmt: skip
def test_lines_as_their_reader_sees_them(html: str, wanted: list[str]) -> None:
    assert texts(f"<body>{html}</body>") == wanted


def test_what_a_line_holds_is_counted() -> None:
    html = "<body><p>Die <a href='/k'>Kommission</a> und <b>der Rat</b> <a href='#unten'>hier</a></p></body>"
    (block,) = blocks(lxml.html.document_fromstring(html))
    assert (block.links, block.linked, block.strong) == (1, len("Kommission"), len("der Rat"))
    assert 0 < block.link_share < 0.5
    assert [e.tag for e in block.around] == ["p", "body", "html"]


def test_links_end_where_they_end() -> None:
    html = "<body><p><a href='/x'>ganz</a></p><p>keiner</p><a href='/y'><p>um einen Absatz</p></a><p>danach</p></body>"
    assert [round(b.link_share, 1) for b in blocks(lxml.html.document_fromstring(html))] == [1, 0, 1, 0]


def test_nesting_is_walked_without_recursion() -> None:
    deep = lxml.html.Element("div")
    inner = deep
    for _ in range(8_000):
        inner = lxml.html.etree.SubElement(inner, "div")
    inner.text = "tief"
    assert [block.text for block in blocks(deep)] == ["tief"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("c-teaserList", {"c", "teaser", "list", "cteaser", "teaserlist"}),
        ("mediaInfo", {"media", "info", "mediainfo"}),
        ("article__body--paid", {"article", "body", "paid", "articlebody", "bodypaid"}),
        ("no-sidebar", set()),
        ("Box42 hide-ads", {"box"}),
        ("tp20 ad", {"ad"}),
        ("block-d261-ad6d-4ea8-29ad", {"block"}),
    ],
)
def test_the_words_of_a_class(value: str, words: set[str]) -> None:
    assert hint_words(value) == words


INLINE = ["b", "em", "i", "span", "a href='/x'"]
WORDS = st.text("abcdeäöüß ,.", min_size=1, max_size=12)


@given(st.lists(st.tuples(WORDS, st.sampled_from([None, *INLINE])), min_size=1, max_size=8))
def test_inline_tags_change_no_character(parts: list[tuple[str, str | None]]) -> None:
    marked = "".join(f"<{tag}>{text}</{tag.split()[0]}>" if tag else text for text, tag in parts)
    plain = squeeze("".join(text for text, _ in parts))
    assert texts(f"<body><p>{marked}</p><p>Ende</p></body>") == ([plain] if plain else []) + ["Ende"]


@given(st.text())
def test_squeezing_and_letters_are_stable(text: str) -> None:
    assert squeeze(squeeze(text)) == squeeze(text)
    assert letters(letters(text)) == letters(text)
    assert "  " not in squeeze(text)


def test_a_row_of_data_is_a_block_of_its_row() -> None:
    html = "<body><table><tr><td><a href='/k'>Krog</a></td><td>12.400</td></tr></table></body>"
    (block,) = blocks(lxml.html.document_fromstring(html))
    assert (block.tag, block.text, block.links, block.linked) == ("tr", "Krog | 12.400", 1, len("Krog"))


def test_decisions_are_recorded_with_those_before() -> None:
    (block,) = blocks(lxml.html.document_fromstring("<body><p>Ein Satz.</p></body>"))
    block.decide(True, "trafilatura")
    block.decide(False, "caption")
    assert (block.keep, block.rule, block.earlier) == (False, "caption", ((True, "trafilatura"),))


def test_a_paragraph_of_nothing_but_a_joiner_is_no_line() -> None:
    page = lxml.html.fromstring("<div><p>\u200d</p><p>می\u200cخواهم</p><p> \u200c\u200d </p></div>")
    assert [block.text for block in blocks(page)] == ["می\u200cخواهم"]
