from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from newsroom.blocks import inline, parse, plain

BODY = """Erster *Absatz* mit
Umbruch.

## Zwischentitel

- eins
- [zwei](/zwei)

::: embed
vendor: X
"""


def test_a_body_becomes_blocks_in_order() -> None:
    assert [(b.kind, b.lines, b.fields) for b in parse(BODY)] == [
        ("paragraph", ["Erster *Absatz* mit Umbruch."], {}),
        ("heading", ["Zwischentitel"], {}),
        ("list", ["eins", "[zwei](/zwei)"], {}),
        ("embed", [], {"vendor": "X"}),
    ]


def test_an_empty_body_has_no_blocks() -> None:
    assert parse("\n\n") == []


@pytest.mark.parametrize("kind", ["embedd", "paragraph", ""])
def test_an_unknown_block_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="no such block"):
        parse(f"::: {kind}\nvendor: X")


def test_markup_becomes_html_in_the_sites_own_form() -> None:
    text = inline("**Fett**, *schräg* & [Link](/ziel)", '<a class="l" href="{href}">{text}</a>')
    assert text == '<strong>Fett</strong>, <i>schräg</i> &amp; <a class="l" href="/ziel">Link</a>'


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_html_shows_the_same_words_as_plain_text(text: str) -> None:
    shown = html.fragment_fromstring(f"<p>{inline(text)}</p>").text_content()
    assert shown.split() == plain(text).split()
