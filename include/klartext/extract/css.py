"""CSS selectors on a page, looked up.

Rules name a dozen places of a page. To walk through the whole page for each takes longer than to parse it; so the
classes of its elements are read once, and a selector is only tried on those with the class that it begins with.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import defaultdict
from typing import cast

from cssselect import GenericTranslator, parse
from cssselect.parser import Class, CombinedSelector, Element, Tree
from lxml import etree
from lxml.html import HtmlElement


@dataclasses.dataclass(frozen=True, slots=True)
class _Path:
    """One of the selectors between commas. ``begins`` is the class that the first element of its path must have; then
    ``find`` starts from that element, else from the page's root. ``whole`` says that the class is all of it."""

    begins: str | None
    whole: bool
    find: etree.XPath


def _first_class(tree: Tree) -> str | None:
    while isinstance(tree, CombinedSelector):
        tree = tree.selector
    while not isinstance(tree, Class | Element):
        tree = tree.selector
    return tree.class_name if isinstance(tree, Class) else None


@functools.cache
def _paths(css: str) -> list[_Path]:
    found = []
    for selector in parse(css):
        begins = _first_class(selector.parsed_tree)
        prefix = "self::" if begins else "descendant-or-self::"
        xpath = GenericTranslator().selector_to_xpath(selector, prefix)
        found.append(_Path(begins, selector.canonical() == f".{begins}", etree.XPath(xpath)))
    return found


@functools.lru_cache(maxsize=65536)
def _names(value: str) -> frozenset[str]:
    return frozenset(value.split())


class Index:
    """The elements of a tree by class. It holds them all, and is right while the tree does not change."""

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree
        self._elements: list[HtmlElement] = list(tree.iter())

    @functools.cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where in the tree's order the elements of a class stand."""
        by_value: defaultdict[str, list[int]] = defaultdict(list)
        for place, value in enumerate([element.get("class") for element in self._elements]):
            if value:
                by_value[value].append(place)
        found: defaultdict[str, list[int]] = defaultdict(list)
        for value, places in by_value.items():
            for name in _names(value):
                found[name].extend(places)
        return found

    @functools.cached_property
    def _place(self) -> dict[HtmlElement, int]:
        return {element: place for place, element in enumerate(self._elements)}

    def select(self, css: str | None) -> list[HtmlElement]:
        """The elements of a selector, each once, in the page's order; none for no selector."""
        found = [list_ for path in (_paths(css) if css else ()) if (list_ := self._follow(path))]
        if len(found) > 1:
            return sorted({element for list_ in found for element in list_}, key=self._place.__getitem__)
        return found[0] if found else []

    def _follow(self, path: _Path) -> list[HtmlElement]:
        if path.begins is None:
            return cast(list[HtmlElement], path.find(self._tree))
        starts = [self._elements[place] for place in sorted(self._places.get(path.begins, ()))]
        if path.whole or not starts:
            return starts
        if len(starts) == 1:
            return cast(list[HtmlElement], path.find(starts[0]))
        found = {element for start in starts for element in cast(list[HtmlElement], path.find(start))}
        return sorted(found, key=self._place.__getitem__) if len(found) > 1 else list(found)
