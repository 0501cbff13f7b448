from __future__ import annotations

import codecs
import gzip

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from klartext.extract.blocks import blocks
from klartext.extract.clean_text import squeeze
from klartext.extract.document import parse, types_of
from klartext.extract.html_decoding import _C1_REFERENCE, decode, is_clean
from klartext.extract.html_parsing import NotHtml
from klartext.extract.page import NoArticle
from support import sample_pages
from support.sample_pages import STORY, TITLE

PAGE = sample_pages.page()
LATIN = PAGE.replace("„", '"').replace("“", '"')  # what latin-1 has no sign for
LATIN_STORY = [line.replace("„", '"').replace("“", '"') for line in STORY]


@pytest.mark.parametrize(
    ("body", "type", "story"),
    [
        (PAGE.encode(), "text/html; charset=utf-8", STORY),
        (PAGE.encode(), "text/html", STORY),
        (PAGE.encode(), "", STORY),
        (PAGE.encode(), "text/html; charset=iso-8859-1", STORY),
        (PAGE.encode(), "text/html; charset=no-such-charset", STORY),
        (codecs.BOM_UTF8 + PAGE.encode(), "text/html; charset=iso-8859-1", STORY),
        (PAGE.encode("utf-16"), "text/html", STORY),
        (PAGE.replace("utf-8", "windows-1252").encode("cp1252"), "text/html", STORY),
        (PAGE.encode("cp1252"), "text/html; charset=utf-8", STORY),
        (LATIN.replace("utf-8", "iso-8859-1").encode("latin-1"), "text/html", LATIN_STORY),
        (LATIN.encode("latin-1"), "text/html; charset=ISO-8859-1", LATIN_STORY),
        (LATIN.encode("latin-1"), "text/html", LATIN_STORY),
        (PAGE.encode().replace(b"<p>", b"<p>\x00"), "text/html", STORY),
        (PAGE.encode().replace(b"Thomsen", b"Thom\x00sen"), "text/html", STORY),
        (PAGE.encode(), "application/xhtml+xml", STORY),
        (PAGE.encode(), "text/plain", STORY),
    ],
    ids=[
        "utf-8", "utf-8 unsaid", "utf-8 and no type", "utf-8 said to be latin-1", "charset that is none",
        "utf-8 with a mark, said to be latin-1", "utf-16 with a mark", "windows-1252", "windows-1252 said to be utf-8",
        "latin-1 by its meta tag", "latin-1 by its header", "latin-1 unsaid", "NUL bytes", "a NUL in a word",
        "xhtml", "text/plain",
    ],
)  # fmt: skip
def test_the_text_is_whole_whatever_is_said_of_its_bytes(body: bytes, type: str, story: list[str]) -> None:
    assert sample_pages.text(sample_pages.read(body, type=type)) == story


def test_one_broken_character_does_not_turn_a_page_into_another_charset() -> None:
    body = PAGE.encode().replace("Gänse".encode(), b"G\xc3nse")
    assert "G\ufffdnse" in sample_pages.read(body).article.text
    assert "Bürgermeisterin" in sample_pages.read(body).article.text


def test_a_page_cut_off_in_the_middle_of_a_character_is_still_utf_8() -> None:
    assert decode("Grüße aus Köln, schöne Grüße".encode()[:-3] + b"\xc3", "text/html").startswith("Grüße aus Köln")


@pytest.mark.parametrize(
    ("body", "type", "reason"),
    [
        (b"", "text/html", "empty"),
        (b" \r\n\t ", "text/html", "empty"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "text/html; charset=utf-8", "not-html"),
        (b"\x89PNG\r\n\x1a\n", "text/html", "not-html"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "text/html", "not-html"),
        (b"PK\x03\x04word/document.xml", "", "not-html"),
        (b'{"kein": "HTML"}', "application/json", "not-html"),
        (PAGE.encode(), "image/png", "not-html"),
        (b"\x00\x00\x00", "text/html", "not-html"),
        (b"<!-- nichts -->", "text/html", "not-html"),
    ],
)
def test_what_is_no_page_has_a_stable_reason(body: bytes, type: str, reason: str) -> None:
    with pytest.raises(NotHtml) as refusal:
        sample_pages.read(body, type=type)
    assert refusal.value.reason == reason
    assert str(refusal.value)


@pytest.mark.parametrize(
    "html",
    [
        "<html><body></body></html>",
        "<html></html>",
        "<html><head><title>Nur ein Titel</title></head></html>",
        "nur Text",
        "<frameset><frame src='a.html'></frameset>",
        "<body><h1>Zugang verweigert</h1></body>",
        "<" * 5000,
        "<p>" + "&#x110000;" * 50,
    ],
)
def test_a_page_without_an_article_has_a_stable_reason(html: str) -> None:
    with pytest.raises((NoArticle, NotHtml)) as refusal:
        sample_pages.read(html)
    assert refusal.value.reason in ("no-text", "no-title", "not-html")


