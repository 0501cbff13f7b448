"""A copy of a part of a page without what cannot be its text, for trafilatura to work on.

trafilatura copies what it is given several times and asks some fifty XPath expressions of it: its time grows with the
elements, most of which are menus, lists of links, icons and scripts.
"""

from __future__ import annotations

import copy
from itertools import accumulate

from lxml import etree
from lxml.html import HtmlElement
from trafilatura.settings import MANUALLY_CLEANED

from klartext.extract.blocks import Block

_LINKED = 0.8
"""Share of links in an element without a paragraph above which it goes."""
_BOXES = ("div", "ul", "ol", "dl", "section", "article", "header", "table", "form")
_CLEANED = [tag for tag in MANUALLY_CLEANED if tag not in ("form", "figure")]
"""What trafilatura drops wherever it stands; a form can be the whole page, and a figure can hold a table."""


def pruned(part: HtmlElement, page: list[Block]) -> HtmlElement:
    """A copy of an element of the page without elements that have no text, are hidden, or consist of links.

    An element with a paragraph in it that is shown and is no link stays, whatever else is in it.
    """
    spans = _spans(part, page)
    sizes = [0, *accumulate(len(b.text) for b in page)]
    linked = [0, *accumulate(len(b.text) if b.hidden else b.linked for b in page)]
    paragraphs = [b.is_prose for b in page]
    before = [0, *accumulate(paragraphs)]
    beds = {b.element.getparent() for b, is_one in zip(page, paragraphs, strict=True) if is_one}
    in_rows = {e for b in page if b.tag == "tr" for e in b.element.iterdescendants()}
    lean = copy.copy(part)
    dropped = []
    for element, twin in zip(part.iter(_BOXES), lean.iter(_BOXES), strict=True):
        if span := spans.get(element):
            first, end = span
            if before[end] > before[first] or linked[end] - linked[first] <= _LINKED * (sizes[end] - sizes[first]):
                continue
            if element.getparent() in beds:
                continue
        elif element in in_rows:
            continue
        if element is not part:
            dropped.append(twin)
    for twin in dropped:
        twin.drop_tree()
    etree.strip_elements(lean, *_CLEANED, with_tail=False)
    return lean


def _spans(part: HtmlElement, page: list[Block]) -> dict[HtmlElement, tuple[int, int]]:
    """For each element of the part with lines of the page in it: the first one's index, and that behind the last."""
    first: dict[HtmlElement, int] = {}
    end: dict[HtmlElement, int] = {}
    for here, spans, at in ((page, first, 0), (reversed(page), end, 1)):
        for block in here:
            if part not in block.around:
                continue
            for element in block.around:
                if element in spans:
                    break
                spans[element] = block.index + at
    return {element: (index, end[element]) for element, index in first.items()}
