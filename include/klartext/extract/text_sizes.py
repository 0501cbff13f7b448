"""Sizes of the text below elements, counted once: thousands of lines may stand in one box, and each asks for it."""

from __future__ import annotations

from lxml.html import HtmlElement


class TextSizes:
    """The characters below the elements of one page, as far as they were asked for."""

    def __init__(self) -> None:
        self._counted: dict[HtmlElement, tuple[int, int]] = {}
        self._shown: dict[HtmlElement, int] = {}

    def whole(self, element: HtmlElement) -> int:
        """All characters of an element's text."""
        return self._count(element)[0]

    def stripped(self, element: HtmlElement) -> int:
        """Those of its text without spaces at its ends."""
        return self._count(element)[1]

    def shown(self, element: HtmlElement) -> int:
        """The same without the characters of scripts, as the data of a film is in."""
        size = self._shown.get(element)
        if size is None:
            unseen = sum(len(e.text or "") for e in element.iter("script", "style"))
            size = self._shown[element] = self.stripped(element) - unseen
        return size

    def _count(self, element: HtmlElement) -> tuple[int, int]:
        sizes = self._counted.get(element)
        if sizes is None:
            text = element.text_content()
            sizes = self._counted[element] = (len(text), len(text.strip()))
        return sizes