def test_nesting_ten_thousand_deep_is_a_result_or_a_reason() -> None:
    deep = sample_pages.page(sample_pages.lines(inside="<div>" * 10_000 + "Mitte" + "</div>" * 10_000))
    try:
        assert STORY[0] in sample_pages.text(sample_pages.read(deep))
    except (NoArticle, NotHtml) as refusal:
        assert refusal.reason in ("no-text", "not-html")
    for tag in ("div>x<div", "b", "span", "ul><li", "table><tr><td", "blockquote"):
        try:
            sample_pages.read(sample_pages.page(f"<{tag}>" * 10_000 + sample_pages.lines()))
        except (NoArticle, NotHtml) as refusal:
            assert refusal.reason in ("no-text", "not-html")


def test_broken_html_gives_the_text_all_the_same() -> None:
    broken = (
        sample_pages.page().replace("</p>", "").replace("</div>", "", 1).replace("</article>", "</b></article></i>")
    )
    broken = broken.replace("</html>", "").replace("</body>", "")
    assert sample_pages.text(sample_pages.read(broken)) == STORY
    assert (
        sample_pages.text(sample_pages.read(sample_pages.page().replace("<p>", '<p class="a" class="b" x= "y>">')))
        == STORY
    )


@pytest.mark.parametrize("ends", ["</body></html>", "</BODY>\n</HTML >", "</html>", "</body>"])
@pytest.mark.parametrize("head", ["", "<p>Strand\x00hafer</p>"])
def test_the_text_behind_an_included_page_is_read(ends: str, head: str) -> None:
    menu = "<nav><a href='/'>Start</a></nav><script>window.menu = true;</script>"
    body = PAGE.replace("<body>", f"<body>{menu}{head}{ends}<!DOCTYPE html><html><head></head><body>")
    assert body != PAGE
    assert sample_pages.text(sample_pages.read(body)) == STORY


def test_the_text_between_the_ends_of_body_and_html_is_read() -> None:
    body = PAGE.replace("<body>", "<body><div id='menu'>Start</div></body>").replace("</body></html>", "</html>")
    assert sample_pages.text(sample_pages.read(body)) == STORY


def test_the_text_behind_an_included_page_is_read_if_both_end_in_scripts_of_the_same_type() -> None:
    one, other = (f"<script type='text/javascript'>{code}</script>" for code in ("window.menu = 1;", "window.end = 2;"))
    body = PAGE.replace("</body></html>", f"{other}</body></html>").replace("<body>", f"<body>{one}</body></html>")
    assert body.count("</html>") == 2
    assert sample_pages.text(sample_pages.read(body)) == STORY


def test_an_end_tag_in_a_script_ends_nothing() -> None:
    script = "<script>var frame = '<html><body></body></html>'; render(frame);</script>"
    assert sample_pages.text(sample_pages.read(PAGE.replace("<body>", f"<body>{script}"))) == STORY


def document(head: str) -> object:
    return parse(sample_pages.capture(sample_pages.page(head=head)))


def test_json_ld_is_found_in_every_form_it_is_written_in() -> None:
    thing = '{"@type": "NewsArticle", "headline": "Titel"}'
    for script in (
        thing,
        f"[{thing}]",
        f'{{"@graph": [{{"@type": "WebSite"}}, {thing}]}}',
        f'{{"@type": "WebPage", "mainEntity": {thing}}}',
        f"<!-- {thing} -->",
        f"//<![CDATA[\n{thing}\n//]]>",
        '{"@type": ["Article", "NewsArticle"], "headline": "Titel"}',
        '{"@type": "http://schema.org/ReportageNewsArticle", "headline": "Titel", "body": "mit\nUmbruch"}',
    ):
        found = parse(
            sample_pages.capture(sample_pages.page(head=f'<script type="application/ld+json">{script}</script>'))
        )
        assert found.article.get("headline") == "Titel", script


@pytest.mark.parametrize("script", ["", "{", "null", "7", '"Text"', "[" * 20_000, '{"@type": 7}', '{"@graph": 7}'])
def test_broken_json_ld_is_no_end(script: str) -> None:
    html = sample_pages.page(head=f'<script type="application/ld+json">{script}</script>')
    assert parse(sample_pages.capture(html)).article == {}
    assert sample_pages.text(sample_pages.read(html)) == STORY


