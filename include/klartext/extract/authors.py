"""The people who wrote an article."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from klartext.extract import word_lists
from klartext.extract.author_names import BYLINE, DESK, LONGEST_NAME, MOST, cut_before, is_full_name, sort
from klartext.extract.blocks import BLOCKS, Block, hints, letters, squeeze
from klartext.extract.bylines import services
from klartext.extract.document import Document
from klartext.extract.page_zones import PageZones

_FIELD = re.compile(r"\s?\|\s?|\s[•·]\s")
_BEHIND = re.compile(r"\s[-–—]\s|\d|\sin\s[A-Z]|\s@")
_LABEL = re.compile(
    r"(?:(?:(?:written|words|posted|published|reported|story|article|text|authored) )?by|(?:about the )?authors?|words|"
    r"text|autor(?:in|en|es|a|ka|i)?(?:/autor(?:in)?)?|auteurs?|autrice|autore|von|par|por|di|door|av|af|od|szerző|yazar|"
    r"(?:geschrieben|verfasst) von|(?:escrito|publicado|redactado) por|(?:écrit|publié|rédigé) par|"
    r"(?:scritto|pubblicato) da|автор(?:ы|ка)?|текст|συντάκτης|作者|记者|記者|執筆|文|글|작성자|بقلم|الكاتب)\s?[:：]?",
    re.IGNORECASE,
)
"""A line that introduces the name in the next one."""
_BY_INSIDE = re.compile(r"(?:\d|[|•·,–—-]|\bago|\bon) (?:[Bb]y|[Vv]on|[Pp]ar|[Pp]or|[Dd]oor|[Aa]v|[Aa]f) (?=[^\W\d_])")
"""What introduces a name behind a date or another field of a line."""
_FIELDS = re.compile(r"\s?[|•·–—]\s?|\s-\s|, |\s?(?=\d)")
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es|in|innen|i)?|auteurs?|autori|contributors?|our-(?:people|experts|team)|journalists?|"
    r"redakteure?|verfasser|writers?|reporters?|skribent|forfatter|yazar(?:lar)?|avtor|profil(?:e|es)?)/[^/?#]+",
    re.IGNORECASE,
)
_BOX = frozenset(
    "author authors autor autoren byline bylines authorname auteur auteurs autore autori autores writer contributor "
    "contributors firma firmante signature skribent forfatter kirjoittaja yazar penulis autorzy vcard redakteur".split()
)
_LONGEST_LINE = 120
_FEW = 4
_NEAREST = 3
_NAMED = re.compile(
    r"(?:author|autor(?:in)?(?:/autor)?|auteur|autore|автор|written by|written and|yazar|szerző)\s?[:：]?\s(?=\w)",
    re.IGNORECASE,
)
"""What a line begins with that names the author wherever it stands."""
_META = (
    "author", "authors", "article:author", "article:author_name", "parsely-author", "sailthru.author",
    "citation_author", "citation_authors", "dc.creator",
    "dcterms.creator", "dc.creator.personalname", "byl", "cxenseparse:author", "article.author",
    "shareaholic:article_author_name", "creator", "rnews:author", "vr:author", "og:author",
)  # fmt: skip
# the elements of attributes: four times as fast as all elements that have one of the attributes
_MARKED = etree.XPath("descendant-or-self::*/@itemprop/.. | descendant-or-self::*/@rel/..")
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
    stated = (name for name, kinds in _stated(document) if "Organization" not in kinds or services(name))
    for texts in (named or [], stated, _metas(document), _markup(document)):  # only those are read that are needed
        people, agencies = sort(texts, own, trusted=True, language=language)
        if people or agencies:
            if not people:
                people, more = _signed(PageZones(page, title), own, language)
                agencies = list(dict.fromkeys([*agencies, *more]))
            return people, agencies
    zones = PageZones(page, title)
    people, agencies = _signed(zones, own, language)
    if people or agencies:
        return people, agencies
    for texts in (_labelled(page), _linked(document, zones), _beside_dates(zones)):
        people, agencies = sort(texts, own, trusted=False, language=language)
        if people:
            return people, agencies
    # where no one signs, the publisher itself may be stated as the author
    house = [squeeze(name) for name in [*(n for n, _ in _stated(document)), *_metas(document)]] if named is None else []
    return [name for name in house if _may_be_house(name)][:1], []


def _may_be_house(name: str) -> bool:
    words = re.findall(r"[^\W\d_]+", name.lower())
    return "@" not in name and "://" not in name and not word_lists.no_names().issuperset(words)


def _signed(zones: PageZones, own: set[str], language: str | None) -> tuple[list[str], list[str]]:
    """People and services of the bylines, a desk where no person signs."""
    lines = list(_bylines(zones))
    people, agencies = sort(lines, own, trusted=False, language=language)
    people = [name for name in people if name not in agencies and not DESK.search(name)]
    if not people and not agencies:
        return sort(lines, own, trusted=False, language=language)
    return people, agencies


def _publishers(document: Document) -> Iterator[str]:
    for thing in (document.article.get("publisher"), document.article.get("sourceOrganization")):
        for one in thing if isinstance(thing, list) else [thing]:
            if isinstance(one, dict) and isinstance(one.get("name"), str):
                yield one["name"]
    yield document.page.url.split("/")[2].removeprefix("www.")


def _stated(document: Document) -> Iterator[tuple[str, str]]:
    """The names of JSON-LD's authors, each with the types of its object."""
    for name, kinds in document.graph.names(document.article, "author", "creator"):
        yield name, " ".join(kinds)


