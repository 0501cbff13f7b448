"""The text of an article of which the chosen part of the page holds only a piece."""

from __future__ import annotations

from klartext.extract import main_text
from klartext.extract.blocks import Block
from klartext.extract.document import Document

RULE = "whole-page"
_MORE = 1.5
"""How many times the chosen text the page must hold for it to be asked as a whole, if what is left is built alike."""
_ALIKE = 0.7
"""Share of what the answer for the whole page adds that must be built like the chosen text."""
_MANY_TIMES = 6
"""How many times the chosen text makes that a piece of something else, however the rest is built."""
_LONG = 80
"""Size (see ``Block.size``) above which a block that was not chosen counts as running text."""
_LINKED = 0.3
"""Share of links from which it does not: menus and lists of other articles."""


def widen(document: Document, page: list[Block]) -> None:
    """Takes trafilatura's choice on the whole page where the chosen lines are a small piece of it.

    Only a page that states to be an article's is asked, and only if running text is left that may belong to the
    article: trafilatura needs as long for it as for the rest of the extraction.
    """
    chosen = [b for b in page if b.keep]
    size = sum(b.size for b in chosen)
    if not size:
        return
    kinds = {b.kind for b in chosen if b.is_prose}
    left = [b for b in page if b.is_prose and not b.keep and b.size > _LONG and b.link_share < _LINKED]
    if not _is_more(size, left, kinds):
        return
    left = [b for b in left if not main_text.beside(b)]
    if not _is_more(size, left, kinds) or not document.states_article:
        return
    found = main_text.find(page, main_text.lines_of_page(document))
    added = [b for b in found if not b.keep]
    more = sum(b.size for b in added)
    alike = sum(b.size for b in added if b.is_prose and b.kind in kinds)
    if size + more >= _MANY_TIMES * size:
        for block in chosen:
            if block not in found:
                block.decide(False, RULE)
    elif size + more < _MORE * size or alike < _ALIKE * more:
        return
    for block in added:
        block.decide(True, RULE)


def _is_more(size: int, left: list[Block], kinds: set[tuple[str, str | None]]) -> bool:
    """True if the running text that is left makes the chosen text a small piece of the page's."""
    alike = sum(b.size for b in left if b.kind in kinds)
    return size + alike >= _MORE * size or size + sum(b.size for b in left) >= _MANY_TIMES * size
