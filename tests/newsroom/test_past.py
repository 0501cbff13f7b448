"""Pages of 2016 and 2017: two layouts, and what extraction with the rules of DWN reads of them."""

from __future__ import annotations

import datetime as dt

import pytest

from klartext import sources
from newsroom import model, past
from support import sample_pages

BASE = "https://deutsche-wirtschafts-nachrichten.de"
SITE = next(site for site in model.load() if site.slug == past.SLUG)


def test_each_year_has_a_week_in_both_layouts_and_in_both_archives() -> None:
    for year in (2016, 2017):
        pages = [page for page in past.load() if page.published.year == year]
        days = sorted(page.published.astimezone(model.ZONE).date() for page in pages)
        assert days == [days[0] + dt.timedelta(days=n) for n in range(7)]
        assert {page.template for page in pages} == set(past.LAYOUTS)
        assert {page.holders for page in pages} == {past.HOLDERS, past.HOLDERS[:1], past.HOLDERS[1:]}
    assert len({page.path for page in past.load()}) == 14


@pytest.mark.parametrize("page", past.load(), ids=lambda page: page.path)
def test_every_field_of_a_page_is_read_with_the_rules_of_dwn(page: past.PastPage) -> None:
    html = past.render(SITE, page, BASE)
    made = sample_pages.read(
        html, url=BASE + page.path, source=sources.read(sources.DEFAULT_DIRECTORIES / "dwn.yaml"),
        fetched=page.published + dt.timedelta(hours=1),
    )  # fmt: skip
    article = made.article
    assert article is not None
    assert (article.title, article.lead) == (page.title, page.lead)
    assert article.text == "\n".join(page.paragraphs)
    assert article.published_at == page.published.replace(second=article.published_at.second)  # type: ignore[union-attr]
    assert article.section == SITE.sections[page.section]
    assert article.rules == "dwn 2016-08-01"
    assert [card.title for card in made.teasers] == [other.title for other in page.others]
