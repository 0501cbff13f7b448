"""Where on a page the lines stand that tell the date and the authors of its article."""

from __future__ import annotations

import functools
import itertools

from lxml.html import HtmlElement

from klartext.extract import word_lists
from klartext.extract.blocks import Block, hints, letters
from klartext.extract.page_context import is_sentence

_PROSE = 120
"""The size of a line; a kept one that is longer belongs to the text for certain."""
_SHORTEST_TITLE = 12
_ABOVE, _BETWEEN, _BEHIND = 8, 60, 6
"""Lines above the headline, between it and the text, and behind the text that are looked at."""
_LONGEST = 200
"""The size of a line; a longer one is left out of the zones."""
_WITHOUT_HEADING = 15
_TOP = 6
_BOX = 4
_COMMENT = 100
"""Characters of a box of comments; a shorter one only counts or links them."""
_OTHERS = frozenset(("comments", "teaser-card"))


class PageZones:
    """The lines around the text of a page.

    Attributes:
        heading: The place of the headline among the lines; None where no line is one.
        above: The lines above the headline, the nearest last.
        top: The first lines of the page if the headline stands far below them: some show the present day.
        all_between: The lines between headline and text, with the first of the text, or up to the second that is as
            long as one of the text; they may hold the standfirst.
        between: Those of them that :meth:`counts`.
        behind: The lines right behind the text.
        own: The elements around the first line of the text.
    """

    def __init__(self, page: list[Block], title: str | None = None) -> None:
        self._page = page
        kept = [b.index for b in page if b.keep and b.size > _PROSE]
        first = kept[0] if kept else None
        self.title = letters(title) if title else ""
        self.heading = self._headline(first)
        if first is None:
            first = min(self.heading + _WITHOUT_HEADING, len(page) - 1) if self.heading is not None else 0
        begin = self.heading + 1 if self.heading is not None else max(0, first - _WITHOUT_HEADING)
        self._above = page[max(0, begin - 1 - _ABOVE) : begin - 1] if self.heading is not None else []
        last = kept[-1] if kept else first
        self.own = frozenset(page[first].around) if kept else frozenset[HtmlElement]()
        self._apart: dict[HtmlElement, bool] = {}
        between = page[max(begin, first - _BETWEEN) : first + 1]
        prose = [n for n, b in enumerate(between) if b.size > _PROSE and is_sentence(b.text) and not b.is_heading]
        self.all_between = between[: prose[1] + 1] if len(prose) > 1 else between
        self._behind = page[last + 1 : last + 1 + _BEHIND]

    @functools.cached_property
    def above(self) -> list[Block]:
        return self._about(self._above)

    @property
    def top(self) -> list[Block]:
        return self._page[:_TOP] if self.heading is not None and self.heading > _TOP + _ABOVE else []

    @functools.cached_property
    def between(self) -> list[Block]:
        return self._about(self.all_between)

    @functools.cached_property
    def behind(self) -> list[Block]:
        return self._about(self._behind)

    def _headline(self, first: int | None) -> int | None:
        """The last ``h1`` before the text that is the title, else another heading or line that is, else the last
        ``h1``."""
        before = self._page[: first + 1 if first is not None else None]
        titles = [b for b in before if (b.is_heading or b.key == self.title) and self.is_title(b)]
        top = [b for b in before if b.tag == "h1"]
        for found in ([b for b in titles if b.tag == "h1"], [b for b in titles if b.is_heading], titles, top):
            if found:
                return found[-1].index
        return None

    def is_title(self, block: Block) -> bool:
        """True if a line is the title, or holds it or most of it."""
        key, title = block.key, self.title
        if len(title) < _SHORTEST_TITLE or len(key) < _SHORTEST_TITLE:
            return bool(title) and key == title
        return title in key or (key in title and len(key) * 2 > len(title))

    def counts(self, block: Block) -> bool:
        """True for a line of some zone that is short, is not the title, and belongs to no comment or other article."""
        return block.size <= _LONGEST and not self.is_title(block) and not self.is_apart(block.around)

    def _about(self, blocks: list[Block]) -> list[Block]:
        return [block for block in blocks if self.counts(block)]

    @functools.cached_property
    def _near(self) -> frozenset[HtmlElement]:
        """The boxes of the lines around the headline."""
        lines = (*self.above, *self.between)
        return frozenset(e for block in lines for e in block.around[:_BOX] if e not in self.own)

    def is_near(self, chain: tuple[HtmlElement, ...]) -> bool:
        """True if an element, given with those around it, stands around the headline, above the text."""
        return any(element in self._near for element in chain[:_BOX])

    def is_beside_heading(self, block: Block) -> bool:
        """True if a line stands in the same box as the headline."""
        if self.heading is None:
            return False
        boxes = self._page[self.heading].around[1:3]
        return any(e in boxes for e in block.around[:3] if e.tag not in ("body", "main"))

    def is_apart(self, chain: tuple[HtmlElement, ...]) -> bool:
        """True if an element, given with those around it, belongs to a comment or to another article."""
        for element in chain:
            if element in self.own:
                return False
            known = self._apart.get(element)
            if known is None:
                known = self._apart[element] = _is_of_others(element)
            if known:
                return True
        return False


def _is_of_others(element: HtmlElement) -> bool:
    """True for a box that is named a comment's or a teaser's, and holds one: the standfirst is named a teaser too."""
    rules = word_lists.rules_of_names(hints(element))
    if "comments" in rules and sum(len(part) for part in itertools.islice(element.itertext(), 100)) > _COMMENT:
        return True
    if "teaser-card" not in rules:
        return False
    linked = ("".join(a.itertext()).strip() for a in itertools.islice(element.iter("a"), 10))
    return any(len(text) > _SHORTEST_TITLE for text in linked)
