"""What the newsroom's articles share: a wire story, a third of it rewritten, a quote; not the daily weather report."""

from __future__ import annotations

import newsroom
from klartext.link import keep, pairs
from klartext.model import Article
from newsroom.model import LAST_MOMENT
from support.sample_view import page, window_of


def articles() -> list[Article]:
    """The newest version of every page, numbered."""
    found: list[Article] = []
    for site in newsroom.load():
        for each in site.as_of(LAST_MOMENT):
            lines = "\n".join(each.lines)
            more = {"lead": each.lead, "title": each.title, "agencies": each.agencies, "published_at": each.published}
            found.append(page(len(found), lines, source=site.slug, **more))
    return found


def test_what_shares_text_and_what_does_not() -> None:
    pages = articles()
    titles = {each.article_id: each.title for each in pages}
    window = window_of(*pages)
    shared = pairs.find(window)
    rows = pairs.rows(window, shared).to_pylist()
    found = {frozenset((titles[row["article_id"]], titles[row["other_id"]])): row["kind"] for row in rows}
    wire = ("Fähre rammt Anleger auf Wangerdamm – 14 Verletzte", "Fähre rammt Anleger - 14 Verletzte")
    third = "Fähre prallt gegen Kaimauer auf Wangerdamm"
    quoting = ("Reederei der „Friesenstern“ verspricht Entschädigung", "Die Frau, die nicht auf den Anwalt hört")
    assert found == {
        frozenset(wire): "copy",
        frozenset((wire[0], third)): "excerpt",
        frozenset((wire[1], third)): "excerpt",
        frozenset(quoting): "quote",
    }
    dropped = [row for row in keep.rows(window, shared).to_pylist() if not row["kept"]]
    assert [(titles[row["article_id"]], titles[row["because_of"]]) for row in dropped] == [(wire[1], wire[0])]
    weather = [each for each in pages if "In Berlin und Brandenburg" in each.text]
    assert len(weather) == 3
