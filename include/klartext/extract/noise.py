"""What stands in or beside an article and is not the article: every rule by its name.

A rule looks at one block with its surroundings and says whether it is noise. Nothing is removed without a rule's name,
and a rule that would remove more than a third of the text is not believed (:func:`apply`).
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from lxml.html import HtmlElement

from klartext.extract import credits, words
from klartext.extract.blocks import HEADINGS, Block, hints
from klartext.extract.content import is_prose

_TAGS = {
    "figure": "caption", "figcaption": "caption", "nav": "navigation", "footer": "navigation", "form": "navigation",
    "button": "navigation", "label": "navigation", "aside": "aside", "menu": "navigation", "dialog": "consent",
    "address": "byline", "article": "nested-article",
}  # fmt: skip
_LONG_RULES = frozenset(
    ("teaser-card", "newsletter", "subscription", "consent", "comments", "advertisement", "feedback")
)
"""Boxes whose text is noise however long a line is; under other names only short lines are."""

_SENTENCE_END = re.compile(r"[.!?:…][\"“”»«'’)\]]*$")
_DOES = re.compile(
    r"\b(?:ist|war|schreibt|berichtet|arbeitet|leitet|studierte|lehrt|forscht|gründete|lebt|betreut|moderiert|is|writes)\b"
)
_OFFERS = frozenset(("consent", "newsletter", "subscription"))
_LED_BY = ("teaser-link", "teaser-card", "newsletter", "subscription", "consent", "link-list", "advertisement")


@dataclasses.dataclass(slots=True)
class Scene:
    """What the rules may look at: all blocks of the page, the container, the headline, lines that recur elsewhere."""

    page: list[Block]
    container: HtmlElement
    headlines: list[str]
    recurring: frozenset[str] = frozenset()
    body: str = ""
    """The letters of the text as the page's JSON-LD gives it; empty where it does not."""
    authors: list[str] = dataclasses.field(default_factory=list)
    removed: Counter[str] = dataclasses.field(default_factory=Counter)
    disbelieved: list[str] = dataclasses.field(default_factory=list)

    first: int = 0
    weights: dict[HtmlElement, int] = dataclasses.field(default_factory=dict)
    total: int = 0
    names: dict[HtmlElement, list[str]] = dataclasses.field(default_factory=dict)
    times: Counter[str] = dataclasses.field(default_factory=Counter)
    collapsible: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.first = next((block.index for block in self.kept if is_prose_like(block)), 0)
        self.times = Counter(block.key for block in self.page)
        top = self.container.getroottree().getroot()
        self.collapsible = frozenset(b.get("aria-controls") for b in top.iter("button") if b.get("aria-controls"))
        for block in self.kept:
            self.total += len(block.text)
            for element in _around(block, self.container):
                self.weights[element] = self.weights.get(element, 0) + len(block.text)

    def named(self, element: HtmlElement) -> list[str]:
        """The rules that the words of an element's class and id stand for."""
        rules = self.names.get(element)
        if rules is None:
            known = words.hint_rules()
            rules = self.names[element] = [known[word] for word in sorted(hints(element)) if word in known]
        return rules

    def holds_much(self, element: HtmlElement) -> bool:
        """Whether an element holds so much of the text that it is no box beside it."""
        return self.weights.get(element, 0) * 5 > self.total

    @property
    def kept(self) -> list[Block]:
        return [block for block in self.page if block.keep]


def is_sentence(text: str) -> bool:
    return bool(_SENTENCE_END.search(text))


def _is_label(block: Block, longest: int) -> bool:
    return len(block.text) < longest and not is_sentence(block.text)


def _around(block: Block, container: HtmlElement) -> Iterator[HtmlElement]:
    """The block's element and those around it, up to the container, which is not among them."""
    for element in block.around:
        if element is container:
            return
        yield element


