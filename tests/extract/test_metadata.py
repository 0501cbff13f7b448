from __future__ import annotations

import json

import pytest

from klartext.extract.metadata import language
from klartext.model import Article, Image
from klartext.sources import Source
from support import sample_pages


def read(head: str = "", top: str = "", inside: str = "") -> Article:
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=inside), head=head, top=top))
    assert sample_pages.text(made) == sample_pages.STORY
    return made.article


def crumbs(*names: str) -> str:
    steps = [{"@type": "ListItem", "position": n, "name": name} for n, name in enumerate(names, 1)]
    made = {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": steps}
    return f'<script type="application/ld+json">{json.dumps(made)}</script>'


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (sample_pages.ld(articleSection="Region"), "Region"),
        (sample_pages.ld(articleSection=["Region", "Küste"]), "Region"),
        ('<meta property="article:section" content="Region">', "Region"),
        (crumbs("Hafenkurier", "Region", "In Nordkrog soll der Deich wachsen"), "Region"),
        (crumbs("Startseite", "Region"), "Region"),
        ("", None),
    ],
)
def test_the_section(head: str, wanted: str | None) -> None:
    assert read(head).section == wanted


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (sample_pages.ld(keywords=["Deich", "Küste", "Deich"]), ["Deich", "Küste"]),
        (sample_pages.ld(keywords="Deich, Küste;Schafe"), ["Deich", "Küste", "Schafe"]),
        (sample_pages.ld(keywords=[{"@type": "DefinedTerm", "name": "Deich"}]), ["Deich"]),
        (
            '<meta property="article:tag" content="Deich"><meta property="article:tag" content="Küste">',
            ["Deich", "Küste"],
        ),
        ('<meta name="keywords" content="Deich, Küste">', ["Deich", "Küste"]),
        (sample_pages.ld(keywords={"@type": "DefinedTerm", "name": "Deich"}), ["Deich"]),
        (sample_pages.ld(keywords={"@list": ["Deich", "Küste"]}), ["Deich", "Küste"]),
        (sample_pages.ld(keywords='["Deich", "Küste"]'), ["Deich", "Küste"]),
        (sample_pages.ld(keywords=7), []),
        ("", []),
    ],
)
def test_the_topics(head: str, wanted: list[str]) -> None:
    assert read(head).topics == wanted


@pytest.mark.parametrize(
    ("caption", "wanted"),
    [
        (
            'Der Deich im Januar. <span class="credit">Foto: Jan Harms</span>',
            ("Der Deich im Januar.", "Foto: Jan Harms"),
        ),
        ("Der Deich im Januar. Foto: Jan Harms", ("Der Deich im Januar.", "Foto: Jan Harms")),
        ("Der Deich im Januar. © Jan Harms/dpa", ("Der Deich im Januar.", "© Jan Harms/dpa")),
        ("Der Deich im Januar.", ("Der Deich im Januar.", None)),
        ("© Jan Harms", (None, "© Jan Harms")),
    ],
)
def test_a_picture_with_caption_and_credit(caption: str, wanted: tuple[str | None, str | None]) -> None:
    figure = f'<figure><img src="/bilder/deich.jpg" alt=""><figcaption>{caption}</figcaption></figure>'
    address = "https://www.hafenkurier.example/bilder/deich.jpg"
    assert read(inside=figure).images == [Image(url=address, caption=wanted[0], credit=wanted[1])]


@pytest.mark.parametrize(
    "img",
    [
        '<img src="/d.jpg">',
        '<img src="data:image/gif;base64,R0" data-src="/d.jpg">',
        '<img srcset="/d.jpg 400w, /e.jpg 800w">',
        '<img src="/leer.gif" data-src="/d.jpg">',
        '<img src="about:blank" data-lazy-src=" /d.jpg ">',
        '<img src="#" data-original="/d.jpg">',
        '<img data-src="/bild-{width}.jpg" src="/d.jpg">',
        '<img srcset="\n  /d.jpg 400w,\n  /e.jpg 800w">',
        '<picture><source srcset="/d.jpg 800w"><img src="data:image/gif;base64,R0"></picture>',
        '<amp-img src="/d.jpg"></amp-img>',
        '<picture><source srcset="/x.webp"><img src="https://www.hafenkurier.example/d.jpg"></picture>',
    ],
)
def test_the_address_of_a_picture(img: str) -> None:
    assert [one.url for one in read(inside=f"<figure>{img}</figure>").images] == [
        "https://www.hafenkurier.example/d.jpg"
    ]


def test_a_picture_twice_on_the_page_is_one_and_above_the_text_counts() -> None:
    figure = '<figure><img src="/d.jpg"></figure>'
    assert len(read(top=figure, inside=figure).images) == 1


CARD = '<figure><img src="/bilder/storch.jpg"></figure>'
TITLE = "Storch legt Bahnstrecke lahm"


@pytest.mark.parametrize(
    "card",
    [
        f'<article>{CARD}<h3><a href="/news/storch">{TITLE}</a></h3></article>',
        f'<div class="box"><div>{CARD}</div><div><a href="/news/storch">{TITLE}</a></div></div>',
        f'<a href="/news/storch">{CARD}<h4>Storch</h4></a>',
        f'<figure><a href="https://www.hafenkurier.example/news/storch"><img src="/s.jpg"><b>{TITLE}</b></a></figure>',
        f"<aside><ul><li><a href='/news/storch'>{CARD}</a><a href='/news/storch'>{TITLE}</a></li></ul></aside>",
    ],
)
@pytest.mark.parametrize("place", ["top", "inside"])
def test_the_picture_of_a_teaser_is_not_the_articles(card: str, place: str) -> None:
    credit = '<a href="/foto/x">Foto: Agentur Nord und West</a>'
    own = f'<figure><img src="/d.jpg"><figcaption>Der Deich ({credit})</figcaption></figure>'
    found = read(**{place: own + card}).images
    assert [one.url for one in found] == ["https://www.hafenkurier.example/d.jpg"]


