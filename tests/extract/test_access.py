from __future__ import annotations

import pytest

from support import sample_pages
from support.sample_pages import STORY

WALL = """<div class="paywall"><h3>Weiterlesen mit K+</h3>
<p>{}</p><a href="/abo">Zum Angebot</a></div>"""


def access(*, head: str = "", after: str = "", story: list[str] = STORY) -> str:
    made = sample_pages.read(sample_pages.page(sample_pages.lines(story, after=after), head=head))
    assert sample_pages.text(made) == story
    return made.article.access


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"isAccessibleForFree": True}, "free"),
        ({"isAccessibleForFree": "True"}, "free"),
        ({"isAccessibleForFree": "http://schema.org/True"}, "free"),
        ({"isAccessibleForFree": False}, "paid"),
        ({"isAccessibleForFree": "false"}, "paid"),
        ({"isAccessibleForFree": "https://schema.org/False"}, "paid"),
        ({"isAccessibleForFree": True, "hasPart": {"isAccessibleForFree": False, "cssSelector": ".paywall"}}, "paid"),
        ({"isAccessibleForFree": True, "hasPart": [{"isAccessibleForFree": "False"}]}, "paid"),
        ({"hasPart": [{"isAccessibleForFree": False}]}, "paid"),
        ({"isAccessibleForFree": True, "hasPart": {"isAccessibleForFree": True}}, "free"),
        ({"isAccessibleForFree": None}, "unknown"),
        ({"hasPart": "Anhang"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_what_the_page_says(said: dict[str, object], wanted: str) -> None:
    assert access(head=sample_pages.ld(**said)) == wanted


@pytest.mark.parametrize(
    ("stated", "wanted"),
    [(["False"], "paid"), (["true", "True"], "free"), (["true", "false"], "unknown"), (["?"], "unknown")],
)
def test_what_microdata_says(stated: list[str], wanted: str) -> None:
    assert access(head="".join(f'<meta itemprop="isAccessibleForFree" content="{one}">' for one in stated)) == wanted


def test_a_text_that_stops_at_a_wall_is_paid() -> None:
    wall = WALL.format("Jetzt vier Wochen testen und alle Artikel lesen, danach jederzeit kündbar.")
    assert access(story=STORY[:5], after=wall) == "paid"


def test_a_text_that_stops_at_a_registration() -> None:
    wall = WALL.format("Um diesen Artikel weiterlesen zu können, müssen Sie sich kostenlos registrieren.")
    assert access(story=STORY[:5], after=wall) == "registration"


def test_an_offer_that_is_no_wall_says_nothing() -> None:
    offer = "<p>Jetzt den Hafenkurier abonnieren und vier Wochen umsonst lesen, jederzeit kündbar.</p>"
    assert access(after=offer) == "unknown"


@pytest.mark.parametrize(
    ("tier", "wanted"),
    [("free", "free"), ("metered", "registration"), ("locked", "paid"), ("gold", "unknown")],
)
def test_the_meta_tag_of_the_tier(tier: str, wanted: str) -> None:
    assert access(head=f'<meta property="article:content_tier" content="{tier}">') == wanted


def test_a_mark_that_the_sources_rules_name() -> None:
    layout = {"valid_from": "2016-08-01", "paywall": [".schranke"]}
    source = sample_pages.SOURCE.model_validate({**sample_pages.SOURCE.model_dump(), "rules": [layout]})
    assert (
        sample_pages.read(sample_pages.page(above='<i class="schranke"></i>'), source=source).article.access == "paid"
    )
    assert sample_pages.read(sample_pages.page(), source=source).article.access == "unknown"
