"""A page as its reader sees it from top to bottom: one block for each paragraph, heading, list item or loose line."""

from __future__ import annotations

import dataclasses
import functools
import re

from lxml import etree
from lxml.html import HtmlElement

INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q s samp small span strike "
    "strong sub sup time tt u var wbr".split()
)
SILENT = frozenset(
    "script style noscript template svg iframe object embed canvas map select option textarea head link meta audio "
    "math source track nav".split()
)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_SPACE = re.compile(r"[\s\u200b\u2060\ufeff\x00-\x1f\x7f]+")
_DROP_CAP = re.compile(r"[A-ZÄÖÜ] [a-zäöüß]")
_WORD = re.compile(r"\w+")


def squeeze(text: str) -> str:
    """Text with every run of white space as one space, soft hyphens gone."""
    plain = " ".join(text.split())
    if plain.isprintable():
        return plain
    return _SPACE.sub(" ", text.replace("\xad", "")).strip()  # with characters that have no width


def letters(text: str) -> str:
    """Letters and digits only, lower-cased: what two writings of one line share."""
    return "".join(_WORD.findall(text.lower()))


@dataclasses.dataclass(slots=True, eq=False)
class Block:
    """A line of the page. ``linked`` counts the characters inside links, ``strong`` those in bold type."""

    text: str
    element: HtmlElement
    linked: int
    strong: int
    links: int
    index: int
    around: tuple[HtmlElement, ...]
    """The block's element and those around it, from the inside out."""
    key: str
    """What of the text two writings of it share: :func:`letters`."""
    keep: bool = False
    rule: str = ""

    @property
    def tag(self) -> str:
        return str(self.element.tag)

    @property
    def link_share(self) -> float:
        return self.linked / max(1, len(self.text))

    @property
    def is_heading(self) -> bool:
        return self.tag in HEADINGS


def is_link(element: HtmlElement) -> bool:
    """Whether an element leads to another page; a named anchor or a jump within the page does not."""
    target = element.get("href") if element.tag == "a" else None
    return target is not None and target != "" and not target.startswith(("#", "javascript:"))


_NAMING = frozenset(("class", "id", "role", "data-testid", "itemprop", "aria-label"))


@functools.lru_cache(maxsize=65536)
def hint_words(value: str) -> frozenset[str]:
    """The words of a class or id attribute, as ``teaser`` and ``list`` of ``c-teaserList``."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", value)
    spaced = re.sub(r"\b(?:no|not|non|without|hide|has-no)[-_ ]\w+", " ", spaced)  # what it is not
    return frozenset(re.findall(r"[a-z]+", spaced.lower()))


def hints(element: HtmlElement) -> frozenset[str]:
    """What an element's class, id, role, label and test attributes call it."""
    value = " ".join([value for name, value in element.items() if name in _NAMING])
    return hint_words(value) if value else frozenset()


def blocks(root: HtmlElement) -> list[Block]:
    """The blocks below an element, in the page's order. Walks without recursion, however deep the nesting."""
    found: list[Block] = []
    parts: list[str] = []
    state = [0, 0, 0]  # characters in links, in bold, links

    def flush(owner: HtmlElement) -> None:
        text = squeeze("".join(parts))
        if _DROP_CAP.match(text) and squeeze(parts[0] if parts[0].strip() else "".join(parts[:2])) == text[0]:
            text = text[0] + text[2:]  # the first letter in an element of its own, for a large initial
        if text:
            size = len(text)
            linked_size, strong_size = min(state[0], size), min(state[1], size)
            place, key = len(found), letters(text)
            found.append(Block(text, owner, linked_size, strong_size, state[2], place, around(owner), key))
        parts.clear()
        state[:] = [0, 0, 0]

    known: dict[HtmlElement, tuple[HtmlElement, ...]] = {}

    def around(element: HtmlElement) -> tuple[HtmlElement, ...]:
        path = known.get(element)
        if path is None:
            path = known[element] = (element, *element.iterancestors())
        return path

    owners = [root]
    linked = bold = 0
    breaks = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if tag in SILENT:
            if event == "start":
                walk.skip_subtree()
            elif (tail := element.tail) and element is not root and (parts or not tail.isspace()):
                parts.append(tail)
            continue
        if event == "start":
            if tag in INLINE:
                if tag == "a":
                    if is_link(element):
                        linked += 1
                        state[2] += 1
                elif tag in ("b", "strong"):
                    bold += 1
            elif tag == "br":
                breaks += 1
                parts.append("\n")
                if breaks == 2:
                    flush(owners[-1])
            else:
                if parts or state[2]:
                    flush(owners[-1])
                owners.append(element)
            text = element.text
        else:
            if tag in INLINE:
                if tag == "a":
                    if is_link(element):
                        linked -= 1
                elif tag in ("b", "strong"):
                    bold -= 1
            elif tag != "br":
                if parts or state[2]:
                    flush(owners[-1])
                owners.pop()
            text = element.tail if element is not root else None
        if text:
            if not text.isspace():
                breaks = 0
                if linked or bold:
                    size = len(squeeze(text))
                    state[0] += size if linked else 0
                    state[1] += size if bold else 0
                parts.append(text)
            elif parts:
                parts.append(text)
    return found
