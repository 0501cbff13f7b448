"""The last text of a page is not taken away."""

from __future__ import annotations

import json

import pytest

from klartext.extract.page import NoArticle
from support import sample_pages
from support.sample_pages import LEAD, STORY, TITLE

LONE = (
    "Ein Traktor ist am Sonntag in Nordkrog in einen Graben gerutscht. Der Fahrer blieb unverletzt, sagt die Polizei."
)


def test_the_lead_is_not_the_only_text() -> None:
    made = sample_pages.read(
        f'<html><head><title>{TITLE}</title><meta name="description" content="{LONE}"></head>'
        f"<body><main><h1>{TITLE}</h1><p>{LONE}</p></main></body></html>"
    )
    assert (made.article.lead, made.article.text) == (None, LONE)
    assert [line.rule for line in made.lines if line.keep] == ["only-text"]


def stated(body: str) -> str:
    thing = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": TITLE, "articleBody": body}
    return (
        f"<html><head><title>{TITLE}</title><script type='application/ld+json'>{json.dumps(thing)}</script></head>"
        f"<body><h1>{TITLE}</h1><div id='app'></div></body></html>"
    )


@pytest.mark.parametrize("body", ["\n\n".join(STORY), "".join(f"<p>{line}</p>" for line in STORY)])
def test_a_page_without_text_has_that_of_its_json_ld(body: str) -> None:
    made = sample_pages.read(stated(body))
    assert made.article.text.split("\n") == STORY


def test_a_few_words_in_json_ld_are_no_text() -> None:
    with pytest.raises(NoArticle, match="no running text"):
        sample_pages.read(stated(LEAD[:60]))


def test_a_rule_can_be_left_out() -> None:
    noted = sample_pages.page(sample_pages.lines(inside="<p>Lesen Sie auch: <a href='/m'>Ein Moor wird nass</a></p>"))
    page = sample_pages.capture(noted)
    from klartext.extract.page import extract

    assert "Lesen Sie auch" not in extract(page, sample_pages.SOURCE).article.text
    with_it = extract(page, sample_pages.SOURCE, without=["teaser-link"]).article.text
    assert "Lesen Sie auch: Ein Moor wird nass" in with_it.split("\n")
