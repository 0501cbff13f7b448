"""CSS selectors on a page, looked up.

Rules name a dozen places of a page. To walk through the whole page for each takes longer than to parse it; so its
elements are read once, by class and id, and a selector is only tried on those with the class or id that it begins with.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from typing import cast

from cssselect import GenericTranslator, parse
from cssselect.parser import Class, CombinedSelector, Element, Hash, Tree
from lxml import etree
from lxml.html import HtmlElement


@dataclasses.dataclass(frozen=True, slots=True)
class _Path:
    """One of the selectors between commas. ``anchor`` is the class or id, with its mark, that the first element of its
    path must have; then ``find`` starts from that element, else from the page's root. With ``all_said`` the anchor is
    the whole selector."""

    anchor: str | None
    all_said: bool
    find: etree.XPath


def _anchor(tree: Tree) -> str | None:
    while isinstance(tree, CombinedSelector):
        tree = tree.selector
    while not isinstance(tree, Element):
        if isinstance(tree, Class):
            return f".{tree.class_name}"
        if isinstance(tree, Hash):
            return f"#{tree.id}"
        tree = tree.selector
    return None


@functools.cache
def _paths(css: str) -> list[_Path]:
    found = []
    for selector in parse(css):
        anchor = _anchor(selector.parsed_tree)
        prefix = "self::" if anchor else "descendant-or-self::"
        xpath = GenericTranslator().selector_to_xpath(selector, prefix)
        found.append(_Path(anchor, anchor == selector.canonical(), etree.XPath(xpath)))
    return found


class Index:
    """The elements of a tree by class and id. It holds them all, and is right while the tree does not change."""

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree
        elements = list(tree.iter())
        self._place = dict(zip(elements, itertools.count(), strict=False))
        self._anchored: dict[str, list[HtmlElement]] = {}
        classes: dict[str, list[HtmlElement]] = {}
        for element in elements:
            if value := element.get("class"):
                classes.setdefault(value, []).append(element)
            if value := element.get("id"):
                self._anchored.setdefault(f"#{value}", []).append(element)
        for value, named in classes.items():
            for name in set(value.split()):
                self._anchored.setdefault(f".{name}", []).extend(named)

    def select(self, css: str | None) -> list[HtmlElement]:
        """The elements of a selector, each once, in the page's order; none for no selector."""
        found: dict[HtmlElement, None] = {}
        for path in _paths(css) if css else ():
            starts = self._anchored.get(path.anchor, []) if path.anchor else [self._tree]
            if path.all_said:
                found.update(dict.fromkeys(starts))
            else:
                for start in starts:
                    found.update(dict.fromkeys(cast(list[HtmlElement], path.find(start))))
        return sorted(found, key=self._place.__getitem__) if len(found) > 1 else list(found)

    def inside(self, element: HtmlElement, roots: list[HtmlElement]) -> bool:
        """Whether an element is one of some others or lies in one of them."""
        place = self._place[element]
        return any(self._place[root] <= place <= self._place[_last(root)] for root in roots)


def _last(element: HtmlElement) -> HtmlElement:
    """The element that ends a part of the tree: the last child of the last child, and so on."""
    while len(element):
        element = element[-1]
    return element
