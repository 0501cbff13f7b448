"""What stands in or beside an article and is not the article: every rule by its name.

A rule looks at one block with its surroundings and says whether it is noise. Nothing is removed without a rule's name,
and a rule that would remove more than a third of the text is not believed (:func:`apply`).
"""

from __future__ import annotations

import re
from collections import Counter

from lxml.html import HtmlElement

from klartext.extract import bylines, text_ends, word_lists
from klartext.extract.blocks import Block, is_link
from klartext.extract.boxes import boxed, in_offer
from klartext.extract.captions import captioned
from klartext.extract.page_context import (
    PageContext,
    around,
    is_label,
    is_prose_like,
    is_stated,
    remove,
    text_below,
)
from klartext.extract.recovery import ENTRY
from klartext.extract.repeats import copies, recurring, repeated

_ADDRESS = re.compile(r"\A(?:https?://|www\.)[^\s/]{1,253}/\S{0,2000}\Z")
"""A line that is an address and nothing else."""
_NUMBERED = re.compile(r"\d{1,3}[.):] ")
"""The beginning of the heading of an entry of a list."""
_HEADLINE = 30
"""Characters of a link that is the headline of another article."""
_POINTER = ">>"
"""What stands before a link to another article. Arrows and hands stand before items of lists too."""


def headline(context: PageContext, block: Block) -> str | None:
    """The headline, the kicker or both, said again."""
    key = block.key
    if block.index > context.first and block.is_heading and block.tag != "h1" and _heads_text(context, block):
        return None
    for title in context.headlines:
        above = block.index <= context.first and len(key) > 12 and key in title
        if (
            key == title
            or above
            or (len(title) > 20 and title in key and len(key) - len(title) < 60 and _above(context, block))
        ):
            return "headline-repeated"
    return None


def _heads_text(context: PageContext, block: Block) -> bool:
    """True if a paragraph that is kept follows right behind a heading."""
    behind = context.page[block.index + 1 : block.index + 3]
    return any(b.keep and not b.is_heading for b in behind)


def _above(context: PageContext, block: Block) -> bool:
    return block.index <= context.first or block.tag == "h1"


def _credits_quote(page: list[Block], block: Block) -> bool:
    """Whether a line ends a quote in the quote's own element, or stands right behind it. A name can have what the
    person does below it."""
    at = block.index
    if not at or block.tag in ("li", "tr") or block.strong >= 0.9 * len(block.text):
        return False  # an item, or a heading
    before = page[at - 1]
    quotes = {e for e in before.around if e.tag == "blockquote"}
    if not quotes.isdisjoint(block.around):
        rest = [b for b in page[at + 1 : at + 3] if not quotes.isdisjoint(b.around)]
        return len(rest) < 2 and all(is_label(b, 120) for b in rest)
    return before.tag == "blockquote" and before.element.getparent() is block.element.getparent()


def beside(context: PageContext, block: Block) -> str | None:
    """A line that is nothing but a link or points to one, an item of a list of links, the name under a quote."""
    if block.link_share >= 0.75 and block.size < 220 and block.rule != ENTRY and context.leads_on(block):
        return None if _is_linked_heading(context, block) else "teaser-link"
    if block.links and block.size < 220 and block.text.startswith(_POINTER):
        return "teaser-link"
    if block.tag != "li" and _ADDRESS.match(block.text):
        return "teaser-link"  # what is left of a post or a recording that was embedded
    if is_label(block, 120) and not block.is_heading and _credits_quote(context.page, block):
        return "quote-credit"
    item = next((e for e in around(block, context.container) if e.tag == "li"), None)
    if item is not None and (whole := item.getparent()) is not None:
        if whole not in context.link_lists:
            context.link_lists[whole] = _is_link_list(context, whole)
        return "link-list" if context.link_lists[whole] else None
    return None


def _is_link_list(context: PageContext, whole: HtmlElement) -> bool:
    """True if most items of a list are links to pages of the site, or teasers of these."""
    items = [e for e in whole if e.tag == "li"]
    linked = [e for e in items if (_linked_share(e) > 0.5 or _is_teaser(e)) and context.leads_within(e)]
    return len(linked) >= max(1, 0.67 * len(items))


def _is_linked_heading(context: PageContext, block: Block) -> bool:
    """True for the heading of running text that is a link to its own place on the page, or has a number."""
    if not block.is_heading or text_below(context, block) is None:
        return False
    return bool(_NUMBERED.match(block.text)) or context.leads_here(block)


def _is_teaser(item: HtmlElement) -> bool:
    """True for an item that is a headline that is a link, and a text below it."""
    link = next(iter(item), None)
    if link is None or not is_link(link) or (item.text or "").strip():
        return False
    behind = link.getnext()
    return len(link.text_content().strip()) >= _HEADLINE and behind is not None and not (link.tail or "").strip()


def _linked_share(element: HtmlElement) -> float:
    size = len(element.text_content().strip())
    return sum(len(a.text_content().strip()) for a in element.iter("a")) / max(1, size)


def said(context: PageContext, block: Block) -> str | None:
    """A line that says by its words what it is."""
    if is_prose_like(block) and is_stated(context, block):
        return None
    rule = "agency-credit" if bylines.is_credit(block.text) else word_lists.rule_of_line(block.text, block.key)
    if rule == "dateline" and block.is_heading and block.index > context.first and text_below(context, block):
        return None  # a day of a chronology or of a live blog
    return rule


BLOCK_RULES = (headline, recurring, boxed, beside, said, in_offer, captioned, repeated)


def apply(context: PageContext) -> None:
    """Runs every rule over the kept blocks; a rule that would take more than a third of the text does nothing."""
    kept = context.kept
    for rule in BLOCK_RULES:
        if rule is repeated:
            context.said = "\n".join([block.key for block in kept])
            context.copies = copies(kept)
        found = [(block, name) for block in kept if (name := rule(context, block)) and name not in context.without]
        if not found:
            continue
        total = sum(len(key) for key in {block.key for block in kept})
        shares: Counter[str] = Counter()
        for name, key in {(name, block.key) for block, name in found}:
            shares[name] += len(key)
        for block, name in found:
            if shares[name] * 3 > total and name != "repeated":  # of which another copy stays
                if name not in context.disbelieved:
                    context.disbelieved.append(name)
            else:
                remove(context, [block], name)
        kept = context.kept
    text_ends.tidy(context)
