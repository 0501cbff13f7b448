"""A source's dated rules, applied to a page."""

from __future__ import annotations

import datetime as dt

from lxml.html import HtmlElement

from klartext.extract.blocks import squeeze
from klartext.extract.class_index import ClassIndex
from klartext.extract.selectors import Index
from klartext.sources import Layout, split_value

_NOTHING = Layout(valid_from=dt.date.min)


class Rules:
    """A layout on a page. Without a layout nothing is named, and every place is empty."""

    def __init__(self, tree: HtmlElement, layout: Layout | None, classes: ClassIndex | None = None) -> None:
        self.layout = layout or _NOTHING
        self.index = Index(tree, self.layout.selectors, classes)

    def select(self, field: str) -> list[HtmlElement]:
        """The elements that a field of the layout names."""
        return self.index.select(getattr(self.layout, field))

    def texts(self, field: str) -> list[str]:
        """What the elements of a field say, of those that say something."""
        return [text for element in self.select(field) if (text := said(element))]

    def text(self, field: str) -> str | None:
        """What the first of them says."""
        return next(iter(self.texts(field)), None)

    def value(self, field: str) -> str | None:
        """What the first element says that says something; its attribute if the selector ends in ``::attr(name)``."""
        css, attribute = split_value(getattr(self.layout, field) or "")
        found = (e.get(attribute) if attribute else said(e) for e in self.index.select(css or None))
        return next((text for text in found if text and text.strip()), None)

    def bodies(self) -> list[HtmlElement]:
        """The containers of the text: those of the first selector that finds any."""
        return next((found for css in self.layout.body if (found := self.index.select(css))), [])

    def matched(self) -> list[int]:
        """The numbers of the selectors that match something on the page, in :attr:`klartext.sources.Layout.places`."""
        return [number for number, (_, css) in enumerate(self.layout.places) if self.index.select(css)]

    def frame(self, named: list[HtmlElement], whole: HtmlElement) -> HtmlElement:
        """The part of the page that is looked at: with a named container, the smallest that holds it and the headline
        that the rules name, else one of the page's."""
        if not named:
            return whole
        headlines = self.select("title") or whole.iter("h1")
        holding = {above for headline in headlines for above in headline.iterancestors()}
        around = holding.intersection(*(set(element.iterancestors()) for element in named))
        return next((element for element in named[0].iterancestors() if element in around), whole)

    def removed(self, named: list[HtmlElement]) -> dict[HtmlElement, str]:
        """Elements to take out, with the selector that names them; what is around a container stays."""
        found = {e: css for css in self.layout.remove for e in self.index.select(css)}
        for element in (above for body in named for above in body.iterancestors()):
            found.pop(element, None)
        return found

    def walled(self) -> bool:
        """Whether the page bears a mark of a paywall."""
        return any(self.index.select(css) for css in self.layout.paywall)


def said(element: HtmlElement | None) -> str | None:
    """A meta tag's content, a time element's machine-readable time, else the element's text."""
    if element is None:
        return None
    return squeeze(element.get("content") or element.get("datetime") or element.text_content() or "") or None
