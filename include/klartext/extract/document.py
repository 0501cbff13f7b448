"""A page parsed once: its tree, its meta tags, its JSON-LD."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

import lxml.html
from lxml import etree

from klartext import json_ld
from klartext.extract.class_index import ClassIndex
from klartext.extract.end_tags import is_whole, without_end_tags
from klartext.extract.html_decoding import is_clean, utf8
from klartext.json_ld import types_of as types_of
from klartext.urls import page_key
from klartext.warc.reader import Page

DEEPEST = 200
"""Levels of elements; of tags below only the text is kept. Later steps need time by the square of the depth."""
_DEEP = etree.XPath("(/" + "/".join(["*"] * (DEEPEST + 10)) + ")[1]")
_REFUSED = (etree.ErrorTypes.ERR_INVALID_ENCODING, etree.ErrorTypes.ERR_RESOURCE_LIMIT)
_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)[^<>]*>")
_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr p li td tr th option".split())
_RAW = frozenset((b"script", b"style", b"textarea", b"title"))
_SWALLOWING = frozenset("nav noscript aside footer header button form figure template menu".split())
_LOOKED_FOR = ("title", "base", "link", "meta", "script", "h1", "input", "p")
"""Tags that are looked for in the whole page, found in one walk: each reads the whole tree from memory."""
_PROSE = 80
_NO_COUNTRY = frozenset("ai cc co fm gg im io la ly me sh tk to tv vc ws eu".split())
_COUNTRIES = {"uk": "GB", "su": "RU"}
_ARTICLE_TIMES = (
    "article:published_time", "article:modified_time", "parsely-pub-date", "datepublished",
    "cxenseparse:recs:publishtime",
)  # fmt: skip
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(?::\d{1,5})?(?:/[^\s?#;\[\]\\]*)?(?:\?[^\s#;\[\]\\]+)?")
"""An address with nothing in it that :func:`urllib.parse.urljoin` changes."""


class NotHtml(ValueError):
    """A payload that is no HTML page; ``reason`` is the stable code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def parse(page: Page) -> Document:
    """The page's document. Raises :class:`NotHtml` for what is empty, binary or has no element."""
    notes: list[str] = []
    head = page.body[:1024].lstrip()
    if not head:
        raise NotHtml("empty", "the payload is empty")
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04")):
        raise NotHtml("not-html", "the payload is a document or picture, not HTML")
    kind = page.content_type.partition(";")[0].strip().lower()
    if kind and "html" not in kind and "xml" not in kind and kind != "text/plain" and "gzip" not in kind:
        raise NotHtml("not-html", f"served as {kind}")
    tree = _quickly_parsed(page)
    if tree is None:
        tree = _carefully_parsed(page, notes)
    document = Document(page, tree, notes)
    notes.extend(_reopened(document.elements("p")))
    return document


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