def headline(scene: Scene, block: Block) -> str | None:
    """The headline, the kicker or both, said again."""
    key = block.key
    for title in scene.headlines:
        above = block.index <= scene.first and len(key) > 12 and key in title
        if (
            key == title
            or above
            or (len(title) > 20 and title in key and len(key) - len(title) < 60 and above_or_heading(scene, block))
        ):
            return "headline-repeated"
    return None


def above_or_heading(scene: Scene, block: Block) -> bool:
    return block.index <= scene.first or block.tag in ("h1", "h2")


def is_prose_like(block: Block) -> bool:
    return is_prose(block) and is_sentence(block.text) and not block.is_heading


def boxed(scene: Scene, block: Block) -> str | None:
    """Inside a box that its tag or its name tells apart."""
    for element in _around(block, scene.container):
        rule = _TAGS.get(element.tag)
        if scene.holds_much(element):
            continue
        if rule and not (element.tag == "figure" and _quotes(element, block)):
            return rule
        if element.get("id") in scene.collapsible:
            return "collapsed-box"
        if block.is_heading and element is block.element:
            continue
        for rule in scene.named(element):
            if rule in _LONG_RULES or len(block.text) < 120 or (rule == "caption" and len(block.text) < 500):
                return rule
    return None


def _quotes(figure: HtmlElement, block: Block) -> bool:
    """Whether a figure is no picture but a table or the quote that the block is part of."""
    return figure.find(".//table") is not None or any(e.tag == "blockquote" for e in block.around)


def _credits_quote(before: Block, block: Block) -> bool:
    """Whether a line stands under a quote in the quote's own element, or right behind it."""
    quotes = {e for e in before.around if e.tag == "blockquote"}
    behind = before.tag == "blockquote" and before.element.getparent() is block.element.getparent()
    return behind or any(e in quotes for e in block.around)


def beside(scene: Scene, block: Block) -> str | None:
    """A line that is nothing but a link, an item of a list of links, the name under a quote."""
    if block.link_share >= 0.75 and len(block.text) < 220:
        return "teaser-link"
    before = scene.page[block.index - 1] if block.index else None
    if before is not None and _is_label(block, 120) and not block.is_heading and _credits_quote(before, block):
        return "quote-credit"
    item = next((e for e in _around(block, scene.container) if e.tag == "li"), None)
    if item is not None and item.getparent() is not None:
        items = [e for e in item.getparent() if e.tag == "li"]
        linked = [e for e in items if _linked_share(e) > 0.5]
        if len(linked) >= max(1, 0.67 * len(items)):
            return "link-list"
    return None


def _linked_share(element: HtmlElement) -> float:
    size = len(element.text_content().strip())
    return sum(len(a.text_content().strip()) for a in element.iter("a")) / max(1, size)


def said(scene: Scene, block: Block) -> str | None:
    """A line that says by its words what it is."""
    if is_prose_like(block) and block.key in scene.body:
        return None  # the publisher itself says that it is the article's
    return "agency-credit" if credits.is_credit(block.text) else words.rule_of_line(block.text)


def in_offer(scene: Scene, block: Block) -> str | None:
    """Beside a line that says it is an offer or a placeholder, in the same small box."""
    box = None
    for element in _around(block, scene.container):
        if scene.holds_much(element):
            break
        box = element
    if box is None or box is block.element or len(box.text_content()) > 900:
        return None
    inside = [b for b in scene.page[max(0, block.index - 6) : block.index + 7] if box in b.around]
    return next((b.rule for b in inside if not b.keep and b.rule in _OFFERS), None) if len(inside) <= 7 else None


def recurring(scene: Scene, block: Block) -> str | None:
    """A line that stands in many articles of the batch, or three times and more on this page."""
    key = block.key
    return "recurring" if key in scene.recurring or (len(key) > 20 and scene.times[key] > 2) else None


def repeated(scene: Scene, block: Block) -> str | None:
    """A quote pulled out of a paragraph that is there too, or a line said before."""
    key = block.key
    if len(key) < 30:
        return None
    for other in scene.kept:
        if (
            other is not block
            and key in other.key
            and (len(other.text) > len(block.text) * 1.2 or other.index < block.index)
        ):
            return "repeated"
    return None


