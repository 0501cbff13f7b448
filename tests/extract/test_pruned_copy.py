"""What trafilatura is given: every paragraph, and as little else as possible."""

from __future__ import annotations

import pytest
from lxml import etree

from klartext.extract.blocks import blocks
from klartext.extract.document import parse
from klartext.extract.pruned_copy import pruned
from support import sample_pages
from support.sample_pages import HOUSES, STORY

LINKS = "".join(f'<li><a href="/{n}">Eine Überschrift, die zu Meldung {n} führt</a></li>' for n in range(12))


def text_of(html: str) -> tuple[str, int, int]:
    """The text of the copy, its elements, and those of the page."""
    body = parse(sample_pages.capture(html)).body
    before = etree.tostring(body)
    copy = pruned(body, blocks(body))
    assert etree.tostring(body) == before, "the page itself does not change"
    return " ".join(copy.text_content().split()), sum(1 for _ in copy.iter()), sum(1 for _ in body.iter())


@pytest.mark.parametrize("house", HOUSES)
def test_every_line_of_the_text_is_there_and_lists_of_links_are_not(house: str) -> None:
    text, few, many = text_of(
        sample_pages.page(house=house, below=f"<div class='x'><ul>{LINKS}</ul></div>", above=f"<ul>{LINKS}</ul>")
    )
    for line in STORY:
        assert line in text
    if house != "flat":  # there the list stands beside the paragraphs
        assert "Eine Überschrift" not in text
        assert few * 2 < many


@pytest.mark.parametrize(
    "inside",
    [
        "<table><tr><td>Kai</td><td>Liegegeld</td></tr><tr><td>Nord</td><td>12 Euro</td></tr></table>",
        "<ul><li>Nord: 12 Euro</li><li>Süd: 14 Euro</li></ul>",
        f"<ul>{LINKS}</ul>",
        "<dl><dt>Nord</dt><dd>12 Euro</dd></dl>",
        "<div><span>12 Euro</span></div>",
    ],
)
def test_what_stands_beside_paragraphs_stays(inside: str) -> None:
    text, _, _ = text_of(sample_pages.page(sample_pages.lines(at=3, inside=inside)))
    for words in ("Kai", "12 Euro", "Eine Überschrift"):
        assert (words in inside) <= (words in text)


def test_what_is_hidden_goes() -> None:
    hidden = (
        "<div hidden><p>Dieser Absatz ist lang genug, um einer zu sein, aber kein Browser zeigt ihn je an.</p></div>"
    )
    text, _, _ = text_of(sample_pages.page(below=hidden))
    assert "kein Browser" not in text
