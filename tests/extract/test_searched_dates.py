"""The day that htmldate finds on a page, as the last resort."""

from __future__ import annotations

import pytest

from klartext.model import Article
from support import sample_pages
from support.dated_articles import day_of

MENU = "".join(f"<li><a href='/{n}'>Rubrik {n}</a></li>" for n in range(40))
LINKS = "Dauerhafte Adresse dieser Meldung zum Weitergeben an andere Leser aus der ganzen Gegend um Nordkrog und Hallum"


def article(*, below: str, story: list[str] | None = None) -> Article:
    """An article on a page with lines far below its text."""
    html = sample_pages.page(sample_pages.lines(story or sample_pages.STORY), below=f"<ul>{MENU}</ul>{below}")
    return sample_pages.read(html).article


@pytest.mark.parametrize("size", [1, 3])
def test_a_day_in_a_line_of_many_words_outside_of_the_text(size: int) -> None:
    found = article(below=f"<div class='info'>{LINKS * size} 11.05.2024 Version zum Drucken</div>")
    assert (day_of(found), found.published_from, found.published_precision) == ("2024-05-11", "text", "day")


@pytest.mark.parametrize(
    "line",
    [
        f"<div class='info'>{LINKS} Copyright 11.05.2024 Version zum Drucken</div>",
        f"<div class='info'>{LINKS} 11.05.2024</div><div class='info'>{LINKS} 10.05.2024</div>",
    ],
)
def test_a_day_of_something_else_is_not_the_articles(line: str) -> None:
    assert article(below=line).published_at is None


def test_a_day_in_a_sentence_of_the_text_is_not_the_articles() -> None:
    story = [*sample_pages.STORY, "Der Rat von Nordkrog hat am 11. Mai 2024 beschlossen, den Deich zu erhöhen."]
    assert article(below="", story=story).published_at is None
