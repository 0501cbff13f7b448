"""A page as its reader sees it from top to bottom: one block for each paragraph, heading, list item, row or loose line.

An element that HTML does not know, an image and a button belong to the line, or the heading, that they stand in. The
cells of a row of data are one line, separated by " | "; a table that only arranges the page is read cell by cell.
Readings printed in small type over a word (``rt``) are left out.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re

from lxml import etree
from lxml.html import HtmlElement

from klartext.extract import visibility
from klartext.extract.class_index import ClassIndex
from klartext.extract.clean_text import letters as letters
from klartext.extract.clean_text import squeeze as squeeze
from klartext.extract.clean_text import weight
from klartext.extract.text_sizes import TextSizes

INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd label mark nobr picture q rb ruby "
    "s samp small span strike strong sub sup time tt u var wbr".split()
)
SILENT = frozenset(
    "script style noscript template svg iframe object embed canvas map select option textarea head link meta audio "
    "math source track nav rt rp rtc".split()
)
BLOCKS = frozenset(
    "address article aside blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu ol p pre "
    "search section summary table tbody td tfoot th thead tr ul video".split()
)
"""Elements that begin a line wherever they stand. Of others, unknown ones among them, the place decides."""
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
SEPARATOR = " | "
"""What stands between the cells of a row of data."""
_UNKNOWN, _INLINE, _ANCHOR, _BOLD, _BREAK, _BLOCK, _SILENT = range(7)
_KINDS = (
    dict.fromkeys(BLOCKS, _BLOCK) | dict.fromkeys(INLINE, _INLINE) | dict.fromkeys(SILENT, _SILENT)
    | {"a": _ANCHOR, "b": _BOLD, "strong": _BOLD, "br": _BREAK}
)  # fmt: skip
"""What the walk does at a tag: one look at a table for each element instead of several."""
_ROW_LIMIT = 800
"""Characters of a row of data; in a longer one the cells are texts of their own."""
_PROSE = 60
"""The least size of a line of running text."""
_LABELS = frozenset(("figcaption", "button", "label"))
_DROP_CAP = re.compile(r"[A-ZÄÖÜ] [a-zäöüß]")


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
    size: int
    """The length in characters, comparable between scripts: :func:`klartext.extract.clean_text.weight`."""
    hidden: bool
    """True if a browser does not show the line."""
    kind: tuple[str, str | None]
    """How the block is built: its element's tag and class."""
    link_share: float
    """The part of its characters that is inside links."""
    is_prose: bool
    """True if the block reads like running text."""
    sizes: TextSizes
    """How much text the page's elements hold; shared by all its blocks."""
    keep: bool = False
    rule: str = ""
    earlier: tuple[tuple[bool, str], ...] = ()
    """The decisions before the one that holds."""

    def decide(self, keep: bool, rule: str) -> None:
        """Records whether the line is the article's, and the rule that says so; the last decision holds."""
        if self.rule:
            self.earlier += ((self.keep, self.rule),)
        self.keep, self.rule = keep, rule

    @property
    def tag(self) -> str:
        return self.kind[0]

    @property
    def is_heading(self) -> bool:
        return self.kind[0] in HEADINGS


def is_link(element: HtmlElement) -> bool:
    """True if an element leads to another page; a named anchor or a jump within the page does not."""
    target = element.get("href") if element.tag == "a" else None
    return target is not None and target != "" and not target.startswith(("#", "javascript:"))


_NAMING = frozenset(("class", "id", "role", "data-testid", "itemprop", "aria-label"))


_HINT = re.compile(r"[a-z]{3,}|(?<![a-z0-9])[a-z]{1,2}(?![a-z0-9])")
"""A word of a name. One or two letters beside a digit belong to a number or a measure: ``4ad8-``, ``tp20``."""


@functools.lru_cache(maxsize=65536)
def hint_words(value: str) -> frozenset[str]:
    """The words of a class or id attribute, each and with the next one, as ``teaser``, ``list`` and ``teaserlist`` of
    ``c-teaserList``."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", value)
    spaced = re.sub(r"\b(?:no|not|non|without|hide|has-no)[-_ ]\w+", " ", spaced)  # what it is not
    found = _HINT.findall(spaced.lower())
    return frozenset(found).union(map("".join, itertools.pairwise(found)))


def hints(element: HtmlElement) -> frozenset[str]:
    """What an element's class, id, role, label and test attributes call it."""
    value = " ".join([value for name, value in element.items() if name in _NAMING])
    return hint_words(value) if value else frozenset()


def _is_row(row: HtmlElement) -> bool:
    """True if a table row holds data: two or more cells of short text, without a table or many paragraphs in them."""
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    if len(cells) < 2 or next(row.iter("table", "h1", "h2", "h3", "h4", "form", "article"), None) is not None:
        return False
    if any(sum(1 for _ in cell.iter("p", "li", "div")) > 3 for cell in cells):
        return False
    sizes = [len(cell.text_content().strip()) for cell in cells]
    return sum(size > 0 for size in sizes) > 1 and sum(sizes) <= _ROW_LIMIT


