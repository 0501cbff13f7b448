"""Hidden text stays out, and a page that a script would show is read."""

from __future__ import annotations

import lxml.html
import pytest

from klartext.extract.blocks import blocks
from support import sample_pages
from support.sample_pages import STORY

SECRET = "Dieser Absatz steht nur im Quelltext der Seite und wird von keinem Browser gezeigt, sagt der Setzer."


def hidden(html: str) -> list[bool]:
    return [block.hidden for block in blocks(lxml.html.document_fromstring(f"<body>{html}</body>"))]


@pytest.mark.parametrize(
    "mark",
    ["hidden", 'style="color: red; display:none"', 'style="visibility: hidden"', 'class="sr-only"', 'class="d-none"',
     'class="visually-hidden"', 'class="screen-reader-text"', 'class="hidden box"', 'class="box show-for-sr"',
     'class="hk-vh"', 'style="position:absolute;clip:rect(0 0 0 0);height:1px"',
     'style="clip: rect(1px, 1px, 1px, 1px)"', 'style="clip-path: inset(50%)"',
     'style="position: absolute; left: -9999px"', 'style="text-indent:-1000em"'],
)  # fmt: skip
def test_what_a_browser_does_not_show_is_hidden(mark: str) -> None:
    assert hidden(f"<p>Eins</p><div {mark}><p>Zwei</p></div><p>Drei</p>") == [False, True, False]
    inside = f"<div {mark}><p>{SECRET}</p></div>"
    assert sample_pages.text(sample_pages.read(sample_pages.page(sample_pages.lines(inside=inside)))) == STORY


@pytest.mark.parametrize(
    "html",
    ["<div class='hidden md:block'><p>Eins</p></div>", "<div hidden='until-found'><p>Eins</p></div>",
     "<button aria-controls='a'>Auf</button><div id='a' hidden><p>Eins</p></div>",
     "<div class='accordion-body' style='display:none'><p>Eins</p></div>", "<p class='not-hidden-here'>Eins</p>",
     "<div aria-hidden='true'><p>Eins</p></div>", "<div class='min-vh-100 not-sr-only'><p>Eins</p></div>",
     "<div style='clip: rect(0px, 60px, 200px, 0px)'><p>Eins</p></div>", "<p style='left: -99px'>Eins</p>"],
)  # fmt: skip
def test_what_opens_or_shows_elsewhere_is_not_hidden(html: str) -> None:
    assert True not in hidden(html)


def test_a_page_that_a_script_would_show_is_read() -> None:
    html = sample_pages.page().replace("<body", '<body style="display:none"', 1)
    assert sample_pages.text(sample_pages.read(html)) == STORY


def test_a_hidden_copy_of_the_text_does_not_come_twice() -> None:
    copy = f'<div style="display: none">{sample_pages.lines()}</div>'
    assert sample_pages.text(sample_pages.read(sample_pages.page(below=copy))) == STORY


def test_what_a_link_says_to_a_screen_reader_is_no_word_of_its_paragraph() -> None:
    said = '<a href="https://amt.example/">vom Amt<span class="hk-vh"> (öffnet im neuen Fenster)</span></a>'
    line = "Den ganzen Plan mit allen Karten und Zahlen gibt es {} als Heft und in der alten Schule zum Ansehen."
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=f"<p>{line.format(said)}</p>")))
    assert line.format("vom Amt") in sample_pages.text(made)
