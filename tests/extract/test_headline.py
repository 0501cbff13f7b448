from __future__ import annotations

import pytest

from support import sample_pages
from support.sample_pages import KICKER, STORY, TITLE


def title(html: str) -> tuple[str, str | None]:
    made = sample_pages.read(html)
    assert sample_pages.text(made) == STORY
    return made.article.title, made.article.kicker


def with_h1(h1: str, head: str = "") -> str:
    html = sample_pages.page(head=head).replace(f"<title>{TITLE}</title>", "", 1)
    return html.replace(f"<h1>{TITLE}</h1>", h1)


SEO = '<title>Deich Nordkrog: Zwei Meter höher | Hafenkurier</title><meta property="og:title" content="Deichbau 2024">'


@pytest.mark.parametrize(
    ("h1", "wanted"),
    [
        (f"<h1>{TITLE}</h1>", (TITLE, None)),
        (f"<h1><span>{TITLE}</span></h1>", (TITLE, None)),
        (f"<h1>\n  {TITLE.replace(' ', chr(10))}\n</h1>", (TITLE, None)),
        (f"<h1>{TITLE.replace('Deich', 'Dei&shy;ch')}</h1>", (TITLE, None)),
        (f'<h1><span class="kicker">{KICKER}</span> <span class="headline">{TITLE}</span></h1>', (TITLE, KICKER)),
        (f'<h1><span class="kicker">{KICKER}:</span>{TITLE}</h1>', (TITLE, KICKER)),
        (f"<h1><span>{KICKER}:</span> <span>{TITLE}</span></h1>", (TITLE, KICKER)),
        (f'<h1><span class="badge-plus">K+</span> {TITLE}</h1>', (TITLE, None)),
        (f"<h1>{TITLE} <svg><title>Symbol</title></svg></h1>", (TITLE, None)),
        (f'<h1>{TITLE}<span class="visually-hidden">, Artikel mit Abo</span></h1>', (TITLE, None)),
    ],
)
def test_the_headline_as_the_reader_sees_it(h1: str, wanted: tuple[str, str | None]) -> None:
    assert title(with_h1(h1, SEO)) == wanted


def test_a_kicker_is_told_by_the_colon_in_another_title() -> None:
    h1 = (
        f'<h1><span class="a">{KICKER}</span><span class="visually-hidden">:</span> <span class="b">{TITLE}</span></h1>'
    )
    head = f'<meta property="og:title" content="{KICKER}: {TITLE}">'
    assert title(with_h1(h1, head)) == (TITLE, KICKER)


def test_a_kicker_above_the_headline() -> None:
    assert title(sample_pages.page(above=f'<p class="dachzeile">{KICKER}:</p>')) == (TITLE, KICKER)
    assert title(sample_pages.page(above="<p>Irgendetwas</p>")) == (TITLE, None)


def test_of_several_h1_the_one_that_the_page_calls_its_title() -> None:
    logo = '<h1 class="logo"><a href="/">Hafenkurier – Nachrichten von der Küste</a></h1>'
    html = sample_pages.page(head=f'<meta property="og:title" content="{TITLE}">').replace("<main>", f"{logo}<main>")
    assert title(html) == (TITLE, None)
    below = sample_pages.page(head=sample_pages.ld(), below="<h1>Meistgelesen</h1>")
    assert title(below) == (TITLE, None)


@pytest.mark.parametrize(
    "said",
    [
        f"{TITLE} | Hafenkurier",
        f"{TITLE} - Hafenkurier",
        f"{TITLE} – Hafenkurier",
        f"{TITLE} • Region • Hafenkurier",
        TITLE,
    ],
)
def test_without_a_heading_the_pages_title_without_the_sites_name(said: str) -> None:
    html = with_h1("", f'<title>{said}</title><meta property="og:site_name" content="Hafenkurier">')
    assert title(html) == (TITLE, None)


