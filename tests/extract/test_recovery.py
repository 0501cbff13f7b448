"""What trafilatura leaves out and belongs to the text: tables, definitions, second containers; captions do not."""

from __future__ import annotations

import lxml.html
import pytest

from klartext.extract import recovery
from klartext.extract.blocks import blocks
from support import sample_pages
from support.sample_pages import HEADINGS, HOUSES, STORY

ROWS = ["Jahr | Pegel | Schafe", "1962 | 4,90 m | 310", "2013 | 5,10 m | 740"]
TABLE = "<table>" + "".join(
    "<tr>" + "".join(f"<td>{cell}</td>" for cell in row.split(" | ")) + "</tr>" for row in ROWS
) + "</table>"  # fmt: skip
FACTS = ["Länge", "Elf Kilometer zwischen Siel und Hafen", "Alter", "Vierhundert Jahre, mit drei Brüchen"]
DEFINITIONS = f"<dl><dt>{FACTS[0]}</dt><dd>{FACTS[1]}</dd><dt>{FACTS[2]}</dt><dd>{FACTS[3]}</dd></dl>"
STEPS = ["Den Klei antreiben", "Die alte Narbe abheben", "Sode für Sode wieder auflegen"]
LINKED = "<ol>" + "".join(f"<li>{step} (<a href='/l'>Bild</a>)</li>" for step in STEPS) + "</ol>"


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize(
    ("markup", "lines"),
    [(TABLE, ROWS), (DEFINITIONS, FACTS), (LINKED, [f"{step} (Bild)" for step in STEPS])],
    ids=["table", "definitions", "steps"],
)
def test_what_is_no_paragraph_stays_in_its_place(markup: str, lines: list[str], house: str) -> None:
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=markup), house=house))
    assert sample_pages.text(made) == [*STORY[:5], *lines, *STORY[5:]]


def paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{line}</p>" for line in lines if len(line) > 60)


def test_a_text_in_two_containers_of_one_make_is_whole() -> None:
    first, second = (f'<div class="absatzgruppe">{paragraphs(part)}</div>' for part in (STORY[:4], STORY[4:]))
    made = sample_pages.read(sample_pages.page(f'<div>{first}</div><div class="werbeplatz"></div><div>{second}</div>'))
    assert sample_pages.text(made) == [line for line in STORY if len(line) > 60]


@pytest.mark.parametrize(("box", "is_taken"), [("spalte", True), ("briefe", False)])
def test_a_second_container_belongs_to_the_text_if_the_box_around_it_is_built_alike(box: str, is_taken: bool) -> None:
    first, second = (
        f'<div class="{name}"><div class="absatz">{paragraphs(part)}</div></div>'
        for name, part in (("spalte", STORY[:5]), (box, STORY[5:]))
    )
    page = blocks(lxml.html.fromstring(f"<article>{first}<div>{second}</div></article>"))
    for block in page:
        if block.text in STORY[:5]:
            block.decide(True, "trafilatura")
    recovery.extend(page)
    assert {block.keep for block in page if block.text in STORY[5:]} == {is_taken}


@pytest.mark.parametrize("wrapper", ["div", "span"])
def test_a_caption_beside_an_image_is_no_text(wrapper: str) -> None:
    words = "Das Siel von Nordkrog an einem Tag im Februar, als das Wasser noch bis an die Krone stand"
    box = f'<div class="kx7"><img src="/siel.jpg"><{wrapper}>{words}</{wrapper}></div>'
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=box)))
    assert sample_pages.text(made) == STORY


NOTICE = "Der Hafenkurier erscheint an jedem Werktag; seine Texte stehen unter dem Schutz des Rechts der Urheber."
LETTERS = [
    f"Leser {n} aus Nordkrog schreibt uns, dass der alte Deich die Sturmfluten noch immer gehalten habe."
    for n in range(60)
]


def recovered(markup: str) -> list[str]:
    """The lines taken back where the story and a notice far from it are chosen."""
    page = blocks(lxml.html.fromstring(f"<div>{markup}</div>"))
    for block in page:
        if block.text in (*STORY, NOTICE):
            block.decide(True, "trafilatura")
    recovery.recover(page, page[0].around[-1])
    return [block.text for block in page if block.rule == "among-paragraphs"]


@pytest.mark.parametrize("tag", ["p", "div"])
def test_what_stands_between_the_text_and_a_notice_at_the_foot_of_the_page_is_no_text(tag: str) -> None:
    letters = "".join(f"<div><h3>Brief {n}</h3><{tag}>{line}</{tag}></div>" for n, line in enumerate(LETTERS))
    text = f'<div class="text">{paragraphs(STORY)}</div>'
    foot = f'<div class="fuss"><p>{NOTICE}</p></div>'
    assert recovered(f"{text}<div>{letters}</div>{foot}") == []
    assert recovered(f"<article>{text}<div>{letters}</div>{foot}</article>") != []


def test_a_paragraph_outside_of_the_element_of_the_others_belongs_to_them() -> None:
    text = f'<div class="text">{paragraphs(STORY)}</div>'
    foot = f'<div class="fuss"><p>{NOTICE}</p></div>'
    assert recovered(f"{text}<div><p>{LETTERS[0]}</p></div>{foot}") == [LETTERS[0]]


@pytest.mark.parametrize("announced", ["<h2>Was nun zu tun ist</h2>", "<p>Was nun zu tun ist:</p>", ""])
@pytest.mark.parametrize("house", HOUSES)
def test_a_list_ends_the_text_if_it_is_announced_or_running_text(announced: str, house: str) -> None:
    steps = (
        STEPS
        if announced
        else [f"{step}, wie es der Verband seit dem Winter vor zwei Jahren verlangt." for step in STEPS]
    )
    listed = f"{announced}<ul>{''.join(f'<li>{step}</li>' for step in steps)}</ul>"
    text = sample_pages.text(sample_pages.read(sample_pages.page(sample_pages.lines(after=listed), house=house)))
    assert [line for line in text if line in steps] == steps
    assert (text[-4].rstrip(":") == "Was nun zu tun ist") == bool(announced)


