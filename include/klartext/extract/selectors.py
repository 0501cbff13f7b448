"""CSS selectors on a page, looked up.

Rules name a dozen places of a page. To walk through the whole page for each takes longer than to parse it; so the
elements with a class that one of the selectors begins with are looked up, and from there the selectors are followed.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import cast

from cssselect import GenericTranslator, parse
from cssselect.parser import Class, CombinedSelector, Element, Tree
from lxml import etree
from lxml.html import HtmlElement

from klartext.extract.class_index import ClassIndex


@dataclasses.dataclass(frozen=True, slots=True)
class _Path:
    """One of the selectors between commas. ``begins`` is the class that the first element of its path must have, and
    ``whole`` says that the class is all of it."""

    begins: str | None
    whole: bool
    from_start: etree.XPath
    anywhere: etree.XPath


def _first_class(tree: Tree) -> str | None:
    while isinstance(tree, CombinedSelector):
        tree = tree.selector
    while not isinstance(tree, Class | Element):
        tree = tree.selector
    return tree.class_name if isinstance(tree, Class) else None


@functools.cache
def _paths(css: str) -> list[_Path]:
    translated = GenericTranslator().selector_to_xpath
    found = []
    for selector in parse(css):
        begins = _first_class(selector.parsed_tree)
        start, anywhere = (etree.XPath(translated(selector, way)) for way in ("self::", "descendant-or-self::"))
        found.append(_Path(begins, selector.canonical() == f".{begins}", start, anywhere))
    return found


@functools.cache
def _beginnings(selectors: tuple[str, ...]) -> frozenset[str]:
    return frozenset(path.begins for css in selectors for path in _paths(css) if path.begins)


@functools.lru_cache(maxsize=65536)
def _names(value: str) -> frozenset[str]:
    return frozenset(value.split())


class Index:
    """The elements of a page that some selectors begin with; right while the page does not change. A selector that is
    not one of them is looked for in the whole page."""

    def __init__(self, tree: HtmlElement, selectors: tuple[str, ...], classes: ClassIndex | None = None) -> None:
        self._tree = tree
        wanted = _beginnings(selectors)
        self._place: dict[HtmlElement, int] = {}
        self._found: dict[str, list[HtmlElement]] = {}
        starts: dict[str, list[int]] = {name: [] for name in wanted}
        classes = (classes or ClassIndex(list(tree.iter()))) if wanted else ClassIndex(())
        for value, places in classes.places.items():
            for name in _names(value) & wanted:
                starts[name] += places
        elements = classes.elements
        self._starts = {name: [elements[place] for place in sorted(places)] for name, places in starts.items()}
        self._place = {elements[place]: place for places in starts.values() for place in places}

    def select(self, css: str | None) -> list[HtmlElement]:
        """The elements of a selector, each once, in the page's order; none for no selector."""
        if not css:
            return []
        if css not in self._found:
            found = [elements for path in _paths(css) if (elements := self._follow(path))]
            only = found[0] if len(found) == 1 else self._in_order({e for elements in found for e in elements})
            self._found[css] = only
        return self._found[css]

    def _follow(self, path: _Path) -> list[HtmlElement]:
        if path.begins not in self._starts:
            return cast(list[HtmlElement], path.anywhere(self._tree))
        starts = self._starts[path.begins]
        if path.whole or not starts:
            return starts
        if len(starts) == 1:
            return cast(list[HtmlElement], path.from_start(starts[0]))
        return self._in_order({e for start in starts for e in cast(list[HtmlElement], path.from_start(start))})

    def _in_order(self, found: set[HtmlElement]) -> list[HtmlElement]:
        if found <= self._place.keys():
            return sorted(found, key=self._place.__getitem__)
        return [element for element in self._tree.iter() if element in found]
