"""What is easily lost: every line of the article comes back, however it is wrapped."""

from __future__ import annotations

import pytest
from lxml.html import HtmlElement

from klartext.extract import main_text
from klartext.extract.blocks import Block, blocks
from klartext.extract.document import parse
from support import sample_pages
from support.sample_pages import HEADINGS, HOUSES, STORY


def body(wrap: dict[int, str] | None = None, *, heading: str = "<h2>{}</h2>", paragraph: str = "<p>{}</p>") -> str:
    """The story with a wrapper of its own around some of its lines."""
    made = []
    for place, line in enumerate(STORY):
        usual = heading if line in HEADINGS else paragraph
        made.append((wrap or {}).get(place, usual).format(line))
    return "\n".join(made)


WAYS = {
    "paragraphs": body(),
    "subheadings in wrappers": body(heading='<div class="zwischentitel"><h3>{}</h3></div>'),
    "subheadings in a header": body(heading="<header><h2>{}</h2></header>"),
    "subheadings with an anchor": body(heading='<h2 id="a"><a name="a"></a><span>{}</span></h2>'),
    "subheadings as bold paragraphs": body(heading="<p><strong>{}</strong></p>"),
    "a subheading inside a paragraph": body(heading="<p><h3>{}</h3></p>"),
    "first paragraph in a wrapper of its own": body({0: '<div class="erster"><p>{}</p></div>'}),
    "every paragraph in a wrapper of its own": body(
        paragraph='<div class="absatz"><p>{}</p></div>', heading="<div><h2>{}</h2></div>"
    ),
    "paragraphs as div": body(paragraph='<div class="text">{}</div>'),
    "a paragraph in a box that is open": body({4: '<section class="faktenlage"><p>{}</p></section>'}),
    "the last paragraph in a wrapper of its own": body({8: '<div class="ende"><p>{}</p></div>'}),
    "advertising slots between": body(paragraph='<p>{}</p><div class="ad-slot" id="ad"></div>'),
    "the text in two sections": f"<section>{body().split('<h2>')[0]}</section><section><h2>"
    + "<h2>".join(body().split("<h2>")[1:])
    + "</section>",
}


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize("way", WAYS)
def test_the_whole_story_comes_back(way: str, house: str) -> None:
    assert sample_pages.text(sample_pages.read(sample_pages.page(WAYS[way], house=house))) == STORY


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize("mark", ["ul", "ol"])
def test_list_items_of_the_article_stay(mark: str, house: str) -> None:
    items = ["Eine Krone von sechs Metern Breite", "Zwei neue Siele aus Stahl", "Ein Weg für Räder und für Schafe"]
    listed = f"<{mark}>" + "".join(f"<li>{item}</li>" for item in items) + f"</{mark}>"
    story = [*STORY[:5], *items, *STORY[5:]]
    assert (
        sample_pages.text(sample_pages.read(sample_pages.page(sample_pages.lines(inside=listed), house=house))) == story
    )


@pytest.mark.parametrize("house", HOUSES)
def test_a_quote_set_as_a_quote_stays(house: str) -> None:
    quote = "„Der blanke Hans fragt nicht, ob der Haushalt gedeckt ist. Er kommt, wann er will, und meistens nachts.“"
    story = [*STORY[:5], quote, *STORY[5:]]
    made = sample_pages.read(
        sample_pages.page(sample_pages.lines(inside=f"<blockquote><p>{quote}</p></blockquote>"), house=house)
    )
    assert sample_pages.text(made) == story


def test_characters_as_the_reader_sees_them() -> None:
    story = {
        '<p><span class="initiale">N</span>a endlich, sagte der Deichgraf, als der Brief aus der Landeshauptstadt auf '
        "seinem Tisch lag.</p>": "Na endlich, sagte der Deichgraf, als der Brief aus der Landeshauptstadt auf seinem "
        "Tisch lag.",
        "<p>Gegen die Pläne hatte die EU-<a href='/k'>Kommission</a> ein <em>Verfahren</em> eröffnet, das sie im "
        "<b>Herbst</b>&nbsp;beendete.</p>": "Gegen die Pläne hatte die EU-Kommission ein Verfahren eröffnet, das sie "
        "im Herbst beendete.",
        "<p>Der Küsten&shy;schutz&shy;minister versprach, die Kubik&shy;meter noch einmal nach&shy;zählen zu lassen, "
        "10&nbsp;000 mehr oder weniger.</p>": "Der Küstenschutzminister versprach, die Kubikmeter noch einmal "
        "nachzählen zu lassen, 10 000 mehr oder weniger.",
    }
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside="".join(story))))
    assert sample_pages.text(made) == [*STORY[:5], *story.values(), *STORY[5:]]


