"""What belongs to the text and trafilatura left out: taken back by where it stands and how it is built."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

from lxml.html import HtmlElement

from klartext.extract.blocks import HEADINGS, Block, is_link
from klartext.extract.captions import pictured
from klartext.extract.main_text import beside
from klartext.extract.page_context import announces, is_same_site

_ITEMS = frozenset(("li", "dt", "dd", "td", "th", "tr", "pre", "blockquote", *HEADINGS))
_MOST = 0.8
"""Share of the running text in the element between whose first and last paragraph all lines are looked at."""
ENTRY = "entry-heading"
"""The rule of a heading that is a link and heads an entry of the text."""
_ENTRIES = 3
"""The least number of entries of a list of them."""
_LITTLE = 4
"""Part of the chosen text up to which running text far from it is taken back."""
_PART = re.compile(r"(?<=[-_])\d{1,4}\b")
"""The number of a part at the end of a class, as in ``text-part-2``."""
_LABELS = frozenset(("button", "label", "figcaption", "summary", "legend"))


def extend(page: list[Block]) -> None:
    """Adds running text from elements of the same make as the one that holds the chosen text, within one article.

    An advertisement or a picture cuts such a text into several containers. What is added must amount to a quarter of
    the text, unless its paragraphs have a class of their own, and it is that of most of the text.
    """
    prose = [b for b in page if b.keep and b.is_prose and len(b.around) > 1]
    beds = Counter[HtmlElement]()
    for block in prose:
        beds[block.around[1]] += block.size
    if not prose:
        return
    main, size = beds.most_common(1)[0]
    name = main.get("class")
    if not name or size * 2 < beds.total():
        return
    tags = {b.tag for b in prose if main in b.around}
    make = _make(main)
    article = next(main.iterancestors("article"), None)
    added = []
    for block in page:
        if block.keep or not block.is_prose or block.tag not in tags or block.link_share > 0.3:
            continue
        bed = block.around[1] if len(block.around) > 1 else None
        if bed is None or bed is main or _make(bed) != make or beside(block):
            continue
        if next(bed.iterancestors("article"), None) is article:
            added.append(block)
    kinds = Counter[tuple[str, str | None]]()
    for block in prose:
        kinds[block.kind] += block.size
    usual = kinds.most_common(1)[0][0]
    if sum(b.size for b in added) * 4 <= size:
        added = [b for b in added if b.kind == usual and usual[1]]
    for block in added:
        block.decide(True, "alike-container")


def _make(bed: HtmlElement) -> tuple[str | None, ...]:
    """How an element and the one around it are built: tags and classes, without the numbers of parts."""
    above = bed.getparent()
    return (str(bed.tag), _class(bed), *(() if above is None else (str(above.tag), _class(above))))


def _class(element: HtmlElement) -> str | None:
    name = element.get("class")
    return name and _PART.sub("", name)


def recover(page: list[Block], root: HtmlElement, url: str = "") -> None:
    """Takes back what stands among the chosen paragraphs: subheadings, paragraphs, items, rows.

    Between two chosen blocks, what is no box beside the text and does not consist of links; before the first and
    behind the last one, what has a chosen paragraph as its sibling and is built like one. Between the text and a chosen
    block far from it, as a notice at the foot of the page, only a little running text that is built alike. ``url`` is
    the page's address.
    """
    inside = [b for b in page if root in b.around and not b.hidden]
    prose = [b for b in inside if b.keep and b.is_prose]
    if not prose:
        return
    beds = {b.element.getparent() for b in prose}
    main = _holding_most(prose)
    within = [b.index for b in prose if main in b.around]
    first, last = prose[0].index, prose[-1].index
    run: list[Block] = []
    for block in inside:
        if first < block.index <= last:
            if not block.keep:
                run.append(block)
            elif run:
                is_near = within[0] < block.index <= within[-1]
                _fill(run, beds, [] if is_near else prose, url)
                run = []
    _at_the_ends(page, inside, prose, beds)


def keep_entries(page: list[Block], root: HtmlElement) -> None:
    """Takes headings that are links and head the entries of a list: among the paragraphs, each with some below it."""
    found = [
        b for b in page if b.link_share > 0.5 and b.is_heading and not b.hidden and root in b.around and not beside(b)
    ]
    if len(found) < _ENTRIES:
        return
    inside = [b for b in page if root in b.around and not b.hidden]
    place = {block: at for at, block in enumerate(inside)}
    heading = []
    for block in found:
        bed = block.element.getparent()
        below = next((b for b in inside[place[block] + 1 : place[block] + 4] if b.keep or b.is_heading), None)
        if below is not None and below.keep and below.is_prose and below.element.getparent() is bed:
            heading.append(block)
    counts = Counter((b.kind, b.element.getparent()) for b in heading)
    for block in heading:
        if counts[block.kind, block.element.getparent()] >= _ENTRIES:
            block.decide(True, ENTRY)


def _holding_most(prose: list[Block]) -> HtmlElement:
    """The smallest element with most of some running text; an article or main element around it, where there is one."""
    least = _MOST * sum(b.size for b in prose)
    for depth in (2, None):  # most often all stand side by side, which is quicker to see
        sizes = Counter[HtmlElement]()
        for block in prose:
            for element in block.around[1:depth]:
                sizes[element] += block.size
        if found := [element for element, size in sizes.items() if size >= least]:
            break
    main = min(found, key=sizes.__getitem__)
    return next((e for e in (main, *main.iterancestors()) if e.tag in ("article", "main")), main)


def _fill(run: list[Block], beds: Collection[HtmlElement | None], far: list[Block], url: str) -> None:
    """Decides on the blocks between two chosen ones. ``far`` is the running text chosen, if these are far from it."""
    crowded = sum(b.linked for b in run) > 0.4 * sum(b.size for b in run) or any(beside(b) for b in run)
    found = []
    lists: dict[HtmlElement, bool] = {}
    for block in run:
        if beside(block) or block.tag in _LABELS or pictured(block):
            continue
        if block.tag == "li" and block.link_share > 0.3 and _leads_away(block, beds, url, lists):
            found.append(block)
            continue
        if block.link_share > 0.5:
            continue
        if crowded and (block.link_share >= 0.3 or not any(e.getparent() in beds for e in block.around[:3])):
            continue  # among links and boxes only what has a paragraph of the text beside it
        if block.tag in _ITEMS or block.is_prose:
            found.append(block)
    if far:
        kinds = {b.kind for b in far}
        found = [b for b in found if b.is_prose and b.kind in kinds]
        if sum(b.size for b in found) * _LITTLE > sum(b.size for b in far):
            return
    for block in found:
        block.decide(True, "among-paragraphs")


def _leads_away(block: Block, beds: Collection[HtmlElement | None], url: str, known: dict[HtmlElement, bool]) -> bool:
    """True for an item, beside the paragraphs, of a list whose links lead to other sites: of sources, of works.

    ``known`` are lists that were examined before.
    """
    items = block.around[1]
    if items.getparent() not in beds:
        return False
    if items not in known:
        targets = [str(a.get("href")) for a in items.iter("a") if is_link(a)]
        known[items] = bool(targets) and not any(is_same_site(target, url) for target in targets)
    return known[items]


def _at_the_ends(
    page: list[Block], inside: list[Block], prose: list[Block], beds: Collection[HtmlElement | None]
) -> None:
    """Takes back siblings of the chosen paragraphs that are built like them, and headings right above the first."""
    kinds = {b.kind for b in prose}
    owners = {b.element for b in prose}
    first, last = prose[0].index, prose[-1].index
    for block in inside:
        if block.keep or block.link_share > 0.4:
            continue
        if block.is_prose and block.element in owners:
            block.decide(True, "among-paragraphs")
            continue
        if block.tag not in ("p", "li", "blockquote", *HEADINGS):
            continue
        heads = block.is_heading and block.index + 1 < len(page) and page[block.index + 1].keep
        if not heads and not any(e.getparent() in beds for e in block.around[: 3 if block.tag == "li" else 1]):
            continue
        alike = block.kind in kinds and block.is_prose
        if first < block.index < last or alike:
            block.decide(True, "among-paragraphs")
            last = max(last, block.index) if alike else last
    _list_behind(inside, beds)
    headings = {b.kind for b in inside if b.keep and b.is_heading and b.index > first}
    items: list[Block] = []
    for block in reversed(page[:first]):
        is_alike = block.kind in headings and block in inside
        if block.tag == "li" and block.link_share < 0.3 and any(e.getparent() in beds for e in block.around[1:3]):
            items.append(block)  # of the text if a heading is above them
        elif block.is_heading and block.tag != "h1" and (is_alike or block.element.getparent() in beds):
            if items and not any(b.is_prose for b in items):
                break
            for taken in (*items, block):
                taken.decide(True, "among-paragraphs")
            items = []
        else:
            break
    if items and all(b.is_prose for b in items):  # key points
        for taken in items:
            taken.decide(True, "among-paragraphs")


def _list_behind(inside: list[Block], beds: Collection[HtmlElement | None]) -> None:
    """Takes back a list right behind the text, beside its paragraphs: one that a colon or a heading announces, or whose
    items are running text. Lists of links are none."""
    last = max(at for at, block in enumerate(inside) if block.keep)
    before, found = inside[last], list[Block]()
    for block in inside[last + 1 :]:
        if (
            not found
            and (block.is_heading or announces(block))
            and block.element.getparent() in beds
            and not block.links
        ):
            before = block
        elif block.tag != "li" or block.link_share >= 0.3 or not any(e.getparent() in beds for e in block.around[1:3]):
            break
        else:
            found.append(block)
    announced = before.is_heading or announces(before)
    if not found or not (announced or 2 * sum(b.is_prose for b in found) > len(found)):
        return
    for block in [before, *found]:
        if not block.keep:
            block.decide(True, "among-paragraphs")
