"""The people who wrote an article."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from klartext.extract import visible_authors, word_lists
from klartext.extract.author_names import DESK, MOST, NO_ONE, sort
from klartext.extract.blocks import Block, letters, squeeze
from klartext.extract.bylines import services
from klartext.extract.document import Document
from klartext.extract.page_zones import PageZones

_META = (
    "author", "authors", "article:author", "article:author_name", "parsely-author", "sailthru.author",
    "citation_author", "citation_authors", "dc.creator",
    "dcterms.creator", "dc.creator.personalname", "byl", "cxenseparse:author", "article.author",
    "shareaholic:article_author_name", "creator", "rnews:author", "vr:author", "og:author",
)  # fmt: skip
# the elements of attributes: four times as fast as all elements that have one of the attributes
_MARKED = etree.XPath(
    "descendant-or-self::*/@itemprop/.. | descendant-or-self::*/@rel/.. | descendant-or-self::*/@property/.."
)
_NAME = re.compile(r"(?<!\S)(?:schema:)?name(?!\S)")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_PARENTHESES = re.compile(r"\s?\([^()]*+\)$")
_LISTED = re.compile(r"[|,;/]")
_LONGEST_HOUSE = 80
_FEW = 4
_MAY_NAME = frozenset(("a", "span", "div", "p", "address", "meta"))


def find(
    document: Document, page: list[Block], publisher: str, named: list[str] | None = None, title: str | None = None
) -> tuple[list[str], list[str]]:
    """Authors and, found beside them, wire services.

    Args:
        document: The page.
        page: Its blocks, those of the text marked.
        publisher: The name of the publisher.
        named: The texts of the elements that the source's rules name.
        title: The headline.

    Of what the page states, JSON-LD counts before meta tags, those before markup (microdata, ``rel=author``) and the
    byline; a name that is the publisher's, a domain or a mail address is no author's. A service or a desk that the page
    itself names as the author is one; one that is only credited is not. The publisher is, where its metadata says so,
    no one else is named, and no rules of the source name the authors.
    """
    own = {letters(x) for x in (publisher, document.meta("og:site_name") or "", *_publishers(document)) if x}
    language = document.language
    host = _host(document)
    stated = (name for name, kinds in _stated(document) if "Organization" not in kinds or services(name))
    stated, metas = ((name for name in names if not _holds_host(name, host)) for names in (stated, _metas(document)))
    for texts in (named or [], stated, metas, _markup(document)):  # only those are read that are needed
        people, agencies = sort(texts, own, trusted=True, language=language)
        if people or agencies:
            if not people:
                people, more = _signed(PageZones(page, title), own, language)
                agencies = list(dict.fromkeys([*agencies, *more]))
            return people, agencies
    zones = PageZones(page, title)
    people, agencies = _signed(zones, own, language)
    if not people and not agencies:
        for texts in (
            visible_authors.labelled(page),
            visible_authors.linked(document, zones),
            visible_authors.beside_dates(zones),
        ):
            people, _ = sort(texts, own, trusted=False, language=language)
            if people:
                break
        else:
            people, _ = sort(visible_authors.single_names(zones), own, trusted=True, language=language)
    if not people and named is None:  # where no one signs, the publisher itself may be stated as the author
        people = [name for name in map(_plain, _house(document)) if _may_be_house(name)][:1]
    return people, agencies


def _house(document: Document) -> Iterator[str]:
    """What metadata states as the author, the publisher and organisations too."""
    yield from (name for name, _ in _stated(document))
    yield from _metas(document)


def _plain(name: str) -> str:
    """A name without what stands in parentheses behind it."""
    return _PARENTHESES.sub("", squeeze(name))


def _may_be_house(name: str) -> bool:
    words = re.findall(r"[^\W\d_]+", name.lower())
    return not (
        len(name) > _LONGEST_HOUSE
        or any(mark in name for mark in "@:")
        or name.lower() in NO_ONE
        or word_lists.no_names().issuperset(words)
    )


def _signed(zones: PageZones, own: set[str], language: str | None) -> tuple[list[str], list[str]]:
    """People and services of the bylines, a desk where no person signs."""
    lines = list(visible_authors.bylines(zones))
    people, agencies = sort(lines, own, trusted=False, language=language)
    in_capitals = all(map(str.isupper, people))  # short names in capitals look like desks
    people = [name for name in people if name not in agencies and (in_capitals or not DESK.search(name))]
    if not people and not agencies:
        return sort(lines, own, trusted=False, language=language)
    return people, agencies


def _publishers(document: Document) -> Iterator[str]:
    for thing in (document.article.get("publisher"), document.article.get("sourceOrganization")):
        for one in thing if isinstance(thing, list) else [thing]:
            if isinstance(one, dict) and isinstance(one.get("name"), str):
                yield one["name"]
    yield _host(document)


def _host(document: Document) -> str:
    return document.page.url.split("/")[2].removeprefix("www.")


def _holds_host(name: str, host: str) -> bool:
    """True for the publisher's name with the site's, as in ``Hafenkurier (www.hafenkurier.example)``."""
    return host in (lowered := name.lower()) and "@" not in lowered and not _LISTED.search(name)


def _stated(document: Document) -> Iterator[tuple[str, str]]:
    """The names of JSON-LD's authors, each with the types of its object."""
    for name, kinds in document.graph.names(document.article, "author", "creator"):
        yield name, " ".join(kinds)


def _metas(document: Document) -> Iterator[str]:
    """The names in the first kind of meta tag that holds any."""
    for key in _META:
        if found := [text for text in document.metas.get(key, []) if "://" not in text and not text.startswith("@")]:
            for text in found[:MOST]:
                text = _TAG.sub("", text) if "<" in text else text
                text = re.sub(r"[\[\]\"]", "", text) if text.startswith('["') else text  # a list that was made a text
                last, comma, first = text.partition(", ")
                is_turned = key.startswith("citation") or (key.startswith("dc") and " " not in last)
                yield f"{first} {last}" if comma and is_turned and "," not in first else text
            return
    for number in ("1", "2"):
        label = (document.meta(f"twitter:label{number}") or "").lower()
        if any(word in label for word in ("written by", "verfasst von", "author", "écrit par", "escrito por", "autor")):
            yield document.meta(f"twitter:data{number}") or ""


def _markup(document: Document) -> Iterator[str]:
    """Names that microdata or ``rel=author`` mark as the author's; too many are a list of the staff."""
    found: list[str] = []
    for element in cast(list[HtmlElement], _MARKED(document.body)):
        if element.tag not in _MAY_NAME:
            continue
        properties = f"{element.get('itemprop') or ''} {element.get('property') or ''}".lower().split()
        properties = [name.removeprefix("schema:") for name in properties]
        if "author" in properties or "author" in (element.get("rel") or "").lower().split():
            named = (e for e in element.iter() if _NAME.search(e.get("itemprop") or e.get("property") or ""))
            inner = next(named, element)
            text = inner.get("content") or visible_authors.text_of_parts(inner)
            if 0 < len(text) < 80:
                found.append(text)
    found = list(dict.fromkeys(found))
    if len(found) <= _FEW:
        yield from found
