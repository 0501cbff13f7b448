"""The last text of a page is not taken away."""

from __future__ import annotations

import datetime as dt
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
    with pytest.raises(NoArticle, match="no text"):
        sample_pages.read(stated(LEAD[:60]))


PICTURE = (
    f"<html lang='de'><head><title>{TITLE}</title>{sample_pages.ld(datePublished='2024-05-14T10:30:00+02:00')}</head>"
    "<body><nav><ul><li><a href='/bilder'>Alle Bilder</a></li></ul></nav>"
    f"<main><h1>{TITLE}</h1><p class='meta'>Von Jule Sandmann</p><img src='/moor.jpg'>%s</main>"
    "<footer><p>Wusterauer Bote, Am Markt 1</p></footer></body></html>"
)


@pytest.mark.parametrize("lines", [["Wasser steht im Moor."], ["Kranich", "Reiher", "Moorfrosch im Mai"]])
def test_a_page_of_short_lines_is_an_article(lines: list[str]) -> None:
    made = sample_pages.read(PICTURE % "".join(f"<p>{line}</p>" for line in lines))
    assert sample_pages.text(made) == lines
    assert made.article.published_at == dt.datetime(2024, 5, 14, 8, 30, tzinfo=dt.UTC)
    assert made.article.authors == ["Jule Sandmann"]


def test_a_front_page_or_a_page_of_links_is_none() -> None:
    links = "<ul><li><a href='/a'>Ein Moor wird nass</a></li><li><a href='/b'>Der Hafen wird tiefer</a></li></ul>"
    for html, url in (
        (PICTURE % "<p>Wasser steht im Moor.</p>", "https://www.hafenkurier.example/"),
        ((PICTURE % links).replace("Von Jule Sandmann", ""), sample_pages.URL),
    ):
        with pytest.raises(NoArticle) as refusal:
            sample_pages.read(html, url=url)
        assert refusal.value.reason == "no-text"


def test_a_rule_can_be_left_out() -> None:
    noted = sample_pages.page(sample_pages.lines(inside="<p>Lesen Sie auch: <a href='/m'>Ein Moor wird nass</a></p>"))
    page = sample_pages.capture(noted)
    from klartext.extract.page import extract

    assert "Lesen Sie auch" not in extract(page, sample_pages.SOURCE).article.text
    with_it = extract(page, sample_pages.SOURCE, without=["teaser-link"]).article.text
    assert "Lesen Sie auch: Ein Moor wird nass" in with_it.split("\n")


_NEXT = [
    f"Die Fähre nach Hallum fährt seit Montag mit Strom, sagt der Betreiber in Teil {n} der Serie." for n in range(9)
]


@pytest.mark.parametrize("logo", ["", "<h1><img src='/l.png'></h1>", "<h1>Kurier</h1>"])
@pytest.mark.parametrize("is_first", [False, True])
@pytest.mark.parametrize("times", [1, 5], ids=["shorter", "longer"])
@pytest.mark.parametrize("is_article", [True, False])
def test_another_article_that_the_page_goes_on_with_is_none_of_its_text(
    is_first: bool, logo: str, times: int, is_article: bool
) -> None:
    """As where a site loads the next article at the end of the page, and an archive keeps both."""
    tag = "article" if is_article else "div"
    own = f"<{tag} class='story-part'><h1>{TITLE}</h1><div class='text'>{sample_pages.lines()}</div></{tag}>"
    paragraphs = "".join(f"<p>Am {day}. Tag. {line}</p>" for day in range(times) for line in _NEXT)
    other = f"<{tag} class='story-part'><h1>Strom für die Fähre</h1><div class='text'>{paragraphs}</div></{tag}>"
    both = other + own if is_first else own + other
    made = sample_pages.read(
        f"<html><head><title>{TITLE} - Kurier</title></head><body>{logo}<main>{both}</main></body></html>"
    )
    assert sample_pages.text(made) == STORY
    assert made.article.title == TITLE


def test_chapters_with_headlines_of_the_first_level_stay() -> None:
    chapters = "".join(f"<div class='kapitel'><h1>Teil {n}</h1><p>{line}</p></div>" for n, line in enumerate(_NEXT))
    page = f"<div class='kapitel'><h1>{TITLE}</h1><p>{STORY[0]}</p></div>{chapters}"
    made = sample_pages.read(f"<html><head><title>{TITLE}</title></head><body><main>{page}</main></body></html>")
    assert set(_NEXT) < set(sample_pages.text(made))


def test_entries_with_headlines_of_their_own_within_the_article_stay() -> None:
    entries = "".join(f"<article><h1>Um {n} Uhr</h1><p>{line}</p></article>" for n, line in enumerate(_NEXT))
    page = f"<article><h1>{TITLE}</h1><p>{STORY[0]}</p>{entries}</article>"
    made = sample_pages.read(f"<html><head><title>{TITLE}</title></head><body><main>{page}</main></body></html>")
    assert set(_NEXT) < set(sample_pages.text(made))


def test_entries_stay_where_the_headline_of_the_page_is_beside_them() -> None:
    entries = "".join(f"<article><h1>Um {n} Uhr</h1><p>{line}</p></article>" for n, line in enumerate(_NEXT))
    made = sample_pages.read(
        f"<html><head><title>{TITLE}</title></head><body><main><h1>{TITLE}</h1>{entries}</main></body></html>"
    )
    assert set(_NEXT) <= set(sample_pages.text(made))