@pytest.mark.parametrize("house", HOUSES)
def test_a_list_of_links_behind_the_text_is_none_of_it(house: str) -> None:
    links = "<ul><li><a href='/a.html'>Wie hoch ein Deich ist</a></li><li><a href='/b.html'>Der Schäfer</a></li></ul>"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(after=links), house=house))
    assert sample_pages.text(made) == STORY


def test_a_short_first_part_belongs_to_the_text_if_its_paragraphs_are_built_like_the_others() -> None:
    def part(number: int, lines: list[str], kind: str) -> str:
        shown = "".join(f'<p class="{kind}">{line}</p>' for line in lines if len(line) > 60)
        return f'<div class="teil teil-{number}">{shown}</div><div class="platz">Weiter unter der Karte</div>'

    whole = part(1, STORY[:1], "absatz") + part(2, STORY[1:], "absatz")
    text = [line for line in STORY if line not in HEADINGS]
    assert [line for line in recovered_page(whole) if line in text] == text
    other = part(1, LETTERS[:1], "leserbrief") + part(2, STORY, "absatz")
    assert LETTERS[0] not in recovered_page(other)


def recovered_page(markup: str) -> list[str]:
    """The text of a page whose rules say nothing of what is chosen first: trafilatura's choice is the second part."""
    made = lxml.html.fromstring(f"<html><body><article>{markup}</article></body></html>")
    page = blocks(made.find("body"))
    for block in page:
        if any((e.get("class") or "").endswith("teil-2") for e in block.around):
            block.decide(True, "trafilatura")
    recovery.extend(page)
    return [block.text for block in page if block.keep]


@pytest.mark.parametrize("house", HOUSES)
def test_headings_of_the_entries_of_a_list_stay_though_they_are_links(house: str) -> None:
    names = ["1. Der alte Hafen", "2. Das neue Siel", "3. Die Kirche", "4. Das Museum"]
    said = "{0}. Station: Hier hält der Bus nach Nordkrog, und von hier sind es elf Minuten zu Fuß bis an die See."
    entries = "".join(
        f'<h3><a href="/orte/{n}.html">{name}</a></h3><p>{said.format(n)}</p>' for n, name in enumerate(names)
    )
    text = sample_pages.text(sample_pages.read(sample_pages.page(sample_pages.lines(inside=entries), house=house)))
    assert [line for line in text if line in names] == names
    one = f'<h3><a href="/orte/1.html">Der alte Hafen</a></h3><p>{said.format(1)}</p>'
    text = sample_pages.text(sample_pages.read(sample_pages.page(sample_pages.lines(inside=one), house=house)))
    assert "Der alte Hafen" not in text


POINTS = [
    "Der Deich von Nordkrog wird in den kommenden sechs Jahren zwei Meter höher als bisher.",
    "Das Land trägt neun Zehntel der Kosten, den Rest zahlen die Gemeinde und der Verband.",
    "Kurz",
]


def test_a_list_with_a_heading_above_the_first_paragraph_is_of_the_text() -> None:
    def above(points: list[str]) -> list[str]:
        items = "".join(f"<li>{line}</li>" for line in points)
        page = blocks(lxml.html.fromstring(f"<div><h2>Auf einen Blick</h2><ul>{items}</ul>{paragraphs(STORY)}</div>"))
        for block in page:
            if block.text in STORY:
                block.decide(True, "trafilatura")
        recovery.recover(page, page[0].around[-1])
        return [block.text for block in page if block.rule == "among-paragraphs"]

    assert set(above(POINTS)) == {"Auf einen Blick", *POINTS}
    assert above(["Redaktion", "20. Mai 2024"]) == []


@pytest.mark.parametrize(
    ("site", "is_text"), [("https://www.wasserbau.example/", True), (sample_pages.URL, False), ("/l/", False)]
)
def test_a_list_of_links_to_other_sites_is_of_the_text_and_one_of_the_own_site_is_not(site: str, is_text: bool) -> None:
    names = ["Bericht des Landes", "Karte der Deiche", "Pegel seit 1962"]
    items = "".join(f"<li><a href='{site}{n}'>{name}</a></li>" for n, name in enumerate(names))
    text = sample_pages.text(sample_pages.read(sample_pages.page(sample_pages.lines(inside=f"<ul>{items}</ul>"))))
    assert [line for line in text if line in names] == (names if is_text else [])


@pytest.mark.parametrize("house", HOUSES)
def test_key_points_above_the_text_stay(house: str) -> None:
    points = [
        "Der Deich von Nordkrog wird in sechs Jahren zwei Meter höher, sagt der Verband.",
        "Bezahlt wird der Bau zu neun Zehnteln vom Land, den Rest gibt die Gemeinde dazu.",
    ]
    listed = "<ul>" + "".join(f"<li>{point}</li>" for point in points) + "</ul>"
    made = sample_pages.read(sample_pages.page(listed + sample_pages.lines(), house=house))
    assert sample_pages.text(made) == [*points, *STORY]


def test_the_first_line_of_an_element_whose_other_lines_are_the_text_stays() -> None:
    prose = [line for line in STORY if line not in HEADINGS]
    root = lxml.html.fromstring(f'<div><div class="top">Hafen</div><div>{"<br><br>".join(prose)}</div></div>')
    page = blocks(root)
    for block in page[2:]:
        block.decide(True, "trafilatura")
    recovery.recover(page, root)
    assert [block.text for block in page if block.keep] == prose
