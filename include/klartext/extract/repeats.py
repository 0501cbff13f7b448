"""Rules about lines that the page has more than once."""

from __future__ import annotations

import itertools

from klartext.extract.blocks import Block
from klartext.extract.page_context import PageContext, is_prose_like


def recurring(context: PageContext, block: Block) -> str | None:
    """A line that stands three times and more on this page; those of many pages are found in the batch."""
    key = block.key
    if len(key) <= 20 or context.times[key] <= 2:
        return None
    if block.kind == context.usual or block.is_heading or any(e.tag == "li" for e in block.around[:3]):
        return None  # a heading stands in the table of contents too, and lists of facts repeat themselves
    alike = [b for b in context.page if b.key == key]
    return "recurring" if any(b.links or context.container not in b.around for b in alike) else None


def repeated(context: PageContext, block: Block) -> str | None:
    """A quote pulled out of a paragraph that is there too, or a line said before."""
    key = block.key
    if block in context.copies:
        return "repeated"
    if len(key) < 30 or context.said.count(key) < 2:
        return None
    if block.tag in ("tr", "li", "td", "dd") and block.size < 150:
        return None  # lists of facts repeat themselves
    if _is_of_plan(context, block):
        return None
    for other in context.kept:
        if (
            other is not block
            and key in other.key
            and (key == other.key or not block.is_heading)
            and (len(other.text) > len(block.text) * 1.2 or other.index < block.index)
            and not (key == other.key and _is_of_list(context.page, block, other))
        ):
            return "repeated"
    return None


def _is_of_plan(context: PageContext, block: Block) -> bool:
    """True for a short line without a link that is three times and more on the page, beside another that is too: what
    the parts of a plan or of a set of recipes have in common."""
    if block.links or is_prose_like(block) or context.times[block.key] < 3:
        return False
    beside = context.page[max(0, block.index - 1) : block.index + 2 : 2]
    return any(b.keep and context.times[b.key] > 2 for b in beside)


def _is_of_list(page: list[Block], block: Block, other: Block) -> bool:
    """True if two equal lines are built alike and stand between other lines, as what several entries have in common."""
    alike = [(*b.kind, *((str(e.tag), e.get("class")) for e in b.around[1:2])) for b in (block, other)]
    near = [{b.key for b in page[max(0, at - 1) : at + 2] if b.key != block.key} for at in (block.index, other.index)]
    return alike[0] == alike[1] and near[0].isdisjoint(near[1]) and len(near[0]) == len(near[1]) == 2


def copies(kept: list[Block]) -> frozenset[Block]:
    """The blocks of a second copy of the text, its short lines too: pages have one for each width of the screen.

    A copy is a run of lines that is a quarter of the text. Shorter runs are what parts of a text have in common.
    """
    first: dict[str, int] = {}
    again = [first.setdefault(block.key, i) < i for i, block in enumerate(kept)]
    if not any(again):
        return frozenset()
    near = zip([True, *again], again, [*again[1:], True], strict=False)
    inside = [all(flags) for flags in near]
    least = sum(block.size for block in kept) / 4
    found: set[Block] = set()
    for is_copy, places in itertools.groupby(range(len(kept)), key=inside.__getitem__):
        run = [kept[i] for i in places]
        if is_copy and sum(block.size for block in run) >= least:
            found.update(run)
    return frozenset(found)
