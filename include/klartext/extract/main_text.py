"""Where the article is on a page: trafilatura's choice, found again in the page's blocks."""

from __future__ import annotations

import copy
import functools
import logging
from collections import Counter
from collections.abc import Iterable

import trafilatura
from lxml import etree
from lxml.html import HtmlElement
from trafilatura.settings import Extractor

from klartext.extract.blocks import HEADINGS, Block, letters
from klartext.extract.document import Document

_SHORT = 25
"""Letters below which a line is only found again as a whole line of trafilatura's."""

_BESIDE = frozenset(("nav", "footer", "aside", "figure", "form", "dialog"))
_DROPPED = ("script", "style", "noscript", "template", "svg", "iframe", "select", "object", "canvas", "link")

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it discards is told by our own outcome


def choose(document: Document, page: list[Block]) -> list[str]:
    """The lines that trafilatura takes for the article.

    It is asked about the part of the page in which the running text lies, which is quick; where that gives it little,
    about the whole page with all its fallbacks.
    """
    part, weight = scope(page)
    if part is not None:
        lines = chosen_lines(part, document.page.url, fast=True)
        if sum(map(len, lines)) > 0.6 * weight:
            return lines
    return chosen_lines(document.tree, document.page.url)


def scope(page: list[Block]) -> tuple[HtmlElement | None, int]:
    """The element to look for the article in, and the characters of the running text that stand side by side in it.

    From the element with the most running text outwards: the first that holds the headline too.
    """
    weights: dict[HtmlElement, int] = {}
    for block in page:
        if is_prose(block) and len(block.text) > 80 and not _beside(block):
            bed = block.around[1] if len(block.around) > 1 else block.element
            weights[bed] = weights.get(bed, 0) + len(block.text)
    if not weights:
        return None, 0
    bed, weight = max(weights.items(), key=lambda item: item[1])
    headings = {e for block in page if block.tag == "h1" for e in block.around}
    for element in (bed, *bed.iterancestors()):
        if element in headings or element.tag in ("main", "body"):
            return element, weight
    return bed, weight


def chosen_lines(tree: HtmlElement, url: str, *, fast: bool = False) -> list[str]:
    """The lines that trafilatura takes of a tree; none where it finds nothing."""
    lean = tree  # trafilatura works on a copy of its own
    if not fast:
        lean = copy.deepcopy(tree)
        etree.strip_elements(lean, *_DROPPED, with_tail=False)
    found = trafilatura.bare_extraction(lean, url=url, options=_options(fast))
    text = getattr(found, "text", None) or ""
    return [line for line in text.split("\n") if line.strip()]


@functools.cache
def _options(fast: bool) -> Extractor:
    return Extractor(output_format="python", fast=fast, comments=False)


def vote_alone(page: list[Block]) -> None:
    """Where trafilatura finds nothing, as on a page of a few lines: the running text that stands side by side."""
    part, _ = scope(page)
    for block in page:
        if part is not None and part in block.around and is_prose(block) and not _beside(block):
            block.keep, block.rule = True, "running-text"


def _beside(block: Block) -> bool:
    return any(e.tag in _BESIDE for e in block.around)


def vote(page: list[Block], lines: Iterable[str]) -> None:
    """Marks the blocks that stand in the lines, with ``rule`` "trafilatura"."""
    single = [letters(line.removeprefix("- ")) for line in lines]
    whole, exact = "".join(single), set(single)
    for block in page:
        key = block.key
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
    """The smallest element that holds nineteen twentieths of the running text chosen, and all of it that is built like
    most of it; None where nothing was chosen."""
    prose = [b for b in page if b.keep and is_prose(b)]
    kinds = Counter[tuple[str, str | None]]()
    for block in prose:
        kinds[kind(block)] += len(block.text)
    usual = max(kinds, key=lambda k: kinds[k], default=None)
    weights: Counter[HtmlElement] = Counter()
    alike: Counter[HtmlElement] = Counter()
    for block in prose:
        for element in block.around:
            weights[element] += len(block.text)
            alike[element] += len(block.text) * (kind(block) == usual)
    total = kinds.total()
    best: HtmlElement | None = None
    for element, weight in weights.items():
        whole = weight >= 0.95 * total and usual is not None and alike[element] == kinds[usual]
        if whole and (best is None or weight < weights[best] or _inside(element, best)):
            best = element
    return best


def kind(block: Block) -> tuple[str, str | None]:
    """How a block is built: its tag and class."""
    return block.tag, block.element.get("class")


def _inside(element: HtmlElement, other: HtmlElement) -> bool:
    return any(above is other for above in element.iterancestors())


def recover(page: list[Block], root: HtmlElement) -> None:
    """Takes back what stands among the chosen paragraphs and is built like them: subheadings, paragraphs, list items.

    A block is one of them if it lies between the first and the last chosen one, or directly behind, and one of the
    elements around it has a chosen paragraph as its sibling. A subheading may have a wrapper of its own.
    """
    inside = [b for b in page if root in b.around]
    prose = [b for b in inside if b.keep and is_prose(b)]
    if not prose:
        return
    beds = {b.element.getparent() for b in prose}
    kinds = {kind(b) for b in prose}
    first, last = prose[0].index, prose[-1].index
    for block in inside:
        if block.keep or block.link_share > 0.4 or block.tag not in ("p", "li", "blockquote", *HEADINGS):
            continue
        heads = block.is_heading and block.index + 1 < len(page) and page[block.index + 1].keep
        if not heads and not any(e.getparent() in beds for e in block.around[: 3 if block.tag == "li" else 1]):
            continue
        alike = kind(block) in kinds and is_prose(block)
        if first < block.index < last or alike:
            block.keep, block.rule = True, "among-paragraphs"
            last = max(last, block.index) if alike else last
    for block in reversed(page[:first]):
        if not (block.is_heading and block.tag != "h1" and block.element.getparent() in beds):
            break
        block.keep, block.rule = True, "among-paragraphs"
