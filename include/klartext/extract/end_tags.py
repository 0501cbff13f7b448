"""End tags of ``body`` and ``html`` in the middle of a page: a part that was written as a page of its own.

Browsers go on with the body behind them. The HTML parser of libxml2 stops at ``</html>``, and puts what follows
``</body>`` outside the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

_END = re.compile(rb"</(?:body|html)\b[^<>]*>", re.IGNORECASE)
_NAME = re.compile(rb"[a-zA-Z][a-zA-Z0-9:-]*")
_LAST_TAGS = 50
"""Tags at the end of a source among which the last one that opens an element is looked for."""
_HEAD = 1000
"""Bytes from a tag on among which its attributes and the beginning of its text are."""
_COMPARED = 40
"""Characters of an attribute or a script that are compared."""


def without_end_tags(source: bytes) -> bytes:
    """The source without these tags if anything but spaces comes behind the first; else the same object."""
    first = _END.search(source)
    if first is None:
        return source
    rest = _END.sub(b"", source[first.start() :])
    return source[: first.start()] + rest if rest and not rest.isspace() else source


def is_whole(tree: HtmlElement, source: bytes) -> bool:
    """True if the last element of the source is the last one in the tree's body; False also if that is not certain.

    Looks at the end of the source only: to search a long page for the tags takes ten times as long.
    """
    body = tree.find("body")
    last = tree if body is None else body
    if last.getnext() is not None:
        return False
    while len(last):
        last = last[-1]
    place = len(source)
    for _ in range(_LAST_TAGS):
        place = source.rfind(b"<", 0, place)
        if place < 0:
            return True
        if name := _NAME.match(source, place + 1):
            break
    else:
        return False
    if last.tag == "script" and name[0] != b"script":  # what looks like a tag may be in its text
        text = (last.text or "").encode()
        begin = source.rfind(b"</script") - len(text)
        return 0 < begin < place < begin + len(text) and source.startswith(text, begin)
    if not isinstance(last.tag, str) or name[0].lower() != last.tag.encode():
        return False
    head = source[place : place + _HEAD]
    return any(len(mark) > 2 and mark[:_COMPARED].encode() in head for mark in _marks(last))


def _marks(element: HtmlElement) -> Iterator[str]:
    """The values of an element's attributes and, behind them as it may be long, the first line of its text."""
    yield from element.values()
    yield (element.text or "")[:_HEAD].strip().partition("\n")[0]
