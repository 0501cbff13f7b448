"""Names, children and texts of XML elements, whether or not their prefixes are declared."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree


def name_of(element: etree._Element) -> tuple[str, str]:
    """Namespace, or the prefix where it is not declared, and the name in lower case."""
    space, _, name = str(element.tag).rpartition("}")
    prefix, _, local = name.rpartition(":")
    return (space.removeprefix("{") or prefix), local.lower()


def children(element: etree._Element) -> Iterator[etree._Element]:
    """The elements directly inside of one."""
    return (child for child in element if isinstance(child.tag, str))


def text_of(element: etree._Element) -> str | None:
    """The text of an element and of what is inside of it, without white space at its ends; None for none."""
    text = (element.text or "") if not len(element) else "".join(str(part) for part in element.itertext())
    return text.strip() or None
