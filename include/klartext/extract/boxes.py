"""Rules about the box that a line stands in: what its tag, its role, its name or another line in it says of it."""

from __future__ import annotations

from lxml.html import HtmlElement

from klartext.extract.blocks import Block
from klartext.extract.captions import pictured
from klartext.extract.page_context import PageContext, around, is_prose_like, is_stated, text_below

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
_OFFERS = frozenset(("consent", "newsletter", "subscription"))


def boxed(context: PageContext, block: Block) -> str | None:
    """Inside a box that its tag or its name tells apart, or alone with an image."""
    if context.usual is not None and block.kind != context.usual and pictured(block):
        return "caption"
    if is_stated(context, block):
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
            if element.tag == "button" and block.is_heading and text_below(context, block):
                continue  # it opens the text below it
            return rule
        if element in context.sign_ups:
            return "newsletter"
        if element in context.polls:
            return "feedback"
        if block.is_heading and element is block.element:
            continue
        if block.is_heading and context.named(element) and _heads_text_of(context, block, element):
            continue
        for rule in context.named(element):
            if rule not in ("caption", "comments", "consent") and context.holds_paragraphs(element):
                continue
            if element is block.element and rule not in _OWN and _is_text(context, block):
                continue
            if rule in _LONG_RULES or len(block.text) < 120 or (rule == "caption" and len(block.text) < 500):
                return rule
    return None


def _heads_text_of(context: PageContext, heading: Block, box: HtmlElement) -> bool:
    """True for the heading of running text that is in the same box and is the article's."""
    below = text_below(context, heading)
    return below is not None and box in below.around and boxed(context, below) is None


def _is_text(context: PageContext, block: Block) -> bool:
    """True for a sentence that is long, or built like most of the text: what its own class says is of no account."""
    return is_prose_like(block) and (len(block.text) > 120 or block.kind == context.usual)


def _quotes(figure: HtmlElement, block: Block) -> bool:
    """Whether a figure is no picture but a table or the quote that the block is part of."""
    return figure.find(".//table") is not None or any(e.tag == "blockquote" for e in block.around)


def in_offer(context: PageContext, block: Block) -> str | None:
    """Beside a line that says it is an offer or a placeholder, in the same small box."""
    if (block.kind == context.usual and is_prose_like(block) and block.size > _SURE) or is_stated(context, block):
        return None
    box = None
    for element in around(block, context.container):
        if context.holds_much(element) and context.holds_text(element):
            break
        box = element
    if box is None or box is block.element or block.sizes.whole(box) > 900:
        return None
    inside = [b for b in context.page[max(0, block.index - 6) : block.index + 7] if box in b.around]
    if sum(b.keep for b in inside) > 6:
        return None
    return next((b.rule for b in inside if not b.keep and b.rule in _OFFERS), None)
