"""Which lines of a page are the article's, before the rules about noise."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from klartext.extract import main_text, recovery, whole_page
from klartext.extract.blocks import HEADINGS, Block, hints, letters
from klartext.extract.document import Document
from klartext.extract.rules import Rules

_PLAIN = frozenset(("p", "li", "div", "tr", *HEADINGS))
_ARTICLES = frozenset("article artikel beitrag story post entry news noticia nota".split())
"""What a container of one of several articles is called."""
_UNREAD = frozenset(("button", "dialog", "footer", "form", "nav"))
"""Elements that trafilatura takes no line of."""


def select(
    doc: Document,
    root: HtmlElement,
    lines: list[Block],
    ruled: Rules,
    named: list[HtmlElement],
    without: Collection[str] = (),
) -> HtmlElement | None:
    """Marks the lines that are the article's and gives the element around them; None for a page without running text.

    ``named`` are the containers that the source's rules name. ``without`` names rules that are left out.
    """
    if named:
        return _within(doc, root, lines, ruled, named)
    others = _others(doc, lines) if "other-article" not in without else frozenset()
    own = [b for b in lines if others.isdisjoint(b.around)] if others else lines
    main_text.vote(lines, main_text.choose(doc, lines, own))
    _leave(others, lines)
    if not any(b.keep and b.is_prose for b in lines):
        main_text.vote_alone(own)
    if whole_page.RULE not in without:
        whole_page.widen(doc, lines)
    _leave(others, lines)
    if "alike-container" not in without:
        recovery.extend(own)
    container = main_text.container(lines)
    if container is not None:
        for block in lines:
            if block.keep and container not in block.around and "outside" not in without:
                block.decide(False, "outside")
        if "among-paragraphs" not in without:
            recovery.recover(lines, container, doc.page.url)
        if recovery.ENTRY not in without:
            recovery.keep_entries(lines, container)
    _remove(ruled.removed([]), lines)
    return container


def _leave(others: frozenset[HtmlElement], lines: list[Block]) -> None:
    for block in lines if others else ():
        if block.keep and not others.isdisjoint(block.around):
            block.decide(False, "other-article")


def _others(doc: Document, lines: list[Block]) -> frozenset[HtmlElement]:
    """The further articles of a page, with headlines of their own, as one has that loads the next one at its end."""
    if len(doc.elements("h1")) < 2:
        return frozenset()
    of_page = letters(f"{doc.title or ''} {doc.meta('og:title', 'twitter:title') or ''}")
    keys = {h1: key for h1 in doc.elements("h1") if (key := letters(h1.text_content()))}
    # of those that its metadata have, the longest is the page's own: a logo with the site's name may be another
    headline = max((h1 for h1, key in keys.items() if key in of_page), key=lambda h1: len(keys[h1]), default=None)
    if headline is None:
        return frozenset()
    own = next(headline.iterancestors("article"), None)
    if own is None:
        found = _alike(headline, [h1 for h1 in keys if h1 is not headline])
        own = next(iter(found), None)
        others = set(found[1:])
    else:
        found = [next(h1.iterancestors("article"), None) for h1 in keys if h1 is not headline]
        others = {other for other in found if other is not None and own not in (other, *other.iterancestors())}
        others.difference_update(own.iterancestors())
    has_text = own is not None and any(block.is_prose and own in block.around for block in lines)
    return frozenset(others) if has_text else frozenset()


def _alike(headline: HtmlElement, further: list[HtmlElement]) -> list[HtmlElement]:
    """The element that holds a headline and none of the further ones, and those of the same make beside it that hold
    the further ones; none where they are built otherwise, or not called articles."""
    above = {element for h1 in further for element in h1.iterancestors()}
    own = next((e for e in headline.iterancestors() if e.getparent() in above), None)
    if own is None or _ARTICLES.isdisjoint(hints(own)):
        return []
    make = (own.tag, own.get("class"))
    return [own, *(e for e in own.getparent() if e is not own and e in above and (e.tag, e.get("class")) == make)]


def select_short(doc: Document, lines: list[Block]) -> HtmlElement | None:
    """Marks the short lines of a page without running text, and gives the element around them; None if there are none.

    A front page has such lines too, and is no article.
    """
    if urlsplit(doc.page.url).path in ("", "/"):
        return None
    return main_text.vote_short(lines, main_text.lines_of_page(doc))


def _within(
    doc: Document, root: HtmlElement, lines: list[Block], ruled: Rules, named: list[HtmlElement]
) -> HtmlElement:
    """With a named container only that goes to trafilatura; its paragraphs count even where trafilatura drops them."""
    bodies = frozenset(named)
    inside = [b for b in lines if not bodies.isdisjoint(b.around) and not b.hidden]
    for block in inside:
        if _plain(block):
            block.decide(True, "in-body")
    _remove(ruled.removed(named), inside)
    open_to_vote = [b for b in inside if not b.rule and b.key]
    if any(_may_be_chosen(block, bodies) for block in open_to_vote):  # to ask takes longer than all else on a page
        chosen = [line for body in named for line in main_text.chosen_lines(body, doc.page.url, fast=True)]
        main_text.vote(open_to_vote, chosen)
    return named[0] if len(named) == 1 else root


def _may_be_chosen(block: Block, bodies: frozenset[HtmlElement]) -> bool:
    """False for a line of a container that stands in an element that trafilatura leaves out."""
    inside = itertools.takewhile(lambda element: element not in bodies, block.around)
    return _UNREAD.isdisjoint(element.tag for element in inside)


def _plain(block: Block) -> bool:
    """True if a block is built like a paragraph, a subheading or an item, and is no quote pulled out of the text."""
    if block.tag not in _PLAIN or block.link_share >= 0.4:
        return False
    return not any(e.tag == "blockquote" for e in block.around)


def _remove(taken: dict[HtmlElement, str], lines: list[Block]) -> None:
    for block in lines:
        if not taken.keys().isdisjoint(block.around):
            css = next(taken[e] for e in block.around if e in taken)
            block.decide(False, f"rule {css}")


def restore_last_text(lines: list[Block], before: list[Block], standfirst: list[Block]) -> bool:
    """Gives back a text that the rules took away altogether; True if the lead is the text again.

    The lead never is the only text. Else the lines come back that stood before the rules about noise, those that the
    source's own rules took out excepted.
    """
    if any(b.keep for b in lines):
        return False
    if standfirst:
        for block in standfirst:
            block.decide(True, "only-text")
        return True
    for block in before:
        if not block.rule.startswith("rule "):
            block.decide(True, "only-text")
    return False
