"""Every line of a page is told, whatever was looked at to read it."""

from __future__ import annotations

from typing import Any

import pytest

from klartext.extract import explain, worker
from klartext.extract.blocks import blocks
from klartext.extract.document import parse
from klartext.sources import Source
from support import sample_pages
from support.sample_pages import HOUSES, LEAD, STORY, TITLE

BOX = '<div class="kasten"><p>Ein Kasten mit einem Satz, der sonst niemandem auffiele.</p></div>'
BODY = {"semantic": ".article-body", "bare": ".inhalt", "flat": ".c-story"}


def told(html: str, *, every_line: bool = True, **layout: Any) -> worker.Result:
    rules = [{"valid_from": "2016-08-01", **layout}] if layout else []
    source = Source.model_validate({**sample_pages.SOURCE.model_dump(), "rules": rules})
    return worker.work(sample_pages.capture(html), source, False, every_line)


@pytest.mark.parametrize("house", sorted(HOUSES))
@pytest.mark.parametrize("rules", [{}, {"remove": [".kasten"]}, {"lead": ".vorspann", "title": "h1"}])
def test_all_lines_are_there_in_the_pages_order(house: str, rules: dict[str, Any]) -> None:
    top = f'<p class="vorspann">{LEAD}</p>'
    html = sample_pages.page(
        sample_pages.lines(inside=BOX), house=house, above="<p>Region</p>", top=top, below="<p>Wetter: Regen</p>"
    )
    seen = [block.text for block in blocks(parse(sample_pages.capture(html)).body)]
    for layout in ({}, {"body": [BODY[house]], **rules}):
        made = told(html, **layout)
        assert [line.text for line in made.lines] == seen
        assert made.article is not None
        assert [line.text for line in made.lines if line.keep] == made.article.text.split("\n")
        assert made.article == told(html, every_line=False, **layout).article


def test_each_line_says_what_decided() -> None:
    top = f'<p class="vorspann">{LEAD}</p>'
    html = sample_pages.page(sample_pages.lines(inside=BOX), top=top, below="<p>Wetter: Regen</p>")
    made = told(html, body=[".article-body"], lead=".vorspann", remove=[".kasten"])
    rule = {line.text: line.rule for line in made.lines}
    assert {rule[line] for line in STORY} == {"in-body"}
    assert rule[LEAD] == "lead"
    assert rule["Ein Kasten mit einem Satz, der sonst niemandem auffiele."] == "rule .kasten"
    assert {rule[line] for line in (TITLE, "Wetter: Regen", "Impressum")} == {explain.OUTSIDE}


def test_only_what_was_looked_at_is_told_where_nobody_asked() -> None:
    made = told(sample_pages.page(below="<p>Wetter: Regen</p>"), every_line=False, body=[".article-body"])
    assert "Wetter: Regen" not in [line.text for line in made.lines]


def test_a_page_without_an_article_is_told_too() -> None:
    made = told(sample_pages.page(), body=[".article-body"], remove=["p", "h2"])
    assert (made.reason, made.article) == ("no-text", None)
    assert {line.rule for line in made.lines if line.text in STORY} == {"rule p", "rule h2"}
    assert told(sample_pages.page(), every_line=False, body=[".article-body"], remove=["p", "h2"]).lines == []
    assert told("").lines == []