def _reopened(paragraphs: list[lxml.html.HtmlElement]) -> list[str]:
    """Renames elements that hold the page's text though they never do, as an unclosed ``nav`` or ``noscript``.

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
    for element, size in suspects.items():
        if size * 10 > total * 8:
            notes.append(f"unclosed-{element.tag}")
            element.tag = "div"
    return notes


def _prose_size(paragraph: lxml.html.HtmlElement) -> int:
    """The characters of a paragraph; 0 for a short one, and for one with many elements in it."""
    size = len(paragraph.text_content().strip()) if len(paragraph) < 50 else 0
    return size if size >= _PROSE else 0


class Document:
    """``tree`` is the whole page as parsed; readers do not change it.

    ``notes`` are stable codes of what was odd about the bytes: those of :func:`klartext.extract.html_decoding.decode`,
    ``page-too-deep``, ``unclosed-TAG``, and those of :attr:`klartext.json_ld.Graph.problems` once that was read.
    """

    def __init__(self, page: Page, tree: lxml.html.HtmlElement, notes: list[str] | None = None) -> None:
        self.page = page
        self.tree = tree
        self.notes = notes if notes is not None else []
        self._elements = list(tree.iter())  # keeps the objects alive: lxml makes new ones at every walk, which is slow

    @functools.cached_property
    def _by_tag(self) -> dict[str, list[lxml.html.HtmlElement]]:
        found: dict[str, list[lxml.html.HtmlElement]] = {tag: [] for tag in _LOOKED_FOR}
        for element in self.tree.iter(*_LOOKED_FOR):
            found[element.tag].append(element)
        return found

    def elements(self, tag: str) -> list[lxml.html.HtmlElement]:
        """The elements of one of the tags :data:`_LOOKED_FOR`, in the page's order."""
        return self._by_tag[tag]

    @functools.cached_property
    def classes(self) -> ClassIndex:
        """Every element by its class."""
        return ClassIndex(self._elements)

    @functools.cached_property
    def body(self) -> lxml.html.HtmlElement:
        """The part of the tree that a browser shows."""
        return next((part for part in self.tree if part.tag == "body"), self.tree)

    @functools.cached_property
    def metas(self) -> dict[str, list[str]]:
        """Contents of the meta tags by name, property or itemprop, lower-cased, in the page's order."""
        found: dict[str, list[str]] = {}
        for meta in self.elements("meta"):
            name = meta.get("property") or meta.get("name") or meta.get("itemprop")
            content = (meta.get("content") or "").strip()
            if name and content:
                found.setdefault(name.strip().lower(), []).append(content)
        return found

    def meta(self, *names: str) -> str | None:
        """The content of the first meta tag of these names."""
        metas = self.metas
        for name in names:
            if name in metas:
                return metas[name][0]
        return None

    @functools.cached_property
    def title(self) -> str | None:
        """The text of the ``title`` element."""
        title = next(iter(self.elements("title")), None)
        return None if title is None else title.text or ""

    @functools.cached_property
    def base_url(self) -> str:
        """What relative addresses of the page are relative to: its ``base`` element, else its own address."""
        for base in self.elements("base"):
            if href := (base.get("href") or "").strip():
                return self._joined(self.page.url, href) or self.page.url
        return self.page.url

    def resolve(self, href: str) -> str | None:
        """An address of the page made absolute; None for one that is no web address."""
        return self._joined(self.base_url, href.strip())

    @staticmethod
    def _joined(base: str, href: str) -> str | None:
        if _PLAIN_URL.fullmatch(href):  # as most are; to take it apart and put it together again is slow
            return href
        try:
            url = urljoin(base, href)
            return url if urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc else None
        except ValueError:
            return None

    @functools.cached_property
    def language(self) -> str | None:
        """The language tag that the page states of itself, with the region of its country domain if it names none."""
        stated = self.tree.get("lang") or self.tree.get("{http://www.w3.org/XML/1998/namespace}lang")
        stated = stated or self.meta("content-language", "language", "og:locale", "dc.language") or ""
        tag = re.match(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", stated.strip())
        found = tag.group().replace("_", "-") if tag else None
        domain = (urlsplit(self.page.url).hostname or "").rpartition(".")[2]
        country = _COUNTRIES.get(domain, domain.upper()) if len(domain) == 2 and domain not in _NO_COUNTRY else None
        if found and "-" not in found and country and found.lower() == "en":
            return f"{found}-{country}"
        return found or (f"und-{country}" if country else None)

    @functools.cached_property
    def graph(self) -> json_ld.Graph:
        """The page's JSON-LD."""
        scripts = [e for e in self.elements("script") if "ld+json" in (e.get("type") or "").lower()]
        graph = json_ld.read(script.text for script in scripts if script.text)
        self.notes.extend(problem for problem in graph.problems if problem != "json-ld-repaired")
        return graph

    @property
    def things(self) -> list[dict[str, Any]]:
        """Every typed object of the JSON-LD, those nested under ``@graph`` and ``mainEntity`` included."""
        return self.graph.things

    @functools.cached_property
    def article(self) -> dict[str, Any]:
        """The JSON-LD of the article itself, see :meth:`klartext.json_ld.Graph.article`."""
        addresses = (self.page.url, self.canonical, self.meta("og:url"))
        return self.graph.article(filter(None, addresses), filter(None, self._titles()))

    def _titles(self) -> Iterator[str | None]:
        """The titles that the page states and shows."""
        yield self.title
        yield self.meta("og:title", "twitter:title")
        for h1 in self.elements("h1")[:10]:
            yield "".join(h1.itertext())

    @functools.cached_property
    def states_article(self) -> bool:
        """True for a page whose metadata is that of an article. What is served in its place has none."""
        if self.meta(*_ARTICLE_TIMES):
            return True
        kind = (self.meta("og:type") or "").lower()
        return kind in ("article", "news", "video.other") or bool(self.article)

    @functools.cached_property
    def own_keys(self) -> set[str]:
        """What addresses of the page have in common with each other, see :func:`klartext.urls.page_key`."""
        return {page_key(url) for url in (self.page.url, self.canonical) if url}

    @functools.cached_property
    def canonical(self) -> str | None:
        """What the page names as its own address, made absolute."""
        for link in self.elements("link"):
            if "canonical" in (link.get("rel") or "").lower() and link.get("href"):
                return self.resolve(str(link.get("href")))
        url = self.meta("og:url")
        return self.resolve(url) if url else None
