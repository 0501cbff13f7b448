"""The layouts of the shipped source files that no page of the newsroom has."""

from __future__ import annotations

import datetime as dt

import pytest

from klartext import sources
from klartext.extract.page import Extraction, extract
from support import sample_pages
from support.sample_pages import HEADINGS, KICKER, LEAD, STORY, TITLE

NTV = "https://www.n-tv.de/panorama/In-Nordkrog-waechst-der-Deich-id30199999.html"
NEW_DAY = dt.datetime(2025, 12, 3, 9, tzinfo=dt.UTC)


def span(text: str, look: str) -> str:
    return f'<span class="Typography_text-s__q8_Za {look}">{text}</span>'


def teaser(number: int) -> str:
    """A card of a film, as it stands between paragraphs and in the sidebar."""
    title = f"Film {number} zeigt die Schleuse bei Nacht"
    lines = span("Nachts am Siel", "Typography_color-red__a") + span(title, "Teaser_title__zz9")
    return f"""<section class="widget-teaser-default_grey__Xy1"><article title="{title}">
<a class="Teaser_teaser__k2P" href="/mediathek/videos/panorama/Film-id3010000{number}.html">
<div class="Teaser_image__r">{span("01:44 min", "b")}</div>
<div class="Teaser_wrapper__p0"><div>{lines}</div></div></a></article></section>"""


def ntv_page(kicker: str = KICKER, author: str = "n-tv NACHRICHTEN") -> str:
    """A page built as n-tv builds them since November 2025, with words of ours."""
    headline = span(TITLE, "article-detail-head_headline__n")
    if kicker:
        headline = span(kicker, "Typography_color-red__a") + headline
    story = [
        f'<h2 class="storyline_subheadline__e">{line}</h2>'
        if line in HEADINGS
        else f'<p class="storyline__f">{line}</p>'
        for line in STORY
    ]
    story[3:3] = [teaser(1)]
    return f"""<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>{kicker}: {TITLE} - n-tv.de</title>
<meta name="author" content="{author}"><meta property="og:title" content="Deich wächst"></head>
<body><div id="__next">
<header class="Header_header__w"><nav><a href="/politik/">Politik</a> <a href="/sport/">Sport</a></nav></header>
<nav class="widget-breadcrumb-default_breadcrumb__c"><a href="/">Startseite</a><h1>{kicker}: {TITLE}</h1></nav>
<main class="pages_main__k"><article class="article-index_article__h">
<div class="Title_title__q">{span("Panorama", "Typography_text-xxl__t")}</div>
<div class="group-grid-article_article__u"><div class="wrapper-article">
<div class="article-detail-head_head__s"><h2 class="article-detail-head_headlines__m">{headline}</h2>
<div class="article-detail-head_infos__j">{span("03.12.2025, 08:07 Uhr", "b")}
<button class="article-detail-head_audio__i">{span("Artikel anhören", "b")}</button></div></div>
<figure class="widget-picture-inline_picture__o"><figcaption>Der Deich von See her. (Foto: Archiv)</figcaption></figure>
<div class="social-share_social-share__d"><button>Link kopieren</button></div>
<p class="Typography_text-m__l storyline_lead_text_leadtext__w">{LEAD}</p>
{"".join(story)}
<p class="article-detail-footer_source__y">Quelle: ntv.de, rog/dpa</p>
<div class="article-detail-footer_tags__x"><a href="/thema/deich">Deich</a><a href="/thema/schafe">Schafe</a></div>
</div></div>
<aside class="group-grid-sidebar_sidebar__g">{teaser(2)}{teaser(3)}</aside>
</article></main></div></body></html>"""


def read(html: str, fetched: dt.datetime = NEW_DAY) -> Extraction:
    return extract(sample_pages.capture(html, url=NTV, fetched=fetched), sources.of_url(NTV))


def test_ntv_since_november_2025_is_read_with_rules_of_its_own() -> None:
    made = read(ntv_page())
    article = made.article
    assert article.rules == "ntv 2025-11-06"
    assert (article.kicker, article.title, article.lead) == (KICKER, TITLE, LEAD)
    assert article.text.split("\n") == STORY
    assert (article.authors, article.agencies) == ([], ["dpa"])
    assert [(card.kicker, card.title) for card in made.teasers] == [
        ("Nachts am Siel", f"Film {number} zeigt die Schleuse bei Nacht") for number in (1, 2, 3)
    ]


def test_ntv_names_its_authors_in_the_metadata() -> None:
    assert read(ntv_page(author="Juliane Petersen")).article.authors == ["Juliane Petersen"]


def test_a_headline_of_ntv_without_a_kicker_has_none() -> None:
    article = read(ntv_page(kicker="")).article
    assert (article.kicker, article.title) == (None, TITLE)


@pytest.mark.parametrize(("day", "rules"), [(5, "ntv 2016-08-01"), (6, "ntv 2025-11-06")])
def test_the_layout_is_that_of_the_day_of_the_capture(day: int, rules: str) -> None:
    headline = f'<span class="article__kicker">{KICKER}</span><span class="article__headline">{TITLE}</span>'
    html = f"""<html lang="de"><head><title>{TITLE}</title></head><body><article class="article">
<div class="article__header"><h1>{headline}</h1></div>
<div class="article__text">{"".join(f"<p>{line}</p>" for line in STORY)}</div></article></body></html>"""
    article = read(html, dt.datetime(2025, 11, day, 9, tzinfo=dt.UTC)).article
    assert article.rules == rules
    assert (article.kicker, article.title, article.text.split("\n")) == (KICKER, TITLE, STORY)
