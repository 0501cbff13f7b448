"""Captions, known by their place beside an image."""

from __future__ import annotations

from klartext.extract.blocks import Block
from klartext.extract.page_context import PageContext, is_sentence

_SHORT_CAPTION = 160
"""The size of a line alone with an image that is its caption though it is built like the paragraphs."""
_LONGEST_CAPTION = 300
"""Characters of a caption in the image's own paragraph."""
_PARTS = 20
"""Elements in a paragraph from which it may be a large one."""
_LARGEST_PARAGRAPH = 2000
"""Characters of such a paragraph; a longer one is cut into lines and is no image's own."""


def captioned(context: PageContext, block: Block) -> str | None:
    """Alone with an image though it is built like the paragraphs: a short line that is no sentence, one above or below
    a credit, or one in small type or italics in the image's own paragraph."""
    if block.size < _SHORT_CAPTION and not is_sentence(block.text) and pictured(block):
        return "caption"
    near = context.page[max(0, block.index - 1) : block.index + 2]
    credits_ = [b for b in near if b.rule == "caption" and b.element.getparent() is block.element.getparent()]
    if credits_ and pictured(block, sum(len(b.text) for b in credits_)):
        return "caption"
    return "caption" if _in_image_paragraph(block) else None


def _in_image_paragraph(block: Block) -> bool:
    """True for a paragraph of an image and of a text that is all in small type or italics."""
    element = block.element
    if element.tag != "p" or len(block.text) > _LONGEST_CAPTION:
        return False
    if len(element) > _PARTS and block.sizes.whole(element) > _LARGEST_PARAGRAPH:
        return False
    if next(element.iter("img"), None) is None:
        return False
    slanted = [e for e in element.iter("em", "i", "small") if next(e.iterancestors("em", "i", "small"), None) is None]
    return sum(len(e.text_content()) for e in slanted) >= 0.9 * len(block.text)


def pictured(block: Block, beside_it: int = 0) -> bool:
    """True if a block is alone with an image in a box: its caption.

    ``beside_it`` is the size of other lines that may stand in the box.
    """
    if block.is_heading or block.tag in ("li", "td", "tr") or block.size > 400:
        return False
    most = 1.1 * len(block.text) + 60 + beside_it
    for element in block.around[block.tag in ("p", "blockquote") : 5]:
        if block.sizes.stripped(element) > most and block.sizes.shown(element) > most:
            return False
        if next(element.iter("img", "picture"), None) is not None:
            return True
    return False