def test_a_dash_that_belongs_to_the_headline_stays() -> None:
    own = "Nordkrog baut den Deich – und die Schafe müssen weichen"
    html = with_h1("", f'<meta property="og:title" content="{own}">')
    assert title(html) == (own, None)


def test_a_heading_of_second_rank_where_no_h1_is() -> None:
    assert title(with_h1(f"<h2>{TITLE}</h2>", f"<title>{TITLE} | Hafenkurier</title>")) == (TITLE, None)


@pytest.mark.parametrize(
    "logo",
    [
        '<h1><a href="/">Hafenkurier</a></h1>',
        '<a href="/"><h1>Unsere Zeitung</h1></a>',
        "<h1>Hafenkurier</h1>",
        "<h1>Region</h1>",
    ],
)
def test_an_h1_that_is_the_logo_or_the_section_is_no_headline(logo: str) -> None:
    html = sample_pages.page().replace(f"<h1>{sample_pages.TITLE}</h1>", f"<h2>{sample_pages.TITLE}</h2>")
    html = html.replace("<body>", f"<body>{logo}", 1)
    assert logo in html
    assert sample_pages.read(html).article.title == sample_pages.TITLE


def test_headings_of_the_first_level_within_the_text_are_no_writing_of_the_headline() -> None:
    story = "".join(
        f"<h1>{line}</h1>" if line in sample_pages.HEADINGS else f"<p>{line}</p>" for line in sample_pages.STORY
    )
    made = sample_pages.read(sample_pages.page(story))
    assert made.article.title == sample_pages.TITLE
    assert sample_pages.text(made) == sample_pages.STORY


@pytest.mark.parametrize("heading", ["Der Deich", "Warum der Deich nun doch so teuer wird"])
def test_an_h1_of_the_text_that_shares_words_with_the_title_is_no_headline(heading: str) -> None:
    story = sample_pages.lines(at=5, inside=f"<h1>{heading}</h1>")
    head = f"<title>{TITLE} | Hafenkurier</title>"
    for shown in (f"<h2>{TITLE}</h2>", f"<h3 class='post-title'>{TITLE}</h3>", ""):
        html = sample_pages.page(story, head=head).replace(f"<h1>{TITLE}</h1>", shown)
        made = sample_pages.read(html)
        assert made.article.title == TITLE
        assert heading in sample_pages.text(made)


def test_the_heading_of_the_comments_is_no_headline() -> None:
    html = with_h1("", f"<title>{TITLE}</title>")
    for replies in ("15 Replies to “{}”", "3 Antworten auf „{}“", "1.204 Kommentare zu „{}“"):
        assert title(html.replace("</main>", f"<h2>{replies.format(TITLE)}</h2></main>")) == (TITLE, None)


def test_an_entity_that_a_publisher_escaped_twice() -> None:
    assert title(with_h1("<h1>Deich &amp;amp; Siel &amp;#x26; Schafe &amp;quot;heute&amp;quot;</h1>")) == (
        'Deich & Siel & Schafe "heute"',
        None,
    )
    assert title(with_h1("<h1>Fischer &amp; Söhne; die Werft</h1>")) == ("Fischer & Söhne; die Werft", None)


def test_a_sites_name_in_the_words_of_its_host() -> None:
    for site, wanted in (("Kurier Example Hafen", TITLE), ("Kurier Example Küste", f"{TITLE} | Kurier Example Küste")):
        assert title(with_h1("", f"<title>{TITLE} | {site}</title>")) == (wanted, None)


@pytest.mark.parametrize("link", ['<h1><a href="http://[url]/">{}</a></h1>', '<a href="http://[url]/"><h1>{}</h1></a>'])
def test_a_link_that_is_no_address_ends_nothing(link: str) -> None:
    html = sample_pages.page().replace(f"<h1>{TITLE}</h1>", link.format(TITLE))
    assert "[url]" in html
    assert sample_pages.read(html).article.title == TITLE
