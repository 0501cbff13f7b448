"""A page parsed once: its tree, its meta tags, its JSON-LD."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import lxml.html

from klartext import json_ld
from klartext.extract.class_index import ClassIndex
from klartext.extract.html_parsing import parse_html, reopen
from klartext.json_ld import types_of as types_of
from klartext.urls import page_key
from klartext.warc.reader import Page

_LOOKED_FOR = ("title", "base", "link", "meta", "script", "h1", "input", "p", "time")
"""Tags that are looked for in the whole page, found in one walk: each reads the whole tree from memory."""
_NO_COUNTRY = frozenset("ai cc co fm gg im io la ly me sh tk to tv vc ws eu".split())
_COUNTRIES = {"uk": "GB", "su": "RU"}
_ARTICLE_TIMES = (
    "article:published_time", "article:modified_time", "parsely-pub-date", "datepublished",
    "cxenseparse:recs:publishtime",
)  # fmt: skip
_NO_ADDRESS = frozenset(("undefined", "null", "none", "nan", "false"))
"""What programs write where they have no address."""
_FRONT_PAGES = frozenset(("", "/", "/index.html", "/index.htm", "/index.php"))
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(?::\d{1,5})?(?:/[^\s?#;\[\]\\]*)?(?:\?[^\s#;\[\]\\]+)?")
"""An address with nothing in it that :func:`urllib.parse.urljoin` changes."""


def is_front_page(url: str) -> bool:
    """True for an address that many pages name as theirs by mistake."""
    return url.partition("?")[0].count("/") <= 3 and urlsplit(url).path.lower() in _FRONT_PAGES


def parse(page: Page) -> Document:
    """The page's document. Raises :class:`klartext.extract.html_parsing.NotHtml` for what is no page."""
    notes: list[str] = []
    document = Document(page, parse_html(page, notes), notes)
    notes.extend(reopen(document.elements("p")))
    return document


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
        """Contents of the meta tags by property, name, itemprop or http-equiv, lower-cased, in the page's order; of one
        with a property and a name by both."""
        found: dict[str, list[str]] = {}
        for meta in self.elements("meta"):
            content = (meta.get(b"content") or "").strip()
            if not content:
                continue
            label, name = meta.get(b"property"), meta.get(b"name")
            if label and name and label != name:
                found.setdefault(name.strip().lower(), []).append(content)
            if key := label or name or meta.get(b"itemprop") or meta.get(b"http-equiv"):
                found.setdefault(key.strip().lower(), []).append(content)
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
        href = href.strip()
        return None if href.lower() in _NO_ADDRESS or "{{" in href else self._joined(self.base_url, href)

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
        return self.graph.article(self._addresses(), filter(None, self._titles()))

    @property
    def things_of_page(self) -> list[dict[str, Any]]:
        """The typed objects of the JSON-LD but those of other pages, see :meth:`klartext.json_ld.Graph.of_page`."""
        return self.graph.of_page(self._addresses(), filter(None, self._titles()))

    def _addresses(self) -> Iterator[str]:
        """The page's own address, as it was asked for and as it states it."""
        return filter(None, (self.page.url, self.canonical, self.meta("og:url")))

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
        first = None
        for address in self._stated_addresses():
            if url := self.resolve(address):
                if not is_front_page(url):
                    return url
                first = first or url
        return first

    def _stated_addresses(self) -> Iterator[str]:
        for link in self.elements("link"):
            if "canonical" in (link.get(b"rel") or "").lower() and (href := link.get(b"href")):
                yield href
        yield from self.metas.get("og:url", [])
