"""What stands in or beside an article and is not the article: every rule by its name.

A rule looks at one block with its surroundings and says whether it is noise. Nothing is removed without a rule's name,
and a rule that would remove more than a third of the text is not believed (:func:`apply`).
"""

from __future__ import annotations

import itertools
from collections import Counter

from lxml.html import HtmlElement

from klartext.extract import bylines, text_ends, word_lists
from klartext.extract.blocks import Block
from klartext.extract.captions import captioned, pictured
from klartext.extract.page_context import PageContext, around, is_label, is_prose_like, remove
from klartext.extract.recovery import ENTRY

_TAGS = {
    "figure": "caption", "figcaption": "caption", "nav": "navigation", "footer": "navigation", "form": "navigation",
    "button": "navigation", "label": "navigation", "aside": "aside", "menu": "navigation", "dialog": "consent",
    "address": "byline", "article": "nested-article", "noindex": "navigation",
}  # fmt: skip
"""Elements that HTML has for what is beside the text, with the rule that each stands for."""
_ROLES = {
    "complementary": "aside", "contentinfo": "navigation", "navigation": "navigation", "search": "navigation",
    "dialog": "consent", "alertdialog": "consent",
}  # fmt: skip
"""The same for the roles that accessible pages give to elements of any kind."""
_EMBEDS = frozenset(
    "twitter-tweet twitter-video instagram-media tiktok-embed text-post-media bluesky-embed mastodon-embed fb-post "
    "fb-video reddit-card reddit-embed-bq imgur-embed-pub flourish-embed".split()
)
"""Classes that the platforms' own code for embedding gives to the post of somebody else."""
_LONG_RULES = frozenset(
    ("teaser-card", "newsletter", "subscription", "consent", "comments", "advertisement", "feedback")
)
"""Boxes whose text is noise however long a line is; under other names only short lines are."""

_OWN = frozenset(("caption", "newsletter", "consent"))
"""What the class of a long paragraph itself may say; of other names it is the box around it that counts."""
_SURE = 200
"""The size of a paragraph built like most of the text that no line beside it makes noise."""
_STATED = 12
"""Letters of a heading that is not found in the text of the JSON-LD by chance."""
_POINTER = ">>"
"""What stands before a link to another article. Arrows and hands stand before items of lists too."""
_OFFERS = frozenset(("consent", "newsletter", "subscription"))


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


def boxed(context: PageContext, block: Block) -> str | None:
    """Inside a box that its tag or its name tells apart, or alone with an image."""
    if context.usual is not None and block.kind != context.usual and pictured(block):
        return "caption"
    if _is_stated(context, block):
        return None
    for element in around(block, context.container):
        rule = _TAGS.get(element.tag)
        if context.holds_much(element):
            continue
        if element.tag in ("blockquote", "div") and not _EMBEDS.isdisjoint((element.get("class") or "").split()):
            return "embedded-post"
        if not rule and (role := element.get("role")):
            rule = _ROLES.get(role)
        if rule == "nested-article" and context.is_of_articles:
            continue
        if rule and not (element.tag == "figure" and _quotes(element, block)):
            return rule
        if element in context.sign_ups:
            return "newsletter"
        if element in context.polls:
            return "feedback"
        if block.is_heading and element is block.element:
            continue
        for rule in context.named(element):
            if rule not in ("caption", "comments", "consent") and context.holds_paragraphs(element):
                continue
            if element is block.element and rule not in _OWN and _is_text(context, block):
                continue
            if rule in _LONG_RULES or len(block.text) < 120 or (rule == "caption" and len(block.text) < 500):
                return rule
    return None


def _is_text(context: PageContext, block: Block) -> bool:
    """True for a sentence that is long, or built like most of the text: what its own class says is of no account."""
    return is_prose_like(block) and (len(block.text) > 120 or block.kind == context.usual)


def _quotes(figure: HtmlElement, block: Block) -> bool:
    """Whether a figure is no picture but a table or the quote that the block is part of."""
    return figure.find(".//table") is not None or any(e.tag == "blockquote" for e in block.around)


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
        return "teaser-link"
    if block.links and block.size < 220 and block.text.startswith(_POINTER):
        return "teaser-link"
    if is_label(block, 120) and not block.is_heading and _credits_quote(context.page, block):
        return "quote-credit"
    item = next((e for e in around(block, context.container) if e.tag == "li"), None)
    if item is not None and item.getparent() is not None:
        items = [e for e in item.getparent() if e.tag == "li"]
        linked = [e for e in items if _linked_share(e) > 0.5 and context.leads_within(e)]
        if len(linked) >= max(1, 0.67 * len(items)):
            return "link-list"
    return None


def _linked_share(element: HtmlElement) -> float:
    size = len(element.text_content().strip())
    return sum(len(a.text_content().strip()) for a in element.iter("a")) / max(1, size)


def _is_stated(context: PageContext, block: Block) -> bool:
    """True for running text or a heading that the page's JSON-LD has as the article's."""
    if not context.body or not ((block.is_heading and not block.links) or block.is_prose):
        return False
    return len(block.key) >= _STATED and block.key in context.body


def said(context: PageContext, block: Block) -> str | None:
    """A line that says by its words what it is."""
    if is_prose_like(block) and _is_stated(context, block):
        return None
    return "agency-credit" if bylines.is_credit(block.text) else word_lists.rule_of_line(block.text, block.key)


def in_offer(context: PageContext, block: Block) -> str | None:
    """Beside a line that says it is an offer or a placeholder, in the same small box."""
    if (block.kind == context.usual and is_prose_like(block) and block.size > _SURE) or _is_stated(context, block):
        return None
    box = None
    for element in around(block, context.container):
        if context.holds_much(element):
            break
        box = element
    if box is None or box is block.element or len(box.text_content()) > 900:
        return None
    inside = [b for b in context.page[max(0, block.index - 6) : block.index + 7] if box in b.around]
    return next((b.rule for b in inside if not b.keep and b.rule in _OFFERS), None) if len(inside) <= 7 else None


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


def _copies(kept: list[Block]) -> frozenset[Block]:
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


BLOCK_RULES = (headline, recurring, boxed, beside, said, in_offer, captioned, repeated)


def apply(context: PageContext) -> None:
    """Runs every rule over the kept blocks; a rule that would take more than a third of the text does nothing."""
    kept = context.kept
    for rule in BLOCK_RULES:
        if rule is repeated:
            context.said = "\n".join([block.key for block in kept])
            context.copies = _copies(kept)
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
