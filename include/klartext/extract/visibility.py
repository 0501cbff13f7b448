"""Which elements of a page a browser does not show."""

from __future__ import annotations

import functools
import re
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_FOR_EARS = re.compile(
    r"(?:^|\s)(?:[a-z]{1,4}-)?(?:sr-only|visually-?hidden|screen-reader(?:-text|-only)?|screenreader(?:-text|-only)?|"
    r"hidden-visually|element-invisible|offscreen)(?:\s|$)",
    re.IGNORECASE,
)
"""Class names, used by many frameworks, of text that only a screen reader says."""
_PARTS = ("hidden", "sr-only", "screen", "d-none", "invisible")
"""One of them is in every name of :data:`_FOR_EARS` and :data:`_HIDING`."""
_HIDING = frozenset(("hidden", "is-hidden", "d-none"))
"""Class names of frameworks for what is not shown."""
_SHOWN_WHEN_WIDE = re.compile(
    r":(?:block|flex|grid|inline|table|contents)|d-\w+-(?:block|flex|grid|inline|table)|active|show"
)
_OPENS = re.compile(r"accordion|collaps|tab|panel|expand|toggle|faq|more|slide|carousel", re.IGNORECASE)
_CONTROLLED = etree.XPath(
    "descendant::*[@aria-controls]/@aria-controls | descendant::a[starts-with(@href,'#')]/@href", smart_strings=False
)
_LEAST = 1000
"""Characters in hidden paragraphs from which they may be the page's text."""


def hidden_elements(root: HtmlElement) -> set[HtmlElement]:
    """Elements that a browser does not show, as far as the page alone says so.

    A part that opens at a click (a tab, an answer of a list of questions) is not among them. Nothing is hidden where
    that would take more than half of the page's paragraphs: some pages show their text when a script has run.
    """
    suspects = [e for e in _hidden(root) if not _opens(e)]
    if not suspects:
        return set()
    if any(e.get("id") is not None for e in suspects):
        controlled = {str(name).lstrip("#") for name in cast(list[str], _CONTROLLED(root))}
        suspects = [e for e in suspects if e.get("id") not in controlled]
    found = set(suspects)
    inside = {p for e in found for p in e.iter("p")}
    if inside:
        within = sum(_size(p) for p in inside)
        if within >= _LEAST and within * 2 > sum(_size(p) for p in root.iter("p")):
            return {e for e in found if e.find(".//p") is None and e.tag != "p"}
    return found


def _hidden(root: HtmlElement) -> list[HtmlElement]:
    """Elements that say that they are not shown. One loop, as every element of a page is looked at."""
    found = []
    known: dict[str, bool] = {}
    for element in root.iterdescendants():
        get = element.get
        if (names := get("class")) is not None:
            by_name = known.get(names)
            if by_name is None:
                by_name = known[names] = _named_hidden(names)
            if by_name:
                found.append(element)
                continue
        if (
            ((stated := get("hidden")) is not None and stated != "until-found")
            or ((style := get("style")) is not None and _STYLE.search(style))
            # an icon beside text that says the same; of whole parts it also marks what lies behind an open dialogue
            or (get("aria-hidden") == "true" and len(element) == 0)
        ):
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


def _opens(element: HtmlElement) -> bool:
    return (
        element.get("role") in ("tabpanel", "region")
        or element.tag == "details"
        or bool(_OPENS.search(element.get("class") or ""))
    )


def _size(paragraph: HtmlElement) -> int:
    return len(paragraph.text_content())
