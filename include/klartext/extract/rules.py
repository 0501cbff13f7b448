"""A source's dated rules, applied to a page."""

from __future__ import annotations

import functools
from typing import cast

from cssselect import GenericTranslator
from lxml import etree
from lxml.html import HtmlElement

from klartext.extract.blocks import squeeze
from klartext.sources import Css, CssValue, Layout, split_value


@functools.cache
def _compiled(css: str) -> etree.XPath:
    return etree.XPath(GenericTranslator().css_to_xpath(css))


def select(root: HtmlElement, css: Css | None) -> list[HtmlElement]:
    """The elements of a selector, in the page's order; none for no selector."""
    return list(cast(list[HtmlElement], _compiled(css)(root))) if css else []


def texts(root: HtmlElement, css: Css | None) -> list[str]:
    """What the elements say, of those that say something."""
    return [text for element in select(root, css) if (text := said(element))]


def said(element: HtmlElement | None) -> str | None:
    """A meta tag's content, a time element's machine-readable time, else the element's text."""
    if element is None:
        return None
    return squeeze(element.get("content") or element.get("datetime") or element.text_content() or "") or None


def value(root: HtmlElement, named: CssValue | None) -> str | None:
    """What the first element says that says something, or its attribute where the selector ends in ``::attr(name)``."""
    css, attribute = split_value(named) if named else (None, None)
    found = (e.get(attribute) if attribute else said(e) for e in select(root, css))
    return next((text for text in found if text and text.strip()), None)


def bodies(root: HtmlElement, layout: Layout) -> list[HtmlElement]:
    """The containers of the text that the rules name: those of the first selector that finds any."""
    return next((found for css in layout.body if (found := select(root, css))), [])


def frame(named: list[HtmlElement], whole: HtmlElement) -> HtmlElement:
    """The part of the page that is looked at: with a named container, the smallest that holds it and a headline."""
    if not named:
        return whole
    headings = {above for h1 in whole.iter("h1") for above in h1.iterancestors()}
    around = [element for element in named[0].iterancestors() if all(element in n.iterancestors() for n in named)]
    return next((element for element in around if element in headings), whole)


def removed(root: HtmlElement, layout: Layout) -> dict[HtmlElement, str]:
    """Elements that the rules take out, with the selector that names them."""
    return {element: css for css in layout.remove for element in select(root, css)}