def test_of_several_articles_the_one_that_says_most_counts() -> None:
    head = sample_pages.ld(headline="Ein Teaser") + sample_pages.ld(
        datePublished="2024-05-20T10:00:00Z", author="Wiebke Petersen"
    )
    assert parse(sample_pages.capture(sample_pages.page(head=head))).article["headline"] == TITLE


def test_types_have_no_vocabulary() -> None:
    assert types_of({"@type": ["https://schema.org/NewsArticle", "Thing"]}) == ["NewsArticle", "Thing"]
    assert types_of({}) == []


def test_meta_tags_by_name_property_and_itemprop() -> None:
    head = """<meta name="Description" content=" A "><meta property="og:title"
        content="B"><meta itemprop="datePublished" content="C"><meta name="leer" content=""><meta name="description"
        content="D">"""
    found = parse(sample_pages.capture(sample_pages.page(head=head)))
    assert (found.meta("description"), found.meta("leer", "og:title"), found.meta("datepublished")) == ("A", "B", "C")
    assert found.metas["description"] == ["A", "D"]
    assert found.meta("fehlt") is None


JAPANESE = "<html><head>{}</head><body><p>水車の修理についての記事です。来年の春に工事が始まります。</p></body></html>"
POLISH = "<html lang='pl'><head>{}</head><body><p>Święto młyna w Łodzi: źdźbło, gęś, jaźń, żółć.</p></body></html>"


@pytest.mark.parametrize(
    ("text", "charset", "type"),
    [
        (JAPANESE.format('<meta charset="iso-2022-jp">'), "iso2022_jp", "text/html"),
        (JAPANESE.format(""), "iso2022_jp", "text/html"),
        (JAPANESE.format('<meta charset="shift_jis">'), "cp932", "text/html"),
        (
            JAPANESE.format('<meta http-equiv="Content-Type" content="text/html; charset=EUC-JP">'),
            "euc_jp",
            "text/html",
        ),
        (JAPANESE.format(""), "utf-16-le", "text/html"),
        (JAPANESE.format(""), "utf-16-be", "text/html"),
        (JAPANESE.format(""), "utf-16", "text/html; charset=iso-8859-1"),
        (POLISH.format('<meta charset="iso-8859-2">'), "iso8859_2", "text/html"),
        (POLISH.format("<!--" + "x" * 50_000 + '--><meta charset="iso-8859-2">'), "iso8859_2", "text/html"),
        (POLISH.format('<!-- <meta charset="utf-8"> --><meta charset="iso-8859-2">'), "iso8859_2", "text/html"),
        (POLISH.format('<meta charset="iso-8859-2">'), "iso8859_2", "text/html; charset=ISO-8859-1"),
        (POLISH.format(""), "iso8859_2", "text/html"),
        (POLISH.format('<meta charset="utf-8">'), "utf-8", "text/html; charset=windows-1252"),
        ("<p>Grüße – „schön“</p>", "cp1252", "text/html; charset=utf-8"),
        ('<?xml version="1.0" encoding="windows-1251"?><html><p>Мельница на реке</p></html>', "cp1251", "text/html"),
        ('<html lang="ru"><p>Мельница на реке будет отремонтирована</p></html>', "cp1251", "text/html"),
    ],
)
def test_charsets_by_bytes_header_and_declaration(text: str, charset: str, type: str) -> None:
    assert decode(text.encode(charset), type) == text


def test_a_page_that_is_still_gzipped_is_inflated() -> None:
    notes: list[str] = []
    packed = gzip.compress(gzip.compress(PAGE.encode()))
    assert decode(packed, "text/html", notes) == decode(PAGE.encode(), "text/html")
    assert notes == ["body-still-gzipped"] * 2


def test_control_characters_are_gone_or_what_was_meant() -> None:
    assert decode("a\x00b\x07c\x96d\x85".encode(), "text/html") == "abc–d…"
    assert decode(b"a&#150;b&#x85;c&#233;", "text/html") == "a–b…c&#233;"


def test_what_could_not_be_decoded_is_noted() -> None:
    notes: list[str] = []
    decode("Gänse und Brücken".encode().replace("ä".encode(), b"\xc3"), "text/html; charset=utf-8", notes)
    assert "undecodable-characters" in notes
    notes = []
    decode("Grüße".encode("cp1252"), "text/html; charset=utf-8", notes)
    assert notes == ["charset-guessed"]


@pytest.mark.parametrize("tag", ["div", "b", "ul><li", "table><tr><td", "unknown-x", "i><b><u", "blockquote"])
def test_deep_nesting_is_flattened_and_nothing_cut(tag: str) -> None:
    found = parse(sample_pages.capture(sample_pages.page(f"<{tag}>" * 3000 + sample_pages.lines())))
    assert "page-too-deep" in found.notes
    assert STORY[-1] in " ".join(found.tree.text_content().split())
    assert found.tree.find(".//h1") is not None
    assert max(sum(1 for _ in e.iterancestors()) for e in found.tree.iter()) < 250


