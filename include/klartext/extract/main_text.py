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

from klartext.extract.author_names import BYLINE
from klartext.extract.blocks import Block, letters
from klartext.extract.clean_text import weight
from klartext.extract.document import Document
from klartext.extract.pruned_copy import pruned

_SHORT = 25
"""Letters up to which a line is only found again as a whole line of trafilatura's, or beside one that is found."""
_COMPLETE = 0.6
"""Share of a part's running text that the fast answer must hold; else trafilatura is asked with all its fallbacks."""
_LITTLE = 0.3
"""Share of a part's running text below which the whole page is asked."""
_WIDER = 1.3
"""How much more text built like the main text an element must hold for the part to grow to it."""

_SHORTEST = 4
"""Letters of a line on a page of short lines."""
_BESIDE = frozenset(("nav", "footer", "aside", "figure", "form", "dialog"))
_DROPPED = ("script", "style", "noscript", "template", "svg", "iframe", "select", "object", "canvas", "link")

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it discards is an outcome of our own


def choose(document: Document, page: list[Block], own: list[Block]) -> list[str]:
    """The lines that trafilatura takes for the article; ``own`` are the blocks that may be of it.

    It is asked about the part of the page in which the running text lies, in its fast form. Where that leaves much of
    the part's running text, and some that is built alike, the answer of its full form is taken if what that adds is
    built alike; where both find little, the answer for the whole page.
    """
    part, running = scope(own)
    if part is None:
        return lines_of_page(document)
    lean, url = pruned(part, page), document.page.url
    lines = chosen_lines(lean, url, fast=True)
    if _size(lines) < _COMPLETE * running and _leaves(own, part, lines):
        more = chosen_lines(lean, url)
        if _belongs(own, part, lines, more):
            lines = more
    return lines if _size(lines) > _LITTLE * running else lines_of_page(document)


def lines_of_page(document: Document) -> list[str]:
    """The lines that trafilatura takes of the whole page, with all its fallbacks."""
    lean = copy.deepcopy(document.tree)
    etree.strip_elements(lean, *_DROPPED, with_tail=False)
    return chosen_lines(lean, document.page.url)


def _size(lines: list[str]) -> int:
    return sum(map(weight, lines))


def _leaves(page: list[Block], part: HtmlElement, lines: list[str]) -> bool:
    """True if running text of the part is not in the lines, though it is built like what they hold or like most of it.
    To ask trafilatura for more takes longer than all else on a page, and finds nothing that counts without such."""
    held = "".join(map(letters, lines))
    prose = [b for b in page if b.is_prose and len(b.key) > _SHORT]
    kinds = _kinds(prose, part, held)
    return any(b.kind in kinds and b.key not in held and part in b.around and not beside(b) for b in prose)


def _kinds(prose: list[Block], part: HtmlElement, held: str) -> set[tuple[str, str | None]]:
    """How the running text is built that stands in some letters, and most of that in the part."""
    kinds = {b.kind for b in prose if b.key in held}
    sizes = Counter[tuple[str, str | None]]()
    for block in prose:
        if part in block.around and not beside(block):
            sizes[block.kind] += block.size
    kinds.update(kind for kind, _ in sizes.most_common(1))
    return kinds


def _belongs(page: list[Block], part: HtmlElement, few: list[str], many: list[str]) -> bool:
    """True if what a longer answer adds to a short one is built like what the short one holds or like most running text
    of the part, or is three times it."""
    first, second = ("".join(map(letters, lines)) for lines in (few, many))
    prose = [b for b in page if b.is_prose and len(b.key) > _SHORT]
    kinds = _kinds(prose, part, first)
    added = [b for b in prose if b.key in second and b.key not in first]
    alike = sum(b.size for b in added if b.kind in kinds)
    return len(second) > 3 * len(first) or (len(second) > len(first) and alike * 2 > sum(b.size for b in added))


def scope(page: list[Block]) -> tuple[HtmlElement | None, int]:
    """The element to look for the article in, and the characters of running text in it; None without running text.

    From the element with the most running text outwards: the first that holds the headline too, or one further out
    that holds much more text built like that in the first.
    """
    prose = [b for b in page if b.is_prose and b.size > 80 and b.link_share < 0.3 and not beside(b)]
    if not prose:
        prose = [b for b in page if b.is_prose and b.size > 80 and not beside(b)]
    weights: Counter[HtmlElement] = Counter()
    for block in prose:
        weights[_bed(block)] += block.size
    if not weights:
        return None, 0
    bed = max(weights, key=lambda e: weights[e])
    made = {_make(b) for b in prose if bed in b.around}
    inside: Counter[HtmlElement] = Counter()
    alike: Counter[HtmlElement] = Counter()
    for block in prose:
        like = block.size if _make(block) in made else 0
        for element in block.around:
            inside[element] += block.size
            alike[element] += like
    headings = {e for block in page if block.tag == "h1" for e in block.around}
    above = [bed, *bed.iterancestors()]
    best = next((e for e in above if e in headings or e.tag in ("main", "body")), above[-1])
    for element in best.iterancestors():
        if element.tag != "html" and alike[element] > _WIDER * alike[best]:
            best = element
    return best, inside[best]


def _bed(block: Block) -> HtmlElement:
    """The element around a block's own."""
    return block.around[1] if len(block.around) > 1 else block.element


def _make(block: Block) -> tuple[str | None, ...]:
    """How a block and the element around it are built: tags and classes."""
    bed = _bed(block)
    return (*block.kind, str(bed.tag), bed.get("class"))


