"""CSS selectors on a page, looked up.

Rules name a dozen places of a page. To walk through the whole page for each takes longer than to parse it; so the
elements with a class or id that one of the selectors begins with are looked up, and from there the selectors are
followed. One that names a class which no element has finds nothing.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import cast

from cssselect import GenericTranslator, parse
from cssselect.parser import Attrib, Class, CombinedSelector, Element, Hash, Tree
from lxml import etree
from lxml.html import HtmlElement

from klartext.extract.class_index import ClassIndex

_IDS = etree.XPath("descendant-or-self::*/@id")


@dataclasses.dataclass(frozen=True, slots=True)
class _Path:
    """One of the selectors between commas.

    Attributes:
        begins: The class or id, as ``.name`` or ``#name``, that the first element of the path must have; or its tag,
            where that is all of the path, with an attribute or without.
        whole: True if that is all of the path.
        attribute: The attribute that an element must have, of a path of a tag with one, as ``a[href]``.
        classes: Classes that elements of the path must have.
        from_start: The rest of the path, from its first element.
        anywhere: The path, from the root of the page.
    """

    begins: str | None
    whole: bool
    attribute: str | None
    classes: frozenset[str]
    from_start: etree.XPath
    anywhere: etree.XPath


def _compounds(tree: Tree) -> list[list[Tree]]:
    """The parts of a path from its last element to the first, each with its conditions from the last to the first."""
    found: list[list[Tree]] = []
    while True:
        conditions: list[Tree] = []
        after = tree.subselector if isinstance(tree, CombinedSelector) else tree
        while not isinstance(after, Element):
            conditions.append(after)
            after = after.selector
        found.append([*conditions, after])
        if not isinstance(tree, CombinedSelector):
            return found
        tree = tree.selector


def _beginning(first: list[Tree], canonical: str) -> str | None:
    *conditions, element = first
    if conditions and isinstance(conditions[-1], Class):
        return f".{conditions[-1].class_name}"
    if conditions and isinstance(conditions[-1], Hash):
        return f"#{conditions[-1].id}"
    if not isinstance(element, Element) or element.element is None:
        return None
    attribute = _attribute(first)
    return element.element if canonical == element.element + (f"[{attribute}]" if attribute else "") else None


def _attribute(first: list[Tree]) -> str | None:
    """The attribute that a part of a path must have, if it names one and nothing but a tag besides."""
    condition = first[0] if len(first) == 2 else None
    return condition.attrib if isinstance(condition, Attrib) and condition.operator == "exists" else None


@functools.cache
def _paths(css: str) -> list[_Path]:
    translated = GenericTranslator().selector_to_xpath
    found = []
    for selector in parse(css):
        parts = _compounds(selector.parsed_tree)
        begins = _beginning(parts[-1], selector.canonical())
        classes = frozenset(one.class_name for part in parts for one in part if isinstance(one, Class))
        start, anywhere = (etree.XPath(translated(selector, way)) for way in ("self::", "descendant-or-self::"))
        attribute = _attribute(parts[-1]) if begins and begins[0] not in ".#" else None
        found.append(_Path(begins, selector.canonical() == begins, attribute, classes, start, anywhere))
    return found


@functools.cache
def _classes(selectors: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name for css in selectors for path in _paths(css) for name in path.classes)


@functools.cache
def _tags(selectors: tuple[str, ...]) -> tuple[str, ...]:
    """The tags that paths begin with."""
    begins = {path.begins for css in selectors for path in _paths(css) if path.begins}
    return tuple(sorted(begin for begin in begins if begin[0] not in ".#"))


@functools.lru_cache(maxsize=16384)  # pages of one site have most values in common
def _wanted(value: str, names: frozenset[str]) -> frozenset[str]:
    """Those names that the value of a class attribute has."""
    return names.intersection(value.split())


class Index:
    """The elements of a page with the classes of some selectors; right while the page does not change. A selector with
    other classes is looked for in the whole page."""

    def __init__(self, tree: HtmlElement, selectors: tuple[str, ...], classes: ClassIndex | None = None) -> None:
        self._tree, self._tags = tree, _tags(selectors)
        wanted = _classes(selectors)
        self._found: dict[str, list[HtmlElement]] = {}
        found: dict[str, list[int]] = {name: [] for name in wanted}
        classes = (classes or ClassIndex(list(tree.iter()))) if wanted else ClassIndex(())
        for value, places in classes.places.items():
            for name in _wanted(value, wanted):
                found[name] += places
        elements = classes.elements
        self._of_class = {name: [elements[place] for place in sorted(places)] for name, places in found.items()}
        self._place = {elements[place]: place for places in found.values() for place in places}

    @functools.cached_property
    def _of_id(self) -> dict[str, list[HtmlElement]]:
        found: dict[str, list[HtmlElement]] = {}
        for value in cast(list[etree._ElementUnicodeResult], _IDS(self._tree)):
            found.setdefault(str(value), []).append(cast(HtmlElement, value.getparent()))
        return found

    @functools.cached_property
    def _of_tag(self) -> dict[str, list[HtmlElement]]:
        found: dict[str, list[HtmlElement]] = {tag: [] for tag in self._tags}
        for element in self._tree.iter(*found):  # all in one walk
            found[element.tag].append(element)
        return found

    def select(self, css: str | None) -> list[HtmlElement]:
        """The elements of a selector, each once, in the page's order; none for no selector."""
        if not css:
            return []
        if css not in self._found:
            found = [elements for path in _paths(css) if (elements := self._follow(path))]
            if len(found) > 1:
                self._found[css] = self._in_order({e for elements in found for e in elements})
            else:
                self._found[css] = found[0] if found else []
        return self._found[css]

    def _starts(self, path: _Path) -> list[HtmlElement] | None:
        """The elements that a path may begin with; None where only the whole page tells."""
        for name in path.classes:
            if self._of_class.get(name) == []:  # looked for, and no element has it
                return []
        if path.begins is None:
            return None
        if path.begins[0] == ".":
            return self._of_class.get(path.begins[1:])
        if path.begins[0] == "#":
            return self._of_id.get(path.begins[1:], [])
        return self._of_tag[path.begins] if path.begins in self._tags else list(self._tree.iter(path.begins))

    def _follow(self, path: _Path) -> list[HtmlElement]:
        starts = self._starts(path)
        if starts is None:
            return cast(list[HtmlElement], path.anywhere(self._tree))
        if path.whole or not starts:
            return starts
        if path.attribute:  # of links there are hundreds
            return [element for element in starts if element.get(path.attribute) is not None]
        if len(starts) == 1:
            return cast(list[HtmlElement], path.from_start(starts[0]))
        return self._in_order({e for start in starts for e in cast(list[HtmlElement], path.from_start(start))})

    def _in_order(self, found: set[HtmlElement]) -> list[HtmlElement]:
        if found <= self._place.keys():
            return sorted(found, key=self._place.__getitem__)
        return [element for element in self._tree.iter() if element in found]