BLOCK_RULES = (headline, recurring, boxed, beside, said, in_offer, repeated)


def apply(scene: Scene) -> None:
    """Runs every rule over the kept blocks; a rule that would take more than a third of the text does nothing."""
    for rule in BLOCK_RULES:
        total = sum(len(key) for key in {block.key for block in scene.kept})
        found = [(block, name) for block in scene.kept if (name := rule(scene, block))]
        shares: Counter[str] = Counter()
        for name, key in {(name, block.key) for block, name in found}:
            shares[name] += len(key)
        for block, name in found:
            if shares[name] * 3 > total:
                if name not in scene.disbelieved:
                    scene.disbelieved.append(name)
            else:
                remove(scene, [block], name)
    biography(scene)
    edges(scene)
    apart(scene)
    lone_headings(scene)


def remove(scene: Scene, blocks: Iterable[Block], name: str) -> None:
    for block in blocks:
        block.keep, block.rule = False, name
        scene.removed[name] += len(block.text)


def edges(scene: Scene) -> None:
    """Short lines that are no sentences before the first and after the last paragraph: kicker, byline, initials."""
    kept = scene.kept
    prose = [i for i, block in enumerate(kept) if is_prose_like(block)]
    if not prose:
        return
    for i, block in enumerate(kept):
        short = len(block.text) < 70 and not is_sentence(block.text.rstrip(" :"))
        leads_in = block.is_heading and block.element.getparent() is kept[prose[0]].element.getparent()
        if i < prose[0] and (short or block.is_heading) and not leads_in:
            remove(scene, [block], "before-text")
        if i > prose[-1] and short and not _in_list(block):
            remove(scene, [block], "after-text")


def apart(scene: Scene) -> None:
    """An appeal behind the text: what follows the last paragraph of the text's own element, is short against it, and
    has a heading or a link of its own."""
    beds: Counter[HtmlElement] = Counter()
    prose = [block for block in scene.kept if is_prose_like(block)]
    for block in prose:
        beds[block.element.getparent()] += len(block.text)
    if not beds or (main := beds.most_common(1)[0])[1] < 0.75 * sum(beds.values()):
        return
    last = max(block.index for block in prose if block.element.getparent() is main[0])
    behind = [block for block in scene.kept if block.index > last and not _in_list(block)]
    outside = [block for block in behind if main[0] not in block.around]
    size = sum(len(block.text) for block in outside)
    offers = any(block.links or not is_sentence(scene.page[block.index - 1].text) for block in outside)
    if outside and offers and size * 2 < main[1]:
        remove(scene, outside, "apart")


def biography(scene: Scene) -> None:
    """At the end, who the author is: a paragraph that begins with the author's name and says what the author does."""
    people = [name for name in scene.authors if " " in name and not name.isupper()]
    for block in [b for b in scene.kept if is_prose_like(b)][-2:]:
        named = any(-1 < block.text.find(name) < 60 for name in people)
        if named and len(block.text) < 900 and _DOES.search(block.text):
            remove(scene, [block], "author-biography")


def _in_list(block: Block) -> bool:
    return any(element.tag in ("li", "td", "th", "dd") for element in block.around)


def lone_headings(scene: Scene) -> None:
    """Headings under which nothing is left, or whose own first line was a teaser or an offer."""
    kept = scene.kept
    for here, following in itertools.zip_longest(kept, kept[1:]):
        if not _heads(here):
            continue
        beneath = scene.page[here.index + 1] if here.index + 1 < len(scene.page) else None
        led = beneath is not None and not beneath.keep and beneath.rule in _LED_BY
        apart = following is not None and following.element.getparent() is not here.element.getparent()
        if following is None or (led and (apart or not here.is_heading)):
            remove(scene, [here], "lone-heading")


def _heads(block: Block) -> bool:
    """A heading, or a short bold line that serves as one."""
    return block.tag in HEADINGS or (
        len(block.text) < 90 and not is_sentence(block.text) and block.strong >= 0.9 * len(block.text)
    )