def chosen_lines(tree: HtmlElement, url: str, *, fast: bool = False) -> list[str]:
    """The lines that trafilatura takes of a tree, which it copies; none where it finds nothing."""
    found = trafilatura.bare_extraction(tree, url=url, options=_options(fast))
    text = getattr(found, "text", None) or ""
    return [line for line in text.split("\n") if line.strip()]


@functools.cache
def _options(fast: bool) -> Extractor:
    return Extractor(output_format="python", fast=fast, comments=False)


def vote_alone(page: list[Block]) -> None:
    """Where trafilatura finds nothing, as on a page of a few lines: the running text that stands side by side, in
    elements of the make that holds the most."""
    part, _ = scope(page)
    found = [b for b in page if part is not None and part in b.around and b.is_prose and not beside(b)]
    sizes = Counter[tuple[str | None, ...]]()
    for block in found:
        sizes[_make(block)[2:]] += block.size
    usual = max(sizes, key=lambda made: sizes[made], default=None)
    for block in found:
        if _make(block)[2:] == usual:
            block.decide(True, "running-text")


def vote_short(page: list[Block], lines: Iterable[str]) -> HtmlElement | None:
    """Where no line is long enough for running text, as on a page of a picture, a recording or a record of a register:
    the short lines of trafilatura's choice that are no links. Gives the element around them, None if there are none.

    Trafilatura writes several such lines as one, so those are taken too that stand anywhere in its text.
    """
    if not any(b.keep for b in page):
        whole = "".join(map(letters, lines))
        for block in page:
            if len(block.key) >= _SHORTEST and not block.hidden and block.key in whole:
                block.decide(True, "short-text")
    for block in page:
        if block.keep and (block.link_share >= 0.5 or block.tag == "h1" or beside(block)):
            block.decide(False, "short-text")
    chosen = [b for b in page if b.keep]
    for block in chosen:
        if BYLINE.match(block.text) and any(b.keep and b is not block and not b.is_heading for b in chosen):
            block.decide(False, "byline")
    chosen = [b for b in chosen if b.keep]
    if all(b.is_heading for b in chosen):
        return None
    around = set.intersection(*(set(b.around) for b in chosen))
    return next(e for e in chosen[0].around[1:] if e in around)


def beside(block: Block) -> bool:
    """True inside an element that HTML has for what is not the main text."""
    return any(e.tag in _BESIDE for e in block.around)


def vote(page: list[Block], lines: Iterable[str]) -> None:
    """Marks the blocks that stand in the lines, with ``rule`` "trafilatura"."""
    for block in find(page, lines):
        block.decide(True, "trafilatura")


def find(page: list[Block], lines: Iterable[str]) -> list[Block]:
    """The blocks that stand in the lines, in the page's order.

    The lines are one string of letters, however they are broken. A long block is found anywhere in it; a short one as
    a line of its own, or where it continues the block before or leads to the block behind it.
    """
    single = [letters(line.removeprefix("- ")) for line in lines]
    whole, exact = "".join(single), set(single)
    found: set[Block] = set()
    begins: dict[int, int] = {}
    at = 0
    for block in page:
        key = block.key
        if not key or block.hidden:
            continue
        if block.size > _SHORT or key in exact:
            place = whole.find(key, at)
            if place < 0:
                place = whole.find(key)
            if place >= 0:
                begins[block.index] = place
                at = place + len(key)
                found.add(block)
            elif _mostly(key, whole):
                found.add(block)
    for here, step in [(b, 1) for b in page] + [(b, -1) for b in reversed(page)]:
        near = here.index - step
        if near not in begins or here in found or not here.key or here.hidden:
            continue
        place = begins[near] + len(page[near].key) if step > 0 else begins[near] - len(here.key)
        if place >= 0 and whole.startswith(here.key, place):
            begins[here.index] = place
            found.add(here)
    return [block for block in page if block in found]


def _mostly(key: str, whole: str) -> bool:
    """Whether four of five pieces of a long line stand in the text: a line from which something inside was taken."""
    if len(key) < 80:
        return False
    starts = range(0, len(key) - 15, 8)
    missing, most = 0, 0.2 * len(starts)
    for start in starts:
        if key[start : start + 16] not in whole:
            missing += 1
            if missing > most:
                return False
    return True


def container(page: list[Block]) -> HtmlElement | None:
    """The smallest element that holds nineteen twentieths of the running text chosen, and all of it that is built like
    most of it; None where nothing was chosen."""
    prose = [b for b in page if b.keep and b.is_prose]
    kinds = Counter[tuple[str, str | None]]()
    for block in prose:
        kinds[block.kind] += len(block.text)
    usual = max(kinds, key=lambda k: kinds[k], default=None)
    weights: Counter[HtmlElement] = Counter()
    alike: Counter[HtmlElement] = Counter()
    for block in prose:
        for element in block.around:
            weights[element] += len(block.text)
            alike[element] += len(block.text) * (block.kind == usual)
    total = kinds.total()
    best: HtmlElement | None = None
    for element, size in weights.items():
        whole = size >= 0.95 * total and usual is not None and alike[element] == kinds[usual]
        if whole and (best is None or size < weights[best] or _inside(element, best)):
            best = element
    return best


def _inside(element: HtmlElement, other: HtmlElement) -> bool:
    return any(above is other for above in element.iterancestors())
