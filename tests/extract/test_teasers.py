from __future__ import annotations

import dataclasses

import pytest

from klartext.model import Teaser
from klartext.sources import Source
from support import sample_pages
from support.noise_samples import CARDS

OWN = f'<div class="newsbox"><a class="title" href="{sample_pages.URL}?utm_id=rec#oben">{sample_pages.TITLE}</a></div>'
RULES = {
    "item": ".newsbox", "title": "a.title", "link": "a.title[href]", "section": "a.section", "date": ".pubdate",
    "text": "p.flash",
}  # fmt: skip


def source(**rules: str) -> Source:
    layout = {"valid_from": "2016-08-01", "teasers": [{**RULES, **rules}]}
    numbered = {"article": ".", "number": r"-(?P<number>\d+)\.html"}
    return Source.model_validate({**sample_pages.SOURCE.model_dump(), "rules": [layout], "addresses": numbered})


def cards(html: str, known: Source = sample_pages.SOURCE) -> list[Teaser]:
    made = sample_pages.read(html, source=known)
    assert sample_pages.text(made) == sample_pages.STORY
    return made.teasers


def test_cards_as_rules_name_them() -> None:
    found = cards(sample_pages.page(below=CARDS), source())
    assert [card.position for card in found] == [1, 2, 3, 4]
    assert dataclasses.asdict(found[1]) | {"capture": None, "fetched_at": None} == {
        "article_id": "hafenkurier:4711",
        "url": sample_pages.URL,
        "position": 2,
        "title": "Ein Moor wird nass und keiner ist dagegen",
        "kicker": None,
        "section": "Region",
        "shown_date": "19. Mai 2024",
        "text": "In Süderbrook haben sich Bauern und Naturschützer verbündet.",
        "target_url": "https://www.hafenkurier.example/region/moor-4701.html",
        "is_self": False,
        "fetched_at": None,
        "capture": None,
    }


def test_the_articles_own_card_is_marked_whatever_hangs_on_its_address() -> None:
    found = cards(sample_pages.page(below=CARDS + OWN), source())
    assert [card.is_self for card in found] == [False, False, False, False, True]
    assert found[4].target_url == sample_pages.URL


def test_a_card_without_what_the_rules_name_is_a_card_all_the_same() -> None:
    (card,) = cards(
        sample_pages.page(below='<div class="newsbox"><a class="title" href="/b-7.html"> </a></div>'), source()
    )
    assert (card.title, card.text, card.shown_date, card.section) == (None, None, None, None)
    assert cards(sample_pages.page(below='<div class="newsbox"><p class="flash">Ohne Ziel.</p></div>'), source()) == []


def test_a_card_that_is_a_link_itself() -> None:
    (card,) = cards(
        sample_pages.page(below='<a class="newsbox" href="/b-7.html"><b>Titel der Karte</b></a>'), source(title="b")
    )
    assert (card.title, card.target_url) == ("Titel der Karte", "https://www.hafenkurier.example/b-7.html")


@pytest.mark.parametrize("href", ["javascript:weg()", "mailto:redaktion@hafenkurier.example", "http://[kaputt"])
def test_a_card_that_leads_nowhere_has_no_target(href: str) -> None:
    below = f'<div class="newsbox"><a class="title" href="{href}">Titel der Karte</a></div>'
    (card,) = cards(sample_pages.page(below=below), source())
    assert (card.title, card.target_url, card.is_self) == ("Titel der Karte", None, False)


@pytest.mark.parametrize("house", sample_pages.HOUSES)
def test_groups_of_like_cards_are_found_without_rules(house: str) -> None:
    found = cards(sample_pages.page(below=f"<div>{CARDS}</div>", house=house))
    assert [card.title for card in found] == [
        "Die Fähre nach Hallum fährt bald mit Strom",
        "Ein Moor wird nass und keiner ist dagegen",
        "Die Glocke von Nordkrog bekommt einen neuen Klang",
        "Krabbenfischer fürchten um ihren letzten Hafen",
    ]
    assert [card.shown_date for card in found] == ["19. Mai 2024"] * 4
    assert found[0].text == "Zwei Jahre lang wurde umgebaut, nun legt sie ab."


def test_menus_other_sites_and_pairs_are_no_cards() -> None:
    link = '<li><a href="{}">Ein Titel, der lang genug für eine Karte wäre</a></li>'
    own = [link.format(f"/a-{n}.html") for n in range(4)]
    other = [link.format(f"https://anderswo.example/a-{n}.html") for n in range(4)]
    for below in (
        f"<nav><ul>{''.join(own)}</ul></nav>",
        f"<ul>{''.join(other)}</ul>",
        f"<ul>{''.join(own[:2])}</ul>",
        f"<footer><ul>{''.join(own)}</ul></footer>",
    ):
        assert cards(sample_pages.page(below=below)) == []
    assert len(cards(sample_pages.page(below=f"<ul>{''.join(own)}</ul>"))) == 4


def test_a_card_twice_on_the_page_is_one_without_rules() -> None:
    assert len(cards(sample_pages.page(below=f"<div>{CARDS}</div><section>{CARDS}</section>"))) == 4