class _Walk:
    """The state of a walk through a page: the line that is open, and what it holds so far."""

    def __init__(self, root: HtmlElement, classes: ClassIndex | None) -> None:
        self.found: list[Block] = []
        self.parts: list[str] = []
        self.linked_size = self.strong_size = self.links = 0
        self.unseen: HtmlElement | None = None
        self.sizes = TextSizes()
        self._paths: dict[HtmlElement, tuple[HtmlElement, ...]] = {}
        self.hidden = visibility.hidden_elements(root, classes)

    def flush(self, owner: HtmlElement) -> None:
        """Ends the open line; it is a block of its owner if it holds text."""
        parts = self.parts
        text = squeeze("".join(parts))
        if (
            text[1:2] == " "
            and _DROP_CAP.match(text)
            and squeeze(parts[0] if parts[0].strip() else "".join(parts[:2])) == text[0]
        ):
            text = text[0] + text[2:]  # the first letter in an element of its own, for a large initial
        if len(text) < 4 and not text.strip("\u200c\u200d "):
            text = ""  # a joiner that joins nothing, as editors put into an empty paragraph
        tag = owner.tag
        if tag == "tr":
            text = text.rstrip(SEPARATOR)
        if text:
            length, hidden = len(text), self.unseen is not None
            size = length if text.isascii() else weight(text)
            linked = min(self.linked_size, length)
            is_prose = size >= _PROSE and not hidden and linked * 2 < length and tag not in _LABELS
            self.found.append(Block(
                text, owner, linked, min(self.strong_size, length), self.links, len(self.found), self._around(owner),
                letters(text), size, hidden, (tag, owner.get("class")), linked / length, is_prose, self.sizes,
            ))  # fmt: skip
        parts.clear()
        self.linked_size = self.strong_size = self.links = 0

    def _around(self, element: HtmlElement) -> tuple[HtmlElement, ...]:
        path = self._paths.get(element)
        if path is None:
            parent = element.getparent()
            above = self._paths.get(parent) if parent is not None else ()
            if above is None:  # siblings share it
                above = self._paths[parent] = (parent, *parent.iterancestors())
            path = self._paths[element] = (element, *above)
        return path

    def in_sentence(self, element: HtmlElement) -> bool:
        """True if an element that may be either stands within a line."""
        if (tail := element.tail) and not tail.isspace():
            return True
        return any(not part.isspace() for part in self.parts)


def blocks(root: HtmlElement, classes: ClassIndex | None = None) -> list[Block]:
    """The blocks below an element, in the page's order. Walks without recursion, however deep the nesting.

    ``classes`` is the index of the whole page, where the caller has it.
    """
    state = _Walk(root, classes)
    parts, flush, hidden, kind_of = state.parts, state.flush, state.hidden, _KINDS.get
    owners = [root]
    inlined: list[HtmlElement] = []
    anchors: list[bool] = []  # for each open one, whether it is a link
    row: HtmlElement | None = None
    linked = bold = breaks = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        kind = kind_of(tag, _UNKNOWN)
        if kind == _BLOCK and row is None:  # most elements: nothing else is asked of them
            if parts or state.links:
                flush(owners[-1])
            if event == "start":
                owners.append(element)
                if hidden and state.unseen is None and element in hidden:
                    state.unseen = element
                if tag == "tr" and _is_row(element):
                    row = element
                text = element.text
            else:
                owners.pop()
                if element is state.unseen:
                    state.unseen = None
                text = element.tail if element is not root else None
        elif kind == _SILENT or (hidden and kind != _BLOCK and element in hidden):
            if event == "start":
                walk.skip_subtree()
            elif (tail := element.tail) and element is not root and (parts or not tail.isspace()):
                parts.append(tail)
            continue
        elif event == "start":
            if kind == _INLINE:
                pass
            elif kind == _ANCHOR:
                anchors.append(is_link(element))
                if anchors[-1]:
                    linked += 1
                    state.links += 1
            elif kind == _BOLD:
                bold += 1
            elif row is not None:
                is_cell = tag in ("td", "th") and element.getparent() is row
                parts.append(SEPARATOR if is_cell and element.getprevious() is not None else " ")
            elif kind == _BREAK:
                breaks += 1
                parts.append("\n")
                if breaks == 2:
                    flush(owners[-1])
            elif owners[-1].tag in HEADINGS or state.in_sentence(element):
                inlined.append(element)
            else:
                if parts or state.links:
                    flush(owners[-1])
                owners.append(element)
            text = element.text
        else:
            if kind == _INLINE:
                pass
            elif kind == _ANCHOR:
                linked -= anchors.pop()
            elif kind == _BOLD:
                bold -= 1
            elif row is not None and element is not row:
                parts.append(" ")
            elif inlined and inlined[-1] is element:
                inlined.pop()
            elif kind != _BREAK:
                if parts or state.links:
                    flush(owners[-1])
                owners.pop()
                if element is row:
                    row = None
                if element is state.unseen:
                    state.unseen = None
            text = element.tail if element is not root else None
        if text:
            if not text.isspace():
                breaks = 0
                if linked or bold:
                    size = len(squeeze(text))
                    state.linked_size += size if linked else 0
                    state.strong_size += size if bold else 0
                parts.append(text)
            elif parts:
                parts.append(text)
    return state.found