def test_a_short_report_is_read_whole() -> None:
    short = [
        "Ein Traktor ist am Sonntag in Nordkrog in einen Graben gerutscht. Der Fahrer blieb unverletzt.",
        "Er hatte nach Angaben der Polizei einem Fasan ausweichen wollen. Der Fasan entkam.",
    ]
    assert sample_pages.text(sample_pages.read(sample_pages.page("".join(f"<p>{line}</p>" for line in short)))) == short


def marked(html: str, chosen: list[str]) -> list[Block]:
    page = blocks(parse(sample_pages.capture(html)).tree.body)
    main_text.vote(page, chosen)
    return page


def test_chosen_lines_are_found_again_though_something_was_taken_from_them() -> None:
    page = marked(sample_pages.page(), [STORY[0], f"- {STORY[2]}", STORY[5].replace("seit vier Generationen ", "")])
    assert [block.text for block in page if block.keep] == [STORY[0], STORY[2], STORY[5]]
    assert {block.rule for block in page if block.keep} == {"trafilatura"}


def test_a_short_line_is_not_found_inside_a_long_one() -> None:
    page = marked(sample_pages.page(sample_pages.lines(inside="<p>der Deich</p>")), [STORY[0]])
    assert [block.text for block in page if block.keep] == [STORY[0]]


def test_the_container_holds_the_text_and_little_else() -> None:
    page = marked(sample_pages.page(below="<div><p>Impressum und anderes, das hier unten steht.</p></div>"), STORY)
    box = main_text.container(page)
    assert box is not None
    assert box.get("class") == "article-body"
    assert main_text.container([]) is None


def test_a_page_without_running_text_has_no_scope() -> None:
    assert main_text.scope(blocks(parse(sample_pages.capture("<body><h1>Kurz</h1><p>Kurz.</p></body>")).tree.body)) == (
        None,
        0,
    )


def test_running_text_alone_is_what_stands_in_elements_of_one_make() -> None:
    ticker = "<div class='kurz'><p>Die Fähre nach Hallum fährt bald mit Strom, sagt die Reederei am Hafen.</p></div>"
    page = blocks(parse(sample_pages.capture(sample_pages.page(below=ticker * 3, house="bare"))).body)
    main_text.vote_alone(page)
    kept = [block.text for block in page if block.keep]
    assert kept == [line for line in STORY if line not in HEADINGS]


@pytest.mark.parametrize("house", HOUSES)
def test_a_text_without_paragraphs_below_an_opening_that_is_one_stays(house: str) -> None:
    """Trafilatura's fast answer is the only paragraph; the text, longer and built otherwise, is in its full answer."""
    prose = [line for line in STORY if line not in HEADINGS]
    opening = f'<header><div class="teaser"><p class="abstract">{prose[0]} {prose[1]}</p></div></header>'
    text = f'<div class="rtf clearfix">{"<br><br>".join(prose[2:5])}</div>'
    made = sample_pages.read(sample_pages.page(opening + text, house=house))
    assert sample_pages.text(made) == prose[2:5]
    assert made.article.lead == f"{prose[0]} {prose[1]}"


@pytest.mark.parametrize(("times", "left", "forms"), [(3, 0, [True]), (3, 3, [True, False]), (1, 0, [True])])
def test_trafilatura_is_asked_for_more_only_where_text_built_alike_is_left(
    times: int, left: int, forms: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def chosen_lines(tree: HtmlElement, url: str, *, fast: bool = False) -> list[str]:
        asked.append(fast)
        return [line for line in STORY if line not in STORY[len(STORY) - left :]]

    monkeypatch.setattr(main_text, "chosen_lines", chosen_lines)
    cards = "".join(f'<div class="karte">{day}. Tag. {STORY[3]} {STORY[4]}</div>' for day in range(times))
    document = parse(sample_pages.capture(sample_pages.page(sample_pages.lines(after=cards))))
    page = blocks(document.body)
    main_text.choose(document, page, page)
    assert asked == forms
