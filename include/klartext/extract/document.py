"""A page parsed once: its tree, its meta tags, its JSON-LD."""

from __future__ import annotations

import codecs
import functools
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import lxml.html
from lxml import etree
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

from klartext.warc.reader import Page

_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$")
"""Marks of a comment or of CDATA around a script, for browsers of long ago."""
ARTICLE_TYPES = re.compile(r"(?:Article|Posting|Report)$")


class NotHtml(ValueError):
    """A payload that is no HTML page; ``reason`` is the stable code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def decode(body: bytes, content_type: str) -> str:
    """The payload as text.

    What the bytes are counts before what is said of them: UTF-8 that is whole is UTF-8, whatever the header claims; a
    page that says UTF-8 and is not is read in the Western charset that its bytes are in.
    """
    charset, mark = read_bom(body)
    if charset and mark:
        return body[len(mark) :].decode(charset, "replace")
    said = http_content_type_encoding(content_type) or html_body_declared_encoding(body[:4096])
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if said in (None, "utf-8", "cp1252"):
            # a page cut off in the middle of a character, or with one broken one, is still UTF-8
            whole = body.decode("utf-8", "replace")
            few = whole.count("\ufffd") <= 3 or error.start > len(body) - 4
            return whole if few and not body.isascii() and _looks_utf8(body) else body.decode("cp1252", "replace")
        return body.decode(said, "replace")


def _looks_utf8(body: bytes) -> bool:
    """Whether most bytes above ASCII stand in whole UTF-8 sequences."""
    good = sum(len(m) for m in re.findall(rb"[\xc3\xc4\xc5\xe2][\x80-\xbf]{1,2}", body))
    return good * 2 > len(re.findall(rb"[\x80-\xff]", body))


def _utf8(page: Page) -> bytes:
    try:
        page.body.decode("utf-8")
    except UnicodeDecodeError:
        return decode(page.body, page.content_type).encode("utf-8", "replace")
    return page.body.removeprefix(codecs.BOM_UTF8)


def parse(page: Page) -> Document:
    """The page's document. Raises :class:`NotHtml` for what is empty, binary or has no element."""
    head = page.body[:1024].lstrip()
    if not head:
        raise NotHtml("empty", "the payload is empty")
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04")):
        raise NotHtml("not-html", "the payload is a document or picture, not HTML")
    kind = page.content_type.partition(";")[0].strip().lower()
    if kind and "html" not in kind and "xml" not in kind and kind != "text/plain":
        raise NotHtml("not-html", f"served as {kind}")
    source = _utf8(page).replace(b"\0", b"")
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    # one class for all elements: lxml.html looks for each element's own in Python, which takes as long as the parsing
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement))
    try:
        tree = lxml.html.document_fromstring(source, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise NotHtml("not-html", f"no element in it: {error}") from error
    return Document(page, tree)


class Document:
    """``tree`` is the whole page as parsed; readers do not change it."""

    def __init__(self, page: Page, tree: lxml.html.HtmlElement) -> None:
        self.page = page
        self.tree = tree
        self._held: list[lxml.html.HtmlElement] = []

    @functools.cached_property
    def body(self) -> lxml.html.HtmlElement:
        """The part of the tree that a browser shows."""
        body = self.tree.find("body")
        return body if body is not None else self.tree

    def hold(self, part: lxml.html.HtmlElement) -> None:
        """Keeps the objects of a part's elements alive: lxml makes one anew whenever nobody holds it, which is slow."""
        self._held = list(part.iter())

    @functools.cached_property
    def metas(self) -> dict[str, list[str]]:
        """Contents of the meta tags by name, property or itemprop, lower-cased, in the page's order."""
        found: dict[str, list[str]] = {}
        for meta in self.tree.iter("meta"):
            name = meta.get("property") or meta.get("name") or meta.get("itemprop")
            content = (meta.get("content") or "").strip()
            if name and content:
                found.setdefault(name.strip().lower(), []).append(content)
        return found

    def meta(self, *names: str) -> str | None:
        """The first meta tag of these names that says something."""
        return next((self.metas[name][0] for name in names if name in self.metas), None)

    @functools.cached_property
    def things(self) -> list[dict[str, Any]]:
        """Every typed thing of the JSON-LD, nested ones under ``@graph`` and ``mainEntity`` included."""
        found: list[dict[str, Any]] = []
        for script in self.tree.iter("script"):
            if "ld+json" in (script.get("type") or "").lower() and script.text:
                found.extend(_things(script.text))
        return found

    @functools.cached_property
    def article(self) -> dict[str, Any]:
        """The JSON-LD of the article itself; of several the one with the page's address, then the one that says most.
        That of the page, where there is none of an article; else empty."""
        for kinds in (ARTICLE_TYPES, re.compile("WebPage$")):
            found = [thing for thing in self.things if any(kinds.search(t) for t in types_of(thing))]
            if found:
                return max(found, key=self._says)
        return {}

    def _says(self, thing: dict[str, Any]) -> tuple[bool, int]:
        page = thing.get("mainEntityOfPage")
        named = [thing.get("url"), thing.get("@id"), page, *([page.get("@id")] if isinstance(page, dict) else [])]
        own = {urlsplit(u).path.rstrip("/") for u in (self.page.url, self.canonical or "") if u}
        paths = {urlsplit(u).path.rstrip("/") for u in named if isinstance(u, str)}
        weigh = ("headline", "datePublished", "author", "description", "articleBody")
        return bool(own & paths - {""}), sum(bool(thing.get(key)) for key in weigh)

    @functools.cached_property
    def canonical(self) -> str | None:
        """What the page names as its own address, as it stands there."""
        for link in self.tree.iter("link"):
            if "canonical" in (link.get("rel") or "").lower() and link.get("href"):
                return str(link.get("href")).strip()
        return self.meta("og:url")


def types_of(thing: dict[str, Any]) -> list[str]:
    """The types of a JSON-LD thing, as a list, without the vocabulary's address."""
    kinds = thing.get("@type") or []
    return [str(k).rpartition("/")[2] for k in (kinds if isinstance(kinds, list) else [kinds])]


def _json(source: str) -> Any:
    try:
        return json.loads(source, strict=False)
    except json.JSONDecodeError:
        return json.loads(_WRAPPING.sub("", source.strip()), strict=False)


def _things(source: str) -> Iterator[dict[str, Any]]:
    try:
        waiting: list[Any] = [_json(source)]
    except (json.JSONDecodeError, RecursionError):
        return
    while waiting:
        thing = waiting.pop(0)
        if isinstance(thing, list):
            waiting[:0] = thing
        elif isinstance(thing, dict):
            if "@type" in thing:
                yield thing
            for nested in ("@graph", "mainEntity", "mainEntityOfPage"):
                if isinstance(thing.get(nested), dict | list):
                    waiting.append(thing[nested])
