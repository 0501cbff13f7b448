"""Articles with the text of another one."""

from __future__ import annotations

from klartext import model
from klartext.validate import equal_texts
from support.sample_rows import TEXT, article


def test_only_other_articles_of_the_site_with_the_same_text_count() -> None:
    rows = [
        article(1, text=TEXT),
        article(2, text=f"{TEXT.replace('Umbau', 'UMBAU')} "),
        article(2, text=TEXT),  # another capture of the same article
        article(3, text=f"{TEXT} Mehr."),
        article(4, text=TEXT, site="anzeiger.example"),
    ]
    articles = model.table(model.Article, rows)
    assert equal_texts.equal_elsewhere(articles).tolist() == [1, 1, 1, 0, 0]
    assert equal_texts.count_equal(articles) == 3


def test_without_articles_there_is_nothing_to_compare() -> None:
    assert equal_texts.count_equal(model.table(model.Article, [])) == 0
