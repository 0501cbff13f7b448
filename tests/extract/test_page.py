from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from klartext import model, sources
from klartext.extract.page import EXTRACTOR, NoArticle, extract, version_of
from klartext.model import Article
from support import sample_pages
from support.sample_pages import KICKER, LEAD, STORY, TITLE

WHOLE = sample_pages.page(
    above=f'<p class="dachzeile">{KICKER}</p>',
    top=f'<p class="vorspann">{LEAD}</p><p>Von Wiebke Petersen</p>',
    head=sample_pages.ld(datePublished="2024-05-20T09:00:41+02:00", articleSection="Region", keywords=["Deich"]),
)


def test_an_article_with_all_that_its_page_says() -> None:
    page = dataclasses.replace(sample_pages.capture(WHOLE), via="https://www.hafenkurier.example/feed")
    made = extract(page, sample_pages.SOURCE).article
    assert [name for name in model.required(Article) if getattr(made, name) in (None, "", [])] == []
    assert (made.title, made.kicker, made.lead) == (TITLE, KICKER, LEAD)
    assert made.text.split("\n") == STORY
    assert (made.authors, made.section, made.topics) == (["Wiebke Petersen"], "Region", ["Deich"])
    assert made.published_at == dt.datetime(2024, 5, 20, 7, 0, 41, tzinfo=dt.UTC)
    assert (made.url, made.fetched_at, made.capture) == (page.url, page.fetched_at, page.capture)
    assert (made.discovered_from, made.publisher) == (page.via, "Hafenkurier")
    assert (made.extractor, made.rules) == (EXTRACTOR, "generic")
    assert "trafilatura 2." in EXTRACTOR


def test_a_page_gives_the_same_article_every_time() -> None:
    assert sample_pages.read(WHOLE).article == sample_pages.read(WHOLE).article


def test_a_version_is_what_a_reader_reads() -> None:
    one = sample_pages.read(WHOLE).article
    assert one.version_id == version_of(one)
    advert = sample_pages.read(
        WHOLE.replace("</article>", '<div class="ad-slot"><p>Anzeige</p></div></article>')
    ).article
    later = sample_pages.read(WHOLE, fetched=sample_pages.FETCHED + dt.timedelta(days=400)).article
    assert one.version_id == advert.version_id == later.version_id
    for changed in (
        WHOLE.replace(TITLE, TITLE + "!"),
        WHOLE.replace("310.000", "320.000"),
        WHOLE.replace(LEAD, LEAD[:66]),
    ):
        other = sample_pages.read(changed).article
        assert other.version_id != one.version_id
        assert other.article_id == one.article_id


@pytest.mark.parametrize("status", [0, 301, 304, 403, 404, 410, 500, 503])
def test_an_answer_that_is_no_success_is_no_article(status: int) -> None:
    with pytest.raises(NoArticle) as refusal:
        sample_pages.read(WHOLE, status=status)
    assert refusal.value.reason == f"http-{status}"


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="undefined"><meta property="og:url" content="/region/deich-9.html">',
        '<link rel="canonical" href="{{ page.url }}"><meta property="og:url" content="/region/deich-9.html">',
        '<link rel="canonical" href=""><link rel="canonical" href="/region/deich-9.html">',
        '<link rel="canonical" href="/"><meta property="og:url" content="/region/deich-9.html">',
        '<link rel="canonical" href="/index.html"><meta property="og:url" content="/region/deich-9.html">',
    ],
)
def test_what_is_no_address_of_the_page_gives_way_to_the_next(head: str) -> None:
    made = sample_pages.read(sample_pages.page(head=head))
    assert made.article.canonical_url == "https://www.hafenkurier.example/region/deich-9.html"


def canonical(said: str | None, url: str = sample_pages.URL) -> str:
    head = f'<link rel="canonical" href="{said}">' if said else ""
    return sample_pages.read(sample_pages.page(head=head), url=url).article.canonical_url


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (None, sample_pages.URL),
        (sample_pages.URL + "?utm_source=feed#kommentare", sample_pages.URL),
        ("/region/anderer-deich-4712.html", "https://www.hafenkurier.example/region/anderer-deich-4712.html"),
        (
            "https://m.hafenkurier.example/region/deich-4711.html",
            "https://www.hafenkurier.example/region/deich-4711.html",
        ),
        ("https://www.hafenkurier.example/", sample_pages.URL),
        ("https://anderswo.example/region/deich-4711.html", "https://anderswo.example/region/deich-4711.html"),
        ("http://[kaputt", sample_pages.URL),
        ("mailto:redaktion@hafenkurier.example", sample_pages.URL),
    ],
)
def test_the_address_that_the_page_names(said: str | None, wanted: str) -> None:
    if wanted.startswith("https://anderswo"):
        wanted = sample_pages.URL  # another site's address is not believed
    assert canonical(said, sample_pages.URL + "?utm_medium=rss") == wanted


def test_an_unknown_site_is_named_as_it_names_itself() -> None:
    page = sample_pages.capture(sample_pages.page(head='<meta property="og:site_name" content="Der Hafenkurier">'))
    made = extract(page, sources.of_url(page.url)).article
    assert made.publisher == "Der Hafenkurier"
    plain = extract(sample_pages.capture(sample_pages.page()), sources.of_url(page.url)).article
    assert plain.publisher == "www.hafenkurier.example"
    assert plain.article_id == made.article_id


def test_every_line_of_the_page_is_told_in_order() -> None:
    made = sample_pages.read(
        sample_pages.page(sample_pages.lines(inside='<p><a href="/a-1.html">Ein Link zu einem anderen Artikel</a></p>'))
    )
    assert [line.index for line in made.lines] == list(range(len(made.lines)))
    assert [line.text for line in made.lines if line.keep] == STORY
    assert {line.rule for line in made.lines if "Ein Link" in line.text} == {"teaser-link"}
    assert {line.rule for line in made.lines if line.text == "Impressum"} == {""}


def test_lead_and_text_are_counted_in_words() -> None:
    assert sample_pages.read(
        sample_pages.page("<p>Eins zwei drei.</p>" + sample_pages.lines())
    ).article.word_count == 3 + sum(len(line.replace("310.000", "310 000").split()) for line in STORY)


def test_markup_and_entities_of_a_page_are_no_part_of_its_text() -> None:
    story = [*STORY[:3], "Aus 3 < 4 & „a“ folgt <nichts>, steht auf Seite 2.", *STORY[3:]]
    shown = "<p>Aus 3 &lt; 4 &amp; &bdquo;a&ldquo; folgt &lt;nichts&gt;, steht auf Seite 2.</p>"
    assert sample_pages.text(sample_pages.read(sample_pages.page(sample_pages.lines(inside=shown, at=3)))) == story
