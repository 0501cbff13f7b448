"""A source's dated rules, applied to a page."""

from __future__ import annotations

from lxml.html import HtmlElement

from klartext.extract.blocks import squeeze
from klartext.extract.css import Index
from klartext.sources import Css, Layout


def texts(page: Index, css: Css | None) -> list[str]:
    """What the elements of a selector say, of those that say something."""
    return [text for element in page.select(css) if (text := said(element))]


def said(element: HtmlElement | None) -> str | None:
    """A meta tag's content, a time element's machine-readable time, else the element's text."""
    if element is None:
        return None
    return squeeze(element.get("content") or element.get("datetime") or element.text_content() or "") or None


def bodies(page: Index, layout: Layout) -> list[HtmlElement]:
    """The containers of the text that the rules name: those of the first selector that finds any."""
    return next((found for css in layout.body if (found := page.select(css))), [])


def frame(page: Index, named: list[HtmlElement], layout: Layout, whole: HtmlElement) -> HtmlElement:
    """The part of the page that is looked at: with a named container, the smallest that holds it and the headline that
    the rules name, else one of the page's."""
    if not named:
        return whole
    headlines = page.select(layout.title) or whole.iter("h1")
    holding = {above for headline in headlines for above in headline.iterancestors()}
    around = holding.intersection(*(set(element.iterancestors()) for element in named))
    return next((element for element in named[0].iterancestors() if element in around), whole)


def removed(page: Index, named: list[HtmlElement], layout: Layout) -> dict[HtmlElement, str]:
    """Elements that the rules take out, with the selector that names them; what is around a container stays."""
    found = {element: css for css in layout.remove for element in page.select(css)}
    for element in (above for body in named for above in body.iterancestors()):
        found.pop(element, None)
    return found