@pytest.mark.parametrize("tag", ["nav", "noscript", "aside", "footer", "svg", "a", "label", "dialog"])
def test_an_unclosed_element_does_not_swallow_the_page(tag: str) -> None:
    found = parse(sample_pages.capture(sample_pages.page(f"<{tag}>" + sample_pages.lines())))
    assert found.notes == [f"unclosed-{tag}"]
    assert not list(found.tree.iter(tag)) or STORY[0] not in next(found.tree.iter(tag)).text_content()


@pytest.mark.parametrize("tag", ["svg", "math", "select", "map", "canvas", "object", "video", "button", "rt"])
def test_an_unclosed_element_that_never_holds_text_does_not_swallow_a_part_of_it(tag: str) -> None:
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=f"<{tag}>")))
    assert sample_pages.text(made) == STORY
    assert made.reading.notes == [f"unclosed-{tag}"]


@pytest.mark.parametrize("end", ["</head>", '<link rel="icon" href="/i.png"></head>'])
def test_a_title_that_does_not_end_is_not_the_whole_page(end: str) -> None:
    html = sample_pages.page().replace("</title></head>", end)
    made = sample_pages.read(html)
    assert (made.article.title, sample_pages.text(made)) == (sample_pages.TITLE, STORY)


@pytest.mark.parametrize("mode", ['shadowrootmode="open"', 'shadowroot="open"', ""])
def test_a_template_that_a_browser_shows_holds_text(mode: str) -> None:
    template = f"<template {mode}><p>{STORY[0]}</p></template>"
    found = parse(sample_pages.capture(sample_pages.page(sample_pages.lines(inside=template))))
    assert found.notes == []
    assert [bool(mode)] == [not list(found.tree.iter("template"))]


@pytest.mark.parametrize(
    ("base", "href", "url"),
    [
        ("https://cdn.hafenkurier.example/x/", "a.html", "https://cdn.hafenkurier.example/x/a.html"),
        ("/region/", "a.html", "https://www.hafenkurier.example/region/a.html"),
        ("", "/a.html", "https://www.hafenkurier.example/a.html"),
        ("javascript:alert(1)", "/a.html", "https://www.hafenkurier.example/a.html"),
        ("http://[broken", "/a.html", "https://www.hafenkurier.example/a.html"),
        ("/region/", "data:image/png;base64,x", None),
    ],
)
def test_addresses_are_relative_to_the_base_element(base: str, href: str, url: str | None) -> None:
    found = parse(
        sample_pages.capture(sample_pages.page(head=f'<base href="{base}"><link rel="canonical" href="{href}">'))
    )
    assert found.resolve(href) == url
    assert found.canonical == url


@given(
    st.binary(max_size=300),
    st.sampled_from(
        [
            "",
            "text/html",
            "text/html; charset=utf-8",
            "text/html; charset=x-nothing",
            "text/html; charset=iso-2022-jp",
            "text/html; charset=hz",
        ]
    ),
)
def test_any_bytes_become_text_without_control_characters(body: bytes, type: str) -> None:
    text = decode(body, type)
    assert text == decode(body, type)
    assert not set(text) & set(map(chr, [*range(9), *range(14, 32), *range(0x7F, 0xA0)]))


@given(st.text(max_size=40).map(str.encode), st.sampled_from(["", "text/html; charset=hz"]))
def test_a_page_that_is_parsed_as_it_comes_would_be_decoded_to_the_same_text(body: bytes, type: str) -> None:
    assume(is_clean(body, type))
    clean, decoded = (_C1_REFERENCE.sub("", text) for text in (body.decode(), decode(body, type)))
    assert squeeze(clean) == squeeze(decoded)


@given(st.binary(max_size=60))
def test_a_page_that_is_not_whole_utf8_is_decoded(body: bytes) -> None:
    page = parse(sample_pages.capture(b"<html><body><p>A" + body + b"</p></body></html>"))
    text = squeeze(decode(b"<html><body><p>A" + body + b"</p></body></html>", "text/html"))
    assert page.tree.text_content().count("\ufffd") <= text.count("\ufffd")


def test_characters_of_windows_1252_that_a_page_names_by_their_number_there_are_read() -> None:
    page = "<p>Er kam &#150; und ging\x85 &#x93;sofort&#148;.</p>".encode()
    assert blocks(parse(sample_pages.capture(page)).body)[0].text == "Er kam – und ging… “sofort”."


def test_white_space_before_a_page_may_be_long() -> None:
    assert parse(sample_pages.capture(b"\r\n" * 5000 + PAGE.encode())).elements("h1")