def _metas(document: Document) -> Iterator[str]:
    """The names in the first kind of meta tag that holds any."""
    for key in _META:
        if found := [text for text in document.metas.get(key, []) if "://" not in text and not text.startswith("@")]:
            for text in found[:MOST]:
                last, comma, first = text.partition(", ")
                yield f"{first} {last}" if comma and key.startswith("citation") and "," not in first else text
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
        properties = (element.get("itemprop") or "").lower().split()
        if "author" in properties or "author" in (element.get("rel") or "").lower().split():
            inner = next((e for e in element.iter() if "name" in (e.get("itemprop") or "").split()), element)
            text = inner.get("content") or _text(inner)
            if 0 < len(text) < 80:
                found.append(text)
    found = list(dict.fromkeys(found))
    if len(found) <= _FEW:
        yield from found


def _text(element: HtmlElement) -> str:
    """The text of an element, its blocks apart from each other by commas."""
    parts: list[str] = []
    for event, inner in itertools.islice(etree.iterwalk(element, events=("start", "end")), 100):
        if inner is not element and inner.tag in BLOCKS:
            parts.append(", ")
        text = inner.text if event == "start" else inner.tail if inner is not element else None
        if text:
            parts.append(text if text.isspace() or not parts or event == "end" else f" {text}")
    return re.sub(r"(?:\s?,)+", ",", squeeze("".join(parts))).strip(" ,")


def _bylines(zones: PageZones) -> Iterator[str]:
    """The texts with the author's name around headline and text."""
    is_label = False
    for block in [*zones.above[-2:], *zones.between, *zones.behind[:4]]:
        text = block.text
        if text[0] in "(（[【" and text[-1] in ")）]】":
            text = text[1:-1].strip()
        if len(text) > _LONGEST_LINE or block.tag == "h1" or _is_caption(block):
            is_label = False
        elif _LABEL.fullmatch(text):
            is_label = True
        else:
            if is_label:
                yield _before_date(text)
            elif (match := BYLINE.match(text)) or (match := _BY_INSIDE.search(text)):
                yield _before_date(text[match.end() :])
            elif any(hints(e) & _BOX for e in block.around[:4] if e not in zones.own):
                yield _before_date(text)
            else:
                for element in itertools.islice(block.element.iter("a", "span", "cite"), 20):
                    if hints(element) & _BOX or _AUTHOR_PAGE.search(element.get("href") or ""):
                        yield _text(element)
            is_label = False


def _is_caption(block: Block) -> bool:
    return any(
        e.tag in ("figure", "figcaption") or "caption" in word_lists.rules_of_names(hints(e))
        for e in block.around[:_NEAREST]
    )


def _before_date(text: str) -> str:
    """The text before what is no name: a date, a place, an account, a field that is no other name."""
    names, *others = _FIELD.split(text)
    names = ", ".join([names, *itertools.takewhile(is_full_name, map(str.strip, others))])
    match = _BEHIND.search(names)
    if match is None:
        return names
    return cut_before(names, match.start()) if match[0].isdigit() else names[: match.start()]


def _labelled(page: list[Block]) -> Iterator[str]:
    """Names that are alone in a box of authors, or behind a label, anywhere on the page; too many are a list of the
    staff."""
    found = set()
    for block in page:
        if len(block.text) > LONGEST_NAME:
            continue
        label = _NAMED.match(block.text)
        text = block.text[label.end() :] if label else block.text
        if is_full_name(text) and (label or any(hints(e) & _BOX for e in block.around[:2])):
            found.add(text)
    if len(found) <= 3:
        yield from sorted(found)


def _linked(document: Document, zones: PageZones) -> Iterator[str]:
    """Names of links to the page of an author, anywhere on the page; too many are those of other articles."""
    found: list[str] = []
    for link in document.body.iter("a"):
        if not _AUTHOR_PAGE.search(link.get("href") or "") or not is_full_name(text := _text(link)):
            continue
        if not zones.is_apart((link, *link.iterancestors())):
            found.append(text)
    found = list(dict.fromkeys(found))
    if len(found) <= 2:
        yield from found


def _beside_dates(zones: PageZones) -> Iterator[str]:
    """A name that begins a line below the headline and is followed by its bearer's role or by a date."""
    for block in zones.between:
        if len(block.text) <= _LONGEST_LINE and any(map(str.isdigit, block.text)) and not block.is_heading:
            name, *rest = _FIELDS.split(block.text)
            if rest and is_full_name(name.strip()):
                yield name.strip()
                return
