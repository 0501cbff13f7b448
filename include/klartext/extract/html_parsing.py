"""The bytes of a page parsed to a tree, as browsers do where it matters for the text, and with bounds."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from typing import cast

import lxml.html
from lxml import etree

from klartext.extract.end_tags import is_whole, without_end_tags
from klartext.extract.html_decoding import is_clean, utf8
from klartext.warc.reader import Page

DEEPEST = 200
"""Levels of elements; of tags below only the text is kept. Later steps need time by the square of the depth."""
_DEEP = etree.XPath("(/" + "/".join(["*"] * (DEEPEST + 10)) + ")[1]")
_REFUSED = (etree.ErrorTypes.ERR_INVALID_ENCODING, etree.ErrorTypes.ERR_RESOURCE_LIMIT)
_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)[^<>]*>")
_OPEN_TITLE, _END_OF_TITLE = re.compile(rb"<title\b[^<>]{0,300}>[^<]*", re.I), re.compile(rb"</title", re.I)
"""A title that does not end would be the whole page."""
_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr p li td tr th option".split())
_RAW = frozenset((b"script", b"style", b"textarea", b"title"))
_NEVER = frozenset("svg math select option optgroup map canvas object audio video button label rt rp".split())
"""Elements in which running text never stands, so that a part of the page's is enough to tell that one is open."""
_SWALLOWING = _NEVER | frozenset(
    "nav noscript aside footer header form figure figcaption template menu a dialog".split()
)
_PROSE = 80


class NotHtml(ValueError):
    """A payload that is no HTML page; ``reason`` is the stable code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def parse_html(page: Page, notes: list[str]) -> lxml.html.HtmlElement:
    """The root of the page's tree; what was odd about the bytes is added to ``notes``.

    Raises :class:`NotHtml` for what is empty, binary or has no element.
    """
    head = page.body[:1024].lstrip() or page.body.lstrip()[:1024]
    if not head:
        raise NotHtml("empty", "the payload is empty")
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04")):
        raise NotHtml("not-html", "the payload is a document or picture, not HTML")
    kind = page.content_type.partition(";")[0].strip().lower()
    if kind and "html" not in kind and "xml" not in kind and kind != "text/plain" and "gzip" not in kind:
        raise NotHtml("not-html", f"served as {kind}")
    if b"</title" not in page.body and _END_OF_TITLE.search(page.body) is None:
        page = dataclasses.replace(page, body=_OPEN_TITLE.sub(rb"\g<0></title>", page.body, count=1))
    tree = _quickly_parsed(page)
    return _carefully_parsed(page, notes) if tree is None else tree


def _quickly_parsed(page: Page) -> lxml.html.HtmlElement | None:
    """The tree of a page that can be parsed as it comes, as most can; None for one that is not whole UTF-8, holds what
    is to be cleaned, or has more than 256 levels of elements."""
    if not is_clean(page.body, page.content_type):
        return None
    parser = _parser()
    tree = _tree(page.body, parser)
    if any(entry.type in _REFUSED for entry in parser.error_log):
        return None
    if is_whole(tree, page.body) or (source := without_end_tags(page.body)) is page.body:
        return tree
    return _tree(source, _parser())


def _carefully_parsed(page: Page, notes: list[str]) -> lxml.html.HtmlElement:
    source = without_end_tags(utf8(page.body, page.content_type, notes))
    tree = _tree(source, _parser(huge_tree=True))
    if _DEEP(tree):
        notes.append("page-too-deep")
        tree = _tree(_flattened(source), _parser(huge_tree=True))
        for _ in range(20):  # tags that the parser nests and the source does not
            deep = cast(list[lxml.html.HtmlElement], _DEEP(tree))
            if not deep:
                break
            above = Counter(str(e.tag) for e in deep[0].iterancestors())
            etree.strip_tags(tree, above.most_common(1)[0][0])
    return tree


def _parser(*, huge_tree: bool = False) -> etree.HTMLParser:
    """A parser of UTF-8. Without ``huge_tree`` it refuses more than 256 levels of elements, and texts of 10 MB.

    It keeps no index of ids, which takes a twentieth of the parsing.
    """
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=huge_tree, collect_ids=False
    )
    # one class for all elements: lxml.html looks for each element's own in Python, which takes as long as the parsing
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement))
    return parser


def _tree(source: bytes, parser: etree.HTMLParser) -> lxml.html.HtmlElement:
    try:
        return lxml.html.document_fromstring(source, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise NotHtml("not-html", f"no element in it: {error}") from error


def _flattened(source: bytes) -> bytes:
    """The source without the tags below :data:`DEEPEST` levels, in one linear pass; their text stays."""
    parts: list[bytes] = []
    open_tags: list[bytes] = []
    dropped: dict[bytes, int] = {}
    endless: set[bytes] = set()
    place = until = 0
    for found in _TAG.finditer(source):
        if found.start() < until:
            continue
        name = found[2].lower()
        if name in _RAW and not found[1] and name not in endless:
            until = source.find(b"</" + found[2], found.end())
            if until < 0:
                endless.add(name)
        if name in _VOID or name in _RAW:
            continue
        if found[1]:
            if dropped.get(name):
                dropped[name] -= 1
                parts.append(source[place : found.start()])
                parts.append(b" ")
                place = found.end()
            elif name in open_tags[-20:]:
                while open_tags.pop() != name:
                    pass
        elif len(open_tags) >= DEEPEST:
            dropped[name] = dropped.get(name, 0) + 1
            parts.append(source[place : found.start()])
            parts.append(b" ")
            place = found.end()
        else:
            open_tags.append(name)
    return b"".join([*parts, source[place:]])


def reopen(paragraphs: list[lxml.html.HtmlElement]) -> list[str]:
    """Renames elements that hold the page's text though they never do, as an unclosed ``nav`` or ``noscript``, and
    templates that a browser shows (declarative shadow DOM).

    ``paragraphs`` are the page's ``p`` elements. Gives a note ``unclosed-TAG`` for each.
    """
    inside: Counter[lxml.html.HtmlElement] = Counter()
    known: dict[lxml.html.HtmlElement | None, tuple[lxml.html.HtmlElement, ...]] = {None: ()}
    for paragraph in paragraphs:
        above, element = [], paragraph.getparent()
        while element not in known:
            above.append(element)
            element = element.getparent()
        around = known[element]
        for element in reversed(above):  # paragraphs share what is around them
            around = known[element] = (element, *around) if element.tag in _SWALLOWING else around
        if around and (size := _prose_size(paragraph)):
            for element in reversed(around):
                inside[element] += size
    suspects = {element: size for element, size in inside.items() if size > 5 * _PROSE}
    total = sum(map(_prose_size, paragraphs)) if suspects else 0
    notes = []
    for element in inside:
        if element.tag == "template" and (element.get("shadowrootmode") or element.get("shadowroot")):
            suspects.pop(element, None)
            element.tag = "div"
    for element, size in suspects.items():
        if element.tag in _NEVER or size * 10 > total * 8:
            notes.append(f"unclosed-{element.tag}")
            element.tag = "div"
    return notes


def _prose_size(paragraph: lxml.html.HtmlElement) -> int:
    """The characters of a paragraph; 0 for a short one, and for one with many elements in it."""
    size = len(paragraph.text_content().strip()) if len(paragraph) < 50 else 0
    return size if size >= _PROSE else 0
