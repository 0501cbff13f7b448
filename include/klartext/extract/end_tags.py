"""End tags of ``body`` and ``html`` in the middle of a page: a part that was written as a page of its own.

Browsers go on with the body behind them. The HTML parser of libxml2 stops at ``</html>``, and puts what follows
``</body>`` outside the body.
"""

from __future__ import annotations

import re

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
    place, text = _last_tag(source), last.text or ""  # that of a script may be long, and is copied at each look
    if place is not None and last.tag == "script" and not source.startswith(b"<script", place):
        place = _last_script(source, text)
    if place is None:
        return False
    if place < 0:
        return True
    name = _NAME.match(source, place + 1)
    if name is None or not isinstance(last.tag, str) or name[0].lower() != last.tag.encode():
        return False
    head = source[place : place + _HEAD]
    marks = [mark for mark in (*last.values(), text[:_HEAD].strip().partition("\n")[0]) if len(mark) > 2]
    return bool(marks) and all(mark[:_COMPARED].encode() in head for mark in marks)


def _last_tag(source: bytes) -> int | None:
    """The place of the last tag that opens an element; -1 if no tag does, None if it is not among the last tags."""
    place = len(source)
    for _ in range(_LAST_TAGS):
        place = source.rfind(b"<", 0, place)
        if place < 0 or _NAME.match(source, place + 1):
            return place
    return None


def _last_script(source: bytes, text: str) -> int | None:
    """The place of the last tag that opens a script, of which the text is known, as what looks like a tag may be in it;
    None if that is uncertain or an element comes behind it."""
    end = source.rfind(b"</script")
    if end < 0 or _last_tag(source[end:]) != -1:
        return None
    begin = end - (len(text) if text.isascii() else len(text.encode()))
    place = source.rfind(b"<script", max(0, begin - _HEAD), begin) if source[begin - 1 : begin] == b">" else -1
    return place if place >= 0 else None
