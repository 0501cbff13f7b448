"""The lead (standfirst): found on the page, kept apart from the text."""

from __future__ import annotations

import re

from klartext.extract import word_lists
from klartext.extract.blocks import Block, hints, letters
from klartext.extract.bylines import is_credit
from klartext.extract.document import Document
from klartext.extract.page_context import is_sentence

_NAMED = frozenset(
    "lead intro introduction standfirst vorspann summary subline subheadline abstract excerpt dek description preamble "
    "anreisser anrisstext einleitung teasertext underline unterzeile kurztext articlelead leadtext introtext einstieg "
    "shortdescription bulletpoints preface".split()
)
_NAMED_PAIRS = (("teaser", "text"), ("sub", "title"), ("sub", "headline"), ("lead", "text"), ("article", "summary"))
_BOXES = frozenset(("byline", "caption", "newsletter", "topics"))
"""The rules of names that no box of a lead has."""
_NOT_NAMED = frozenset("caption imagecaption figcaption imagedescription bildunterschrift bildtext".split())
"""Words of captions, which may have one of the others beside them: the description of an image."""
_SUBTITLE = 50
"""The least size of a heading below the headline that is a lead."""


def descriptions(document: Document) -> list[str]:
    """What the page says of itself in meta tags and JSON-LD, longest first, each once."""
    said = [document.meta("description"), document.meta("og:description"), document.meta("twitter:description"),
            document.article.get("description")]  # fmt: skip
    keys = {letters(text) for text in said if isinstance(text, str)}
    return sorted((key for key in keys if len(key) >= 30), key=len, reverse=True)


def find(document: Document, page: list[Block], headlines: list[str]) -> list[Block]:
    """The blocks of the page that are the lead, in order; none where the page shows none.

    What the page says of itself and shows word for word above or at the head of the text is the lead; else a box that
    is named so; else what stands as a whole sentence, set apart, between headline and text.
    """
    text = [b for b in page if b.keep and is_sentence(b.text) and len(b.text) > 60 and not b.is_heading]
    if not text:
        return []
    top = next((b.index for b in page if b.tag == "h1" and b.key in headlines), None)
    top = top if top is not None and top < text[0].index else max(0, text[0].index - 25)
    # the second paragraph is the last that can follow a lead
    bottom = text[min(1, len(text) - 1)].index
    captions = {b.key for b in page if b.tag == "figcaption"}
    zone = [b for b in page if top < b.index <= bottom and b.key not in captions and _may_be(b, headlines)]
    subtitle = _subtitle(zone, page, headlines, text)
    described = _described(zone, descriptions(document))
    if subtitle and described and described[0] in text and described[0].kind in {b.kind for b in text[1:]}:
        return subtitle  # the page describes itself with the first paragraph of its text
    beside = [b for b in zone if b.keep or not _is_boxed(b)]
    return described or _named(beside, page) or _set_apart(beside, text) or subtitle


def _may_be(block: Block, headlines: list[str]) -> bool:
    key = block.key
    return (
        len(key) >= 25 and block.link_share < 0.6
        and block.rule not in ("caption", "consent", "advertisement", "newsletter", "byline")
        and not any(key in title or key == title for title in headlines)
        and not any(e.tag in ("figure", "figcaption", "nav", "button", "aside", "form") for e in block.around)
        and _NOT_NAMED.isdisjoint(hints(block.element))
        and word_lists.rule_of_line(block.text, block.key) is None and not is_credit(block.text)
    )  # fmt: skip


def _is_boxed(block: Block) -> bool:
    """True in a box that its name tells apart: who the author is, an offer, a path through the site."""
    return any(
        rule in _BOXES and (element is not block.element or rule != "caption")
        for element in block.around[:3]
        for rule in word_lists.rules_of_names(hints(element))
    )


def _subtitle(zone: list[Block], page: list[Block], headlines: list[str], text: list[Block]) -> list[Block]:
    """A heading of the length of a sentence right below the headline, which heads no paragraph of its own."""
    for block in zone:
        above = page[block.index - 1]
        if block.is_heading and block.size >= _SUBTITLE and above.tag == "h1" and above.key in headlines:
            is_other = block.element.getparent() is not text[0].element.getparent()
            return [block] if is_other and above.key not in block.key else []
    return []


def _described(zone: list[Block], said: list[str]) -> list[Block]:
    for description in said:
        for block in zone:
            key = block.key
            head = re.sub(r"^.{0,40}?[.:–-] ", "", block.text, count=1)  # the place that opens it: "Berlin. "
            if (
                key == description
                or letters(head) == description
                or (len(description) > 60 and description[:-3] in key and len(key) < 1.6 * len(description))
            ):
                return [block]
            if len(key) > 60 and key in description:
                return [b for b in zone if b.key in description and len(b.key) > 25]
    return []


def _named(zone: list[Block], page: list[Block]) -> list[Block]:
    found: list[Block] = []
    for block in zone:
        for element in block.around[:3]:
            named = hints(element)
            if (named & _NAMED or any(set(pair) <= named for pair in _NAMED_PAIRS)) and len(
                element.text_content()
            ) < 900:
                alike = (b for b in page if b.kind == block.kind and element in b.around)
                found.extend(b for b in alike if b not in found)
                break
    return found if sum(len(b.text) for b in found) < 900 else []


def _set_apart(zone: list[Block], text: list[Block]) -> list[Block]:
    """A block above the text that is built otherwise than its paragraphs and says a whole sentence."""
    beds = {b.element.getparent() for b in text[2:8]}
    wrapped = len(beds) > 1 and len(beds) == len(text[2:8])  # each paragraph in an element of its own

    def make(block: Block) -> tuple[object, ...]:
        bed = block.element.getparent()
        place = (bed.tag, bed.get("class")) if wrapped and bed is not None else bed
        return block.tag, block.element.get("class"), place

    for block in zone:
        if block.tag == "li":
            continue  # of a list, which is no lead by one of its items
        kind = make(block)
        kinds = [make(b) for b in ([o for o in text[:8] if o is not block] if block in text[:2] else text[2:8])]
        bed = block.element.getparent()
        if bed is not None and bed.getparent() in beds and (*kind[:2], bed.getparent()) in kinds:
            continue  # a paragraph in a wrapper among the others
        bold = block.strong >= 0.9 * len(block.text)
        if 50 <= len(block.text) <= 700 and is_sentence(block.text) and kinds and (kind not in kinds or bold):
            return [block]
    return []
