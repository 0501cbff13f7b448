"""The console's report: the pictures of the command, of the sources that a user may see, in the console's colours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from klartext.console import report_page
from klartext.console.console import Console, stylesheet
from klartext.console.view import View
from klartext.lake import Lake
from klartext.report import collect, pictures, svg
from klartext.report.numbers import Numbers
from support.sample_rows import moment


def view(*slugs: str) -> View:
    return View(may_read=lambda slug: slug in slugs, now=moment("2024-05-20T12:00"), base="/console")


def test_the_page_has_the_pictures_of_the_command(newsroom_lake: Path) -> None:
    lake = Lake.open(str(newsroom_lake / "data"))
    numbers = collect(lake)
    page = Console(lake).report(view(*numbers.sources))
    for draw in pictures.PICTURES.values():
        assert svg.shapes(draw(numbers)) in page
    assert f"{numbers.articles} articles of {len(numbers.sources)} sources" in page
    assert not re.search(r"<style|<script|<img|\sstyle=", page), "the policy of the pages allows none"


def test_sources_that_a_user_may_not_see_are_in_no_number(newsroom_lake: Path) -> None:
    page = Console(Lake.open(str(newsroom_lake / "data"))).report(view("telex8", "nordwoche"))
    assert "spreepegel" not in page and "kontorblatt" not in page
    assert "1 pair of articles: copy 1" in page
    assert "no article yet" in Console(Lake.open(str(newsroom_lake / "data"))).report(view())


def test_pictures_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Numbers] = []
    monkeypatch.setattr(report_page, "_draw", lambda numbers: drawn.append(numbers) or [])
    reports = report_page.DrawnReports()
    for _ in range(2):
        assert reports.pictures(Numbers({}, {})) == []
    assert len(drawn) == 1


def test_the_stylesheet_replaces_the_pictures_colours() -> None:
    for colour in (pictures.INK, pictures.MUTED, pictures.PAPER, pictures.GRID, pictures.BLUE, pictures.ORANGE):
        assert re.search(rf'\.picture \[(fill|stroke)="{colour}"\]', stylesheet()), colour