@pytest.mark.parametrize(
    "figure",
    [
        '<a href="/bilder/gross/d.jpg"><figure><img src="/d.jpg"></figure> Das Bild in voller Größe</a>',
        '<div><figure><a href="/galerie/12"><img src="/d.jpg"></a></figure></div>',
        '<header><figure><img src="/d.jpg"></figure><h1>Der Deich wächst</h1>'
        '<a href="/autor/x">Von Erika Maria Muster</a></header>',
    ],
)
def test_the_picture_of_an_article_that_leads_somewhere(figure: str) -> None:
    assert [one.url for one in read(inside=figure).images] == ["https://www.hafenkurier.example/d.jpg"]


def test_the_preview_where_the_article_has_no_picture() -> None:
    found = read('<meta property="og:image" content="/preview.jpg">').images
    assert found == [Image(url="https://www.hafenkurier.example/preview.jpg", caption=None, credit=None)]
    assert read().images == []


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="og:image" content="undefined"><meta name="twitter:image" content="/d.jpg">',
        '<meta property="og:image:secure_url" content="//www.hafenkurier.example/d.jpg">',
        '<meta name="twitter:image:src" content="/d.jpg">',
        sample_pages.ld(image={"@type": "ImageObject", "url": "/d.jpg"}),
        sample_pages.ld(image=["/d.jpg", "/e.jpg"]),
    ],
)
def test_the_preview_is_stated_in_several_ways(head: str) -> None:
    assert [one.url for one in read(head).images] == ["https://www.hafenkurier.example/d.jpg"]


def test_the_language_of_the_text() -> None:
    assert read().language == "de"
    assert (
        language("The dyke at Nordkrog will grow by two metres, and the sheep have to leave for three summers.") == "en"
    )
    assert language("Zu kurz.") is None
    assert language("In Nordkrog wächst der Deich: zwei Meter höher, oben flach, breit genug für Radfahrer.") == "de"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("lb", "De Buergermeeschter huet gëschter gesot, datt den Dag nach wéit ass an datt d'Gemeng am Summer méi "
               "Suen fir den Damm ausgëtt; dass dat net duergeet, hat der Oppositioun hire Spriecher gëschter gesot."),
        ("nl", "De burgemeester heeft die dag gezegd dat er geld voor de dijk moet komen, maar die der wethouders is "
               "daar niet van overtuigd, en dat is voor de boeren een groot probleem."),
        ("da", "Borgmesteren har i dag sagt, at der skal være flere penge til diget, og at den plan er for alle; men "
               "der er også kritik fra dem, der mener, at det går for langsomt."),
    ],
)  # fmt: skip
def test_a_neighbour_of_german_is_not_taken_for_it(code: str, text: str) -> None:
    assert language(text) == code


@pytest.mark.parametrize(
    ("said", "wanted"),
    [(269, 269), ("1.024", 1024), ("300 Wörter", None), (0, None), (-5, None), ("", None), (12.5, None), ([300], None),
     (10**9, None), (True, None)],
)  # fmt: skip
def test_words_as_the_publisher_counts_them(said: object, wanted: int | None) -> None:
    assert read(sample_pages.ld(wordCount=said)).stated_word_count == wanted


def test_the_rules_may_name_where_the_publisher_counts() -> None:
    page = sample_pages.page(
        sample_pages.lines(),
        head=sample_pages.ld(wordCount=9),
        top='<div id="a" data-w="411"></div><i class="w">57</i>',
    )
    for selector, wanted in (("#a::attr(data-w)", 411), (".w", 57), (".fehlt", 9), ("#a::attr(data-x)", 9)):
        rules = [{"valid_from": "2016-08-01", "word_count": selector}]
        source = Source.model_validate({**sample_pages.SOURCE.model_dump(), "rules": rules})
        assert sample_pages.read(page, source=source).article.stated_word_count == wanted


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("これは水車の修理についての記事です。来年の春に工事が始まり、夏には見学者を迎える予定です。", "ja"),
        ("市政府周一宣布将修缮河边的老磨坊，预计明年重新向游客开放，费用约为两百万欧元。", "zh"),
        ("시의회는 월요일 강가의 낡은 물레방아를 수리하고 내년에 다시 개방하기로 결정했다고 밝혔다.", "ko"),
        ("Քաղաքային խորհուրդը երկուշաբթի որոշեց վերանորոգել գետի մոտ գտնվող հին ջրաղացը և հաջորդ տարի բացել։", "hy"),
        ("สภาเมืองตัดสินใจเมื่อวันจันทร์ที่จะซ่อมแซมโรงสีเก่าริมแม่น้ำและเปิดให้ผู้เยี่ยมชมอีกครั้งในปีหน้า", "th"),
        ("短い", None),
    ],
)
def test_languages_of_other_scripts(text: str, code: str | None) -> None:
    assert language(text) == code


def test_the_section_is_the_first_step_of_a_breadcrumb_that_is_not_the_site() -> None:
    trail = '<nav class="breadcrumb"><a href="/">Startseite</a> <a href="/region">Region</a></nav>'
    html = sample_pages.page().replace("<body>", f"<body>{trail}", 1)
    assert sample_pages.read(html).article.section == "Region"
