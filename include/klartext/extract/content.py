"""Where the article is on a page: trafilatura's choice, found again in the page's blocks."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterable

import trafilatura
from lxml import etree
from lxml.html import HtmlElement

from klartext.extract.blocks import HEADINGS, Block, letters

_SHORT = 25
"""Letters below which a line is only found again as a whole line of trafilatura's."""

_DROPPED = ("script", "style", "noscript", "template", "svg", "iframe", "select", "object", "canvas", "link")

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it discards is told by our own outcome


def chosen_lines(tree: HtmlElement, url: str) -> list[str]:
    """The lines that trafilatura takes for the article; none where it finds nothing."""
    lean = copy.deepcopy(tree)
    etree.strip_elements(lean, *_DROPPED, with_tail=False)
    found = trafilatura.bare_extraction(lean, url=url, include_comments=False, with_metadata=False)
    text = getattr(found, "text", None) or ""
    return [line for line in text.split("\n") if line.strip()]


def vote(page: list[Block], lines: Iterable[str]) -> None:
    """Marks the blocks that stand in the lines, with ``rule`` "trafilatura"."""
    single = [letters(line.removeprefix("- ")) for line in lines]
    whole, exact = "".join(single), set(single)
    for block in page:
        key = letters(block.text)
        if not key:
            continue
        if key in exact or (len(key) > _SHORT and (key in whole or _mostly(key, whole))):
            block.keep, block.rule = True, "trafilatura"


def _mostly(key: str, whole: str) -> bool:
    """Whether four of five pieces of a long line stand in the text: a line from which something inside was taken."""
    if len(key) < 80:
        return False
    pieces = [key[i : i + 16] for i in range(0, len(key) - 15, 8)]
    return sum(piece in whole for piece in pieces) >= 0.8 * len(pieces)


def is_prose(block: Block) -> bool:
    """Whether a block reads like running text."""
    return len(block.text) >= 60 and block.link_share < 0.5 and block.tag not in ("figcaption", "button", "label")


def container(page: list[Block]) -> HtmlElement | None:
    """The smallest element that holds nineteen twentieths of the running text chosen; None where nothing was."""
    weights: dict[HtmlElement, int] = {}
    total = 0
    for block in page:
        if block.keep and is_prose(block):
            total += len(block.text)
            for element in block.path():
                weights[element] = weights.get(element, 0) + len(block.text)
    best: HtmlElement | None = None
    for element, weight in weights.items():
        if weight >= 0.95 * total and (best is None or weight < weights[best] or _inside(element, best)):
            best = element
    return best


def _inside(element: HtmlElement, other: HtmlElement) -> bool:
    return any(above is other for above in element.iterancestors())


def recover(page: list[Block], root: HtmlElement) -> None:
    """Takes back what stands among the chosen paragraphs and is built like them: subheadings, paragraphs, list items.

    A block is one of them if it lies between the first and the last chosen one, or directly behind, and one of the
    elements around it has a chosen paragraph as its sibling.
    """
    inside = [b for b in page if any(e is root for e in b.path())]
    prose = [b for b in inside if b.keep and is_prose(b)]
    if not prose:
        return
    beds = {b.element.getparent() for b in prose}
    kinds = {(b.tag, b.element.get("class")) for b in prose}
    first, last = prose[0].index, prose[-1].index
    for block in inside:
        if block.keep or block.link_share > 0.4 or block.tag not in ("p", "li", "blockquote", *HEADINGS):
            continue
        bedded = any(e.getparent() in beds for e in list(block.path())[: 3 if block.tag == "li" else 1])
        if not bedded:
            continue
        within = first < block.index < last
        alike = (block.tag, block.element.get("class")) in kinds and is_prose(block)
        if within or alike:
            block.keep, block.rule = True, "among-paragraphs"
            last = max(last, block.index) if alike else last
    for block in reversed(page[:first]):
        if not (block.is_heading and block.tag != "h1" and block.element.getparent() in beds):
            break
        block.keep, block.rule = True, "among-paragraphs"
