"""Which elements of a page a browser does not show."""

from __future__ import annotations

import functools
import re
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from klartext.extract.class_index import ClassIndex

_STYLE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|clip\s*:\s*rect\((?:\s*[01](?:px)?\b,?){4}|"
    r"clip-path\s*:\s*inset\(\s*(?:50|100)%|(?:left|right|top|text-indent)\s*:\s*-(?:999|1000)\d{0,4}(?:px|r?em))",
    re.IGNORECASE,
)
"""Styles of what is not shown; one that is clipped to nothing or far beside the page is for screen readers."""
_FOR_EARS = re.compile(
    r"(?:^|\s)(?!not?-)(?:[a-z]{1,12}[-_]{1,2})?(?:sr-only|visually-?hidden|screen-reader(?:-text|-only)?|"
    r"screenreader(?:-text|-only)?|hidden-visually|element-invisible|offscreen|a11y-hidden|show-for-sr|vh)(?:\s|$)",
    re.IGNORECASE,
)
"""Class names, used by many frameworks, of text that only a screen reader says."""
_PARTS = ("hidden", "sr-only", "screen", "d-none", "invisible", "for-sr", "vh")
"""One of them is in every name of :data:`_FOR_EARS` and :data:`_HIDING`."""
_HIDING = frozenset(("hidden", "is-hidden", "d-none"))
"""Class names of frameworks for what is not shown."""
_SHOWN_WHEN_WIDE = re.compile(
    r":(?:block|flex|grid|inline|table|contents)|d-\w+-(?:block|flex|grid|inline|table)|active|show"
)
_OPENS = re.compile(r"accordion|collaps|tab|panel|expand|toggle|faq|more|slide|carousel", re.IGNORECASE)
_STATED = etree.XPath("descendant::*/@style | descendant::*/@hidden | descendant::*/@aria-hidden")
_CONTROLLED = etree.XPath("descendant::*/@aria-controls", smart_strings=False)
_LEAST = 1000
"""Characters in hidden paragraphs from which they may be the page's text."""


def hidden_elements(root: HtmlElement, classes: ClassIndex | None = None) -> set[HtmlElement]:
    """Elements below one that a browser does not show, as far as the page alone says so.

    ``classes`` is the index of the whole page, where the caller has it.

    A part that opens at a click (a tab, an answer of a list of questions) is not among them. Nothing is hidden where
    that would take more than half of the page's paragraphs: some pages show their text when a script has run.
    """
    suspects = [e for e in _hidden(root, classes or ClassIndex(list(root.iter()))) if not _opens(e)]
    if not suspects:
        return set()
    if any(e.get("id") is not None for e in suspects):
        controlled = {name.lstrip("#") for name in cast(list[str], _CONTROLLED(root))}
        targets = [link.get(b"href") for link in root.iter("a")]
        controlled.update(target.lstrip("#") for target in targets if target and target[0] == "#")
        suspects = [e for e in suspects if e.get("id") not in controlled]
    found = set(suspects)
    inside = {p for e in found for p in e.iter("p")}
    if inside:
        within = sum(_size(p) for p in inside)
        if within >= _LEAST and within * 2 > sum(_size(p) for p in root.iter("p")):
            return {e for e in found if e.find(".//p") is None and e.tag != "p"}
    return found


def _hidden(root: HtmlElement, classes: ClassIndex) -> list[HtmlElement]:
    """Elements that say that they are not shown, by their class or by attributes that few elements have."""
    places = [place for names, places in classes.places.items() if _named_hidden(names) for place in places]
    by_name = (classes.elements[place] for place in places)
    found = [element for element in by_name if any(above is root for above in element.iterancestors())]
    for value in cast(list[etree._ElementUnicodeResult], _STATED(root)):
        element = cast(HtmlElement, value.getparent())
        if value.attrname == "style":
            is_hidden = _hides(value)
        elif value.attrname == "hidden":
            is_hidden = value != "until-found"
        else:  # an icon beside text that says the same; of whole parts it also marks what lies behind an open dialogue
            is_hidden = value == "true" and len(element) == 0
        if is_hidden:
            found.append(element)
    return found


@functools.lru_cache(maxsize=16384)
def _named_hidden(names: str) -> bool:
    """True for the value of a class attribute that says that the element is not shown."""
    if not any(part in names for part in _PARTS):
        return False
    if _FOR_EARS.search(names):
        return True
    return not _HIDING.isdisjoint(names.split()) and not _SHOWN_WHEN_WIDE.search(names)


def _hides(style: str) -> bool:
    """True for the value of a style attribute that says that the element is not shown."""
    lowered = style.lower()
    # one of these is in every _STYLE, and to look for them is quicker than the pattern
    may = "none" in lowered or "hidden" in lowered or "clip" in lowered or "-999" in lowered or "-1000" in lowered
    return may and _STYLE.search(lowered) is not None


def _opens(element: HtmlElement) -> bool:
    return (
        element.get("role") in ("tabpanel", "region")
        or element.tag == "details"
        or bool(_OPENS.search(element.get("class") or ""))
    )


def _size(paragraph: HtmlElement) -> int:
    return len(paragraph.text_content())
