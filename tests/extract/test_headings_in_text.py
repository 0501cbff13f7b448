"""Headings of the text in boxes, in links and with dates: each stays with the paragraphs below it."""

from __future__ import annotations

import pytest

from klartext.extract import word_lists
from klartext.extract.page import Extraction
from support import sample_pages
from support.sample_pages import STORY, URL

BELOW = (
    "Die Schuten legen nur bei Hochwasser an, weil die Rinne vor dem Siel versandet ist. Der Verband lässt sie im "
    "Frühjahr ausbaggern, bevor die erste Lage Klei aufgebracht wird."
)


def read(inside: str, house: str = "semantic") -> Extraction:
    return sample_pages.read(sample_pages.page(sample_pages.lines(inside=inside), house=house))


@pytest.mark.parametrize("days", [
    ("Donnerstag, 18. 7.", "Mittwoch, 17. 7."), ("18. Juli 2024", "17. Juli 2024"), ("18.07.2024", "17.07.2024"),
])  # fmt: skip
def test_the_days_of_a_chronology_stay(days: tuple[str, str]) -> None:
    entries = "".join(f"<h2>{day}</h2><h3>11.04 Uhr: Die Schute {n} legt an</h3><p>{BELOW} Tag {n}.</p>"
                      for n, day in enumerate(days))  # fmt: skip
    assert [line for line in sample_pages.text(read(entries)) if line in days] == list(days)


def test_a_date_that_heads_nothing_goes() -> None:
    made = sample_pages.read(sample_pages.page(sample_pages.lines(after="<h4>18. Juli 2024, 11:04 Uhr</h4>")))
    assert sample_pages.text(made) == STORY


@pytest.mark.parametrize(
    "line", ["2.1. Aufbau des Deichs", "3.3. Flexible Bauweise", "12.03.2020: Erste Schute legt an"]
)
def test_a_number_or_a_day_before_words_is_no_dateline(line: str) -> None:
    assert word_lists.rule_of_line(line) is None


@pytest.mark.parametrize("line", [
    "31.10.2023 - 14:08 Uhr dpa", "18.07.2024, 12:15 Uhr | Aktualisiert: 18.07.2024, 14.00 Uhr", "Stand: 5. April 2024",
    "2012-01-15 15:30 Hafenkurier", "18. Juli 2024, zuletzt aktualisiert 19. Juli 2024",
])  # fmt: skip
def test_a_time_with_what_stands_beside_it_is_a_dateline(line: str) -> None:
    assert word_lists.rule_of_line(line) == "dateline"


@pytest.mark.parametrize("house", sample_pages.HOUSES)
def test_the_questions_of_a_list_that_opens_stay_with_their_answers(house: str) -> None:
    asked = [f"Wie hoch wird der Deich im {n}. Jahr?" for n in (1, 2, 3)]
    opens = "".join(
        f'<div class="klapp"><h3><button aria-expanded="false">{ask}</button></h3><div><p>{BELOW} So im Jahr {n}.</p>'
        f"</div></div><div class='klapp'><button><h3>{ask[:-1]} und danach?</h3></button><div><p>{BELOW} Und dann {n}."
        "</p></div></div>"
        for n, ask in enumerate(asked)
    )
    text = sample_pages.text(read(opens, house))
    assert [line for line in text if line in asked] == asked
    assert sum(line.endswith("und danach?") for line in text) == len(asked)


def test_a_button_that_heads_nothing_goes() -> None:
    button = "<button><h3>Alle Karten zum Deichbau</h3></button>"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(after=button)))
    assert "Alle Karten zum Deichbau" not in sample_pages.text(made)


def test_a_heading_is_in_a_named_box_what_the_text_below_it_is() -> None:
    part = f'<section class="toc-part" id="toc_3"><h3>Der Weg der Schuten</h3><p>{BELOW}</p></section>'
    assert sample_pages.text(read(part))[5:7] == ["Der Weg der Schuten", BELOW]
    offer = f'<section class="newsletter"><h3>Der Weg der Schuten</h3><p>{BELOW}</p></section>'
    assert sample_pages.text(read(offer)) == STORY


def test_the_name_of_a_component_is_no_consent() -> None:
    part = f'<div class="cmp-title"><h3>Der Weg der Schuten</h3></div><div class="cmp-text"><p>{BELOW}</p></div>'
    assert sample_pages.text(read(part))[5:7] == ["Der Weg der Schuten", BELOW]


@pytest.mark.parametrize("heading, target, stays", [
    ("Der Weg der Schuten", f"{URL}#schuten", True),
    ("Der Weg der Schuten", f"{URL.removeprefix('https://www.hafenkurier.example')}#schuten", True),
    ("2. Der Weg der Schuten", "/lexikon/schute", True),
    ("Der Weg der Schuten", "/region/schuten-4712.html", False),
])  # fmt: skip
def test_a_heading_that_is_a_link_to_its_own_place_or_has_a_number_stays(
    heading: str, target: str, stays: bool
) -> None:
    made = read(f'<h3 id="schuten"><a href="{target}">{heading}</a></h3><p>{BELOW}</p>')
    assert (heading in sample_pages.text(made)) == stays
    assert BELOW in sample_pages.text(made)


@pytest.mark.parametrize("line", [
    "この記事は会員限定です。紙の新聞の購読者の方は、無料で登録できます。",
    "För att läsa vidare behöver du logga in",
    "Bu içerik abonelere özeldir, okumak için giriş yapın",
])  # fmt: skip
def test_an_offer_to_subscribers_is_known_in_more_languages(line: str) -> None:
    assert word_lists.rule_of_line(line) == "subscription"
