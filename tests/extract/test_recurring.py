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
    return dataclasses.replace(MODEL, article_id=f"hafenkurier:{number}", text="\n".join([*own, *lines]))


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


def test_more_than_a_third_stays() -> None:
    one = article(1)
    before = one.text
    furniture = frozenset(letters(line) for line in one.text.split("\n")[:2])
    assert recurring.remove(one, furniture) == []
    assert one.text == before


LINES = st.lists(st.sampled_from(["Zeile A.", "Zeile B.", "Zeile C.", "Abc"]), max_size=3)


@given(st.lists(st.tuples(st.integers(0, 7), LINES), max_size=14), st.randoms())
def test_the_order_of_the_articles_makes_no_difference(made: list[tuple[int, list[str]]], dice: random.Random) -> None:
    articles = [article(number, *lines) for number, lines in made]
    shuffled = articles.copy()
    dice.shuffle(shuffled)
    assert recurring.find(articles) == recurring.find(shuffled)
