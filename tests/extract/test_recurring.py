"""Lines that stand in many articles of a source, in whatever order those come."""

from __future__ import annotations

import dataclasses
import random

from hypothesis import given
from hypothesis import strategies as st

from klartext.extract import recurring
from klartext.extract.blocks import letters
from klartext.model import Article
from support import sample_pages

MODEL = sample_pages.read(sample_pages.page()).article
LINE = "Der Hafenkurier erscheint täglich außer an Feiertagen."


def article(number: int, *lines: str) -> Article:
    own = [f"Der Absatz {n} von Artikel {number}, der nur einmal vorkommt und lang genug ist." for n in range(4)]
    return dataclasses.replace(
        MODEL, article_id=f"hafenkurier:{number}", title=f"Artikel {number}", text="\n".join([*own, *lines])
    )


def test_a_line_in_four_articles_and_a_fifth_of_all_is_furniture() -> None:
    assert recurring.find([article(n, LINE) for n in range(4)]) == {letters(LINE)}
    assert recurring.find([article(n, LINE) for n in range(3)]) == frozenset()
    many = [article(n, LINE) if n < 5 else article(n) for n in range(30)]
    assert recurring.find(many) == frozenset()
    assert recurring.find(many[:25]) == {letters(LINE)}


def test_captures_of_one_article_count_once() -> None:
    assert recurring.find([article(1, LINE) for _ in range(10)]) == frozenset()


def test_writings_of_one_line_are_one() -> None:
    ways = [LINE, LINE.title(), LINE.replace(" ", "  "), f"– {LINE} –"]
    assert recurring.find([article(n, way) for n, way in enumerate(ways)]) == {letters(LINE)}


def test_long_paragraphs_and_single_signs_are_none() -> None:
    assert recurring.find([article(n, "x" * 401, "***", "a") for n in range(9)]) == frozenset()


def test_furniture_goes_and_is_told() -> None:
    one = article(1, LINE)
    assert recurring.remove(one, frozenset({letters(LINE)})) == [LINE]
    assert one.text == article(1).text
    assert recurring.remove(one, frozenset({letters(LINE)})) == []


def test_more_than_a_third_stays_where_it_stands_all_over_the_text() -> None:
    one = article(
        1, *(f"Noch ein Absatz, es ist der {n}. von Artikel 1, und auch er ist lang genug." for n in range(4))
    )
    before = one.text
    furniture = frozenset(letters(line) for line in one.text.split("\n")[::2])
    assert recurring.remove(one, furniture) == []
    assert one.text == before


NOTICE = [f"Punkt {n} der Regeln für alle, die dem Hafenkurier schreiben wollen, gilt immer." for n in range(9)]


def test_a_notice_longer_than_a_short_report_goes() -> None:
    reports = [article(n, *NOTICE) for n in range(4)]
    lines = recurring.find(reports)
    for number, report in enumerate(reports):
        assert recurring.remove(report, lines) == NOTICE
        assert report.text == article(number).text


def test_a_lead_above_nothing_but_a_notice_is_the_text() -> None:
    lead = "Die Fähre nach Nordkrog fährt ab Montag wieder, teilte die Reederei am Abend mit."
    short = dataclasses.replace(article(1), lead=lead, text="\n".join(NOTICE))
    assert recurring.remove(short, frozenset(map(letters, NOTICE))) == NOTICE
    assert (short.lead, short.text) == (None, lead)


def test_no_article_is_left_without_text() -> None:
    short = dataclasses.replace(article(1), lead=None, text="\n".join(["Kurz", *NOTICE]))
    assert recurring.remove(short, frozenset(map(letters, NOTICE))) == []


def test_articles_of_one_title_count_once() -> None:
    assert recurring.find([dataclasses.replace(article(n, LINE), title="Kontakt") for n in range(9)]) == frozenset()


def test_what_recurs_in_articles_about_one_thing_is_theirs() -> None:
    others = [article(n) for n in range(10)]
    storm = [dataclasses.replace(article(n, LINE), title=f"Sturmflut trifft Nordkrog, Tag {n}") for n in range(20, 25)]
    assert recurring.find([*others, *storm]) == frozenset()
    assert recurring.find([*others, *(dataclasses.replace(a, title=a.article_id) for a in storm)]) == {letters(LINE)}


LINES = st.lists(st.sampled_from(["Zeile A.", "Zeile B.", "Zeile C.", "Abc"]), max_size=3)


@given(st.lists(st.tuples(st.integers(0, 7), LINES), max_size=14), st.randoms())
def test_the_order_of_the_articles_makes_no_difference(made: list[tuple[int, list[str]]], dice: random.Random) -> None:
    articles = [article(number, *lines) for number, lines in made]
    shuffled = articles.copy()
    dice.shuffle(shuffled)
    assert recurring.find(articles) == recurring.find(shuffled)
