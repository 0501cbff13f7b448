"""What is left at the ends of a text and under its headings when the lines of noise are gone."""

from __future__ import annotations

import itertools
import re
from collections import Counter

from lxml.html import HtmlElement

from klartext.extract.author_names import BYLINE, is_full_name
from klartext.extract.blocks import HEADINGS, SEPARATOR, Block
from klartext.extract.page_context import PageContext, announces, around, is_prose_like, is_sentence, remove

_DOES = re.compile(
    r"\b(?:ist|war|schreibt|berichtet|arbeitet|leitet|studierte|lehrt|forscht|gründete|lebt|betreut|moderiert|is|writes)\b"
)
_DAY = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}[:.]\d\d")
"""A year or a time of day."""
_TEXT = 400
"""The least size of the text behind which cards are looked for."""
_CARD = 1000
"""Characters that a card holds at most."""
_MENU = 10
"""Marks between words from which a line without a number is a menu."""
_ENDS = re.compile("[。！？]")
_LABEL = 90
"""Characters of a line that may head others without being a heading."""
_FEW = 3
"""Lines behind the last paragraph, built like it and beside it, of which more are the text's."""
_PICTURES = ("img", "picture", "video", "iframe")
_LED_BY = (
    "teaser-link", "teaser-card", "newsletter", "subscription", "consent", "link-list", "advertisement", "feedback",
)  # fmt: skip


def tidy(context: PageContext) -> None:
    """All rules of this module, in their order."""
    cards(context)
    biography(context)
    edges(context)
    apart(context)
    lone_headings(context)


def cards(context: PageContext) -> None:
    """Cards of other articles behind the text: in each a heading that is a link, and a text below it."""
    found: list[Block] = []
    boxes: set[HtmlElement] = set()
    for block in reversed(context.kept):
        box = _card(context, block)
        if box is not None:
            boxes.add(box)
        elif is_prose_like(block):
            break
        found.append(block)
    behind = set(found)
    rest = sum(block.size for block in context.kept if block not in behind)
    if len(boxes) > 1 and rest > _TEXT:
        remove(context, [b for b in found if any(e in boxes for e in b.around)], "teaser-card")


def _card(context: PageContext, block: Block) -> HtmlElement | None:
    """The box around a block and a heading above it that is a link to another page of the site."""
    if block.is_heading:
        return None
    for before in reversed(context.page[max(0, block.index - 4) : block.index]):
        if before.is_heading:
            if before.link_share < 0.75 or not context.leads_on(before):
                return None
            box = next((e for e in around(block, context.container) if e in before.around), None)
            return box if box is not None and len(box.text_content()) < _CARD else None
    return None


def edges(context: PageContext) -> None:
    """Short lines that are no sentences before the first and after the last paragraph: kicker, byline, initials."""
    kept = context.kept
    prose = [i for i, block in enumerate(kept) if is_prose_like(block)]
    if not prose:
        return
    first, last = prose[0], prose[-1]
    beds = {kept[i].element.getparent() for i in prose}
    built = {block.kind for block in kept[first:] if block.is_heading and block.tag != "h1"}
    framed = 2 * sum(any(e.tag == "table" for e in kept[i].around) for i in prose) > len(prose)
    alike = [b.kind == context.usual and b.element.getparent() in beds for b in kept]
    goes_on = sum(alike[last + 1 :]) > _FEW  # as a plan, a list of prices or a poem does
    begins = sum(alike[:first]) > _FEW
    for i, block in enumerate(kept):
        if first <= i <= last or (_in_row(context, block, beds) and not _is_no_data(block)):
            continue
        if goes_on if i > last else (begins and alike[i]) or _opens(context, block, beds):
            continue
        name = "before-text" if i < first else "after-text"
        short = block.size < 70 and not _says(block)
        is_alone = _is_no_data(block) and not is_sentence(block.text)
        if is_alone or (framed and (block.tag == "tr" or (block.tag == "td" and not block.is_prose))):
            remove(context, [block], name)  # the page is arranged by tables: a row beside the text is no data
        elif block.is_heading and (_leads_in(kept, i, first, built) if i < first else _heads_more(context, kept, i)):
            continue
        elif i > last and announces(block) and any(map(_in_list, kept[i + 1 : i + 2])):
            continue  # it announces a list
        elif not _in_list(block) and (short or (block.is_heading and i < first)):
            remove(context, [block], name)


def _says(block: Block) -> bool:
    """True for a sentence, and in a script without spaces for a line with one in it, as before a name in brackets."""
    return is_sentence(block.text.rstrip(" :")) or (block.size > len(block.text) and bool(_ENDS.search(block.text)))


def _heads_more(context: PageContext, kept: list[Block], i: int) -> bool:
    """True for a heading above a list, and above running text that is built like most of it, though it does not end as
    a sentence."""
    return any((b.is_prose and b.kind == context.usual) or _in_list(b) for b in kept[i + 1 : i + 2])


