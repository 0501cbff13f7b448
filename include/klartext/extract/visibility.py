"""Which elements of a page a browser does not show."""

from __future__ import annotations

import re
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

_SUSPECTS = etree.XPath(
    "descendant::*[@hidden or @aria-hidden='true' or @style[contains(., 'none') or contains(., 'hidden')] or @class["
    "contains(., 'hidden') or contains(., 'sr-only') or contains(., 'screen') or contains(., 'offscreen') or "
    "contains(., 'd-none') or contains(., 'invisible')]]"
)
_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_FOR_EARS = re.compile(
    r"(?:^|\s)(?:[a-z]{1,4}-)?(?:sr-only|visually-?hidden|screen-reader(?:-text|-only)?|screenreader(?:-text|-only)?|"
    r"hidden-visually|element-invisible|offscreen)(?:\s|$)",
    re.IGNORECASE,
)
"""Class names, used by many frameworks, of text that only a screen reader says."""
_HIDING = frozenset(("hidden", "is-hidden", "d-none"))
"""Class names of frameworks for what is not shown."""
_SHOWN_WHEN_WIDE = re.compile(
    r":(?:block|flex|grid|inline|table|contents)|d-\w+-(?:block|flex|grid|inline|table)|active|show"
)
_OPENS = re.compile(r"accordion|collaps|tab|panel|expand|toggle|faq|more|slide|carousel", re.IGNORECASE)
_CONTROLLED = etree.XPath("descendant::*[@aria-controls]/@aria-controls | descendant::a[starts-with(@href,'#')]/@href")
_LEAST = 1000
"""Characters in hidden paragraphs from which they may be the page's text."""


def hidden_elements(root: HtmlElement) -> set[HtmlElement]:
    """Elements that a browser does not show, as far as the page alone says so.

    A part that opens at a click (a tab, an answer of a list of questions) is not among them. Nothing is hidden where
    that would take more than half of the page's paragraphs: some pages show their text when a script has run.
    """
    suspects = cast(list[HtmlElement], _SUSPECTS(root))
    if not suspects:
        return set()
    controlled = {str(name).lstrip("#") for name in cast(list[str], _CONTROLLED(root))}
    found = {e for e in suspects if _hidden(e) and not _opens(e, controlled)}
    inside = {p for e in found for p in e.iter("p")}
    if inside:
        within = sum(_size(p) for p in inside)
        if within >= _LEAST and within * 2 > sum(_size(p) for p in root.iter("p")):
            return {e for e in found if e.find(".//p") is None and e.tag != "p"}
    return found


def _hidden(element: HtmlElement) -> bool:
    if element.get("hidden") is not None and element.get("hidden") != "until-found":
        return True
    names = element.get("class") or ""
    if _STYLE.search(element.get("style") or "") or _FOR_EARS.search(names):
        return True
    if not _HIDING.isdisjoint(names.split()) and not _SHOWN_WHEN_WIDE.search(names):
        return True
    # an icon beside text that says the same; of whole parts it also marks what lies behind an open dialogue
    return element.get("aria-hidden") == "true" and len(element) == 0


def _opens(element: HtmlElement, controlled: set[str]) -> bool:
    return (
        element.get("id") in controlled
        or element.get("role") in ("tabpanel", "region")
        or element.tag == "details"
        or bool(_OPENS.search(element.get("class") or ""))
    )


def _size(paragraph: HtmlElement) -> int:
    return len(paragraph.text_content())
