"""An article of which the part with the headline holds only a piece."""

from __future__ import annotations

import pytest

from klartext.extract import main_text, whole_page
from support import sample_pages
from support.sample_pages import STORY, TITLE

PARAGRAPHS = [line for line in STORY if line not in sample_pages.HEADINGS]


def cut(intro: str, rows: str) -> str:
    """A page of which the headline stands apart from the rows of the text."""
    return f"""<html lang="de"><head><title>{TITLE}</title>{sample_pages.ld()}</head><body><div class="page">
<div class="hero"><h1>{TITLE}</h1><div class="intro">{intro}</div></div><div class="rows">{rows}</div></div>
</body></html>"""


def test_an_article_in_several_parts_is_taken_whole() -> None:
    intro = "".join(f"<p>{line}</p>" for line in PARAGRAPHS[:2])
    rows = [f'<div class="row-{n}"><div class="c"><p>{line}</p></div></div>' for n, line in enumerate(PARAGRAPHS[2:])]
    html = cut(intro, "".join(rows))
    made = sample_pages.read(html)
    assert sample_pages.text(made)[-len(rows) :] == PARAGRAPHS[2:]
    assert {line.rule for line in made.lines if line.keep and line.text in PARAGRAPHS[2:]} == {whole_page.RULE}
    left = sample_pages.read(html, without=[whole_page.RULE])
    assert not set(PARAGRAPHS[2:]).intersection(sample_pages.text(left))


def test_a_small_piece_of_something_else_goes() -> None:
    said = [f"{sentence.strip()}." for line in PARAGRAPHS * 2 for sentence in line.split(". ") if len(sentence) > 85]
    rows = [f"<div class='z{n}'><section>Am {n + 1}. Tag: {line}</section></div>" for n, line in enumerate(said)]
    piece = "Der Hafenkurier erscheint seit dem Jahr 1871 in Nordkrog und auf den Inseln, und er gehört seinen Lesern. "
    made = sample_pages.read(cut(f"<p>{piece * 2}</p>", f"<article>{''.join(rows)}</article>"))
    piece_line = next(line for line in made.lines if piece.strip() in line.text)
    assert whole_page.RULE in {rule for _, rule in (*piece_line.earlier, (False, piece_line.rule))}
    assert piece.strip() not in made.article.text
    assert len([line for line in sample_pages.text(made) if "Tag: " in line]) >= len(rows) - 1  # one may be the lead


@pytest.mark.parametrize("house", sample_pages.HOUSES)
def test_the_whole_page_is_not_asked_where_most_of_its_text_is_chosen(
    house: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(document: object) -> list[str]:
        raise AssertionError("the whole page is asked, which doubles the time of the page")

    monkeypatch.setattr(main_text, "lines_of_page", ask)
    others = f"<div class='mehr'><p>{PARAGRAPHS[0]}</p></div>"
    made = sample_pages.read(sample_pages.page(house=house, head=sample_pages.ld(), below=others))
    assert sample_pages.text(made) == STORY