def _opens(context: PageContext, block: Block, beds: set[HtmlElement | None]) -> bool:
    """True for a line above the first paragraph that is built like the text, beside it, and no byline, date or
    caption."""
    if block.kind != context.usual or block.element.getparent() not in beds or _signs(context, block):
        return False
    before = block.element.getprevious()
    return before is None or next(before.iter(*_PICTURES), None) is None


def _signs(context: PageContext, block: Block) -> bool:
    """True for a line that names the author or a day."""
    named = BYLINE.match(block.text) or is_full_name(block.text) or any(name in block.text for name in context.authors)
    return bool(named or _DAY.search(block.text))


def _leads_in(kept: list[Block], i: int, first: int, built: set[tuple[str, str | None]]) -> bool:
    """True for a heading above the first paragraph that stands beside it, is built like others, or heads a list."""
    block = kept[i]
    beside = block.element.getparent() is kept[first].element.getparent()
    return beside or block.kind in built or _in_list(kept[i + 1])


def apart(context: PageContext) -> None:
    """An appeal behind the text: what follows the last paragraph of the text's own element, in one that is built
    otherwise, is short against it, and has a heading or a link of its own."""
    beds: Counter[HtmlElement] = Counter()
    prose = [block for block in context.kept if is_prose_like(block)]
    for block in prose:
        beds[block.element.getparent()] += len(block.text)
    if not beds or (main := beds.most_common(1)[0])[1] < 0.75 * sum(beds.values()):
        return
    last = max(block.index for block in prose if block.element.getparent() is main[0])
    behind = [block for block in context.kept if block.index > last and not _in_list(block)]
    outside = [block for block in behind if main[0] not in block.around]
    size = sum(len(block.text) for block in outside)
    offers = any(block.links or not is_sentence(context.page[block.index - 1].text) for block in outside)
    made = (main[0].tag, main[0].get("class"))  # two elements of one make are a text that an advertisement cuts in two
    alike = any((e.tag, e.get("class")) == made for block in outside for e in block.around[1:2])
    if outside and offers and not alike and size * 2 < main[1]:
        remove(context, outside, "apart")


def biography(context: PageContext) -> None:
    """At the end, who the author is: a paragraph that begins with the author's name and says what the author does."""
    people = [name for name in context.authors if " " in name and not name.isupper()]
    for block in [b for b in context.kept if is_prose_like(b)][-2:]:
        named = any(-1 < block.text.find(name) < 60 for name in people)
        if named and len(block.text) < 900 and _DOES.search(block.text):
            remove(context, [block], "author-biography")


def _in_list(block: Block) -> bool:
    return any(element.tag in ("li", "td", "th", "dd") for element in block.around)


def _is_no_data(block: Block) -> bool:
    """True for a menu, which has many cells and no number in them, and for the only row of a table, which is one too or
    arranges the page."""
    if block.text.count(SEPARATOR) >= _MENU and not any(map(str.isdigit, block.text)):
        return True
    table = next(block.element.iterancestors("table"), None) if block.tag == "tr" else None
    return table is not None and sum(1 for _ in itertools.islice(table.iter("tr"), 2)) == 1


def _in_row(context: PageContext, block: Block, beds: set[HtmlElement | None]) -> bool:
    """True for a row of a table that stands beside paragraphs, and where most of the text is rows."""
    if block.tag == "tr" and block.kind == context.usual:
        return True
    table = next((e for e in block.around if e.tag == "table"), None) if block.tag == "tr" else None
    return table is not None and any(e.getparent() in beds for e in block.around[1:6])


def lone_headings(context: PageContext) -> None:
    """Headings under which nothing is left, or whose own first line was a teaser or an offer."""
    kept = context.kept
    for here, following in itertools.pairwise(kept):
        if not _heads(here):
            continue
        beneath = context.page[here.index + 1]
        led = beneath.rule if not beneath.keep else ""
        apart = following.element.getparent() is not here.element.getparent()
        if led in _LED_BY and (apart or not here.is_heading or led in ("link-list", "feedback")):
            remove(context, [here], "lone-heading")
    colons = itertools.takewhile(lambda block: len(block.text) < _LABEL and announces(block), reversed(kept[1:]))
    ends = list(colons) or [block for block in kept[-1:] if _heads(block)]
    remove(context, [block for block in ends if not _states(block)], "lone-heading")


def _states(block: Block) -> bool:
    """True for a line that ends with a full stop: it says something itself and heads nothing."""
    return block.text.rstrip("\"“”»«'’)").endswith((".", "。", "।"))


def _heads(block: Block) -> bool:
    """A heading, or a short bold line that serves as one."""
    return block.tag in HEADINGS or (
        len(block.text) < _LABEL and not is_sentence(block.text) and block.strong >= 0.9 * len(block.text)
    )
