"""The people who wrote an article."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from klartext.dates import words as date_words
from klartext.dates.tokens import fold
from klartext.extract import word_lists
from klartext.extract.blocks import Block, hints, letters, squeeze
from klartext.extract.bylines import services
from klartext.extract.document import Document

_BYLINE = re.compile(
    r"(?:(?:ein(?:e)? )?\w{4,20} )?"
    r"(?:(?:written|words|posted|published|reported|story|article|text|reviewed|authored) by|"
    r"(?:von|text|autor(?:in|en|a|es)?|auteurs?|autore|by|par|por|di|door|av|af|skrevet av|skriven av|teksti|od|"
    r"napisał[a]?|"
    r"szerző|yazan|автор(?:ы)?|текст|автори|συντάκτης|作者|记者|記者|文|作者|撰文|글)(?=[\s:：/／]))\s*[:：/／]?\s*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[,;/|、，；•·&\n]|(?<=\s)(?:und|and|mit|et|y|e|en|og|och|ja|i|a|ve|и|with)(?=\s)")
_BEHIND = re.compile(r"\s[-–—|•·]\s|\d|\s\||\sin\s[A-Z]|\s@")
_PERSON = re.compile(
    r"(?:(?:Dr|Prof|Dipl|Ing|med|Mr|Mrs|Ms|St)\.?[- ]?){0,25}+[^\W\d_][\w.'’´-]{0,49}"
    r"(?: (?:von|van|de|del|della|di|der|den|zu|al|el|bin|la|le|da|dos|ter|[^\W\d_][\w.'’´-]{0,49})){1,4}"
)
"""A name of at most :data:`_LONGEST_NAME` characters."""
_LONGEST_NAME = 49
_CJK = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]{2,6}|[\uac00-\ud7af]{2,4}")
_CJK_TITLE = re.compile(
    r"(?:\s?(?:기자|특파원|記者|记者|編輯|编辑)|報導|报道)$|^(?:责任编辑|記者|记者|本报记者|通讯员|編集|文)[:：/／]?\s?"
)
_DESK = re.compile(r"\b(?:Redaktion|Newsdesk|Deutschland|Editors|Staff|Team|Desk)\b|^[A-ZÄÖÜ]{2,4} [A-ZÄÖÜ][A-ZÄÖÜ-]+$")
_CREDENTIAL = re.compile(
    r"(?:[A-Z]\.?){2,5}[®™]?(?:[-/ ](?:[A-Z]\.?|\d){2,5})*"
    r"|(?:Ph|M|Ed|Psy|Pharm)\.?\s?D\.?s?|Jr\.?|Sr\.?|[IVX]{2,4}|Esq\.?"
)
_NO_NAME = frozenset(
    "redaktion uhr lesezeit minuten min aktualisiert stand foto bild video artikel kommentare teilen mehr "
    "nachrichten news online zeitung newsletter veröffentlicht frankfurt berlin written published updated by "
    "posted last modified reviewed checked medically author authors posts post view all says insights article "
    "this our your can about follow share read more reading contributor contributors comments comment editor "
    "editors writer writers reporter correspondent director manager consultant specialist expert founder owner "
    "president officer attorney analyst nutritionist dietitian therapist professor department photographer photo "
    "image unsplash getty images copyright admin administrator webmaster redakteur redakteurin korrespondent "
    "reporterin chefredakteur autor autorin rédaction redacción redazione redaksjonen toimitus redakcja редакция "
    "редактор subscribe team staff".split()
)
_BOX = frozenset(("author", "authors", "autor", "autoren", "byline", "authorname", "auteur", "autore", "writer"))
_META = (
    "author", "authors", "article:author", "article:author_name", "parsely-author", "sailthru.author",
    "dc.creator", "dcterms.creator", "dc.creator.personalname", "citation_author", "byl", "cxenseparse:author",
    "article.author", "shareaholic:article_author_name", "creator", "rnews:author", "vr:author", "og:author",
)  # fmt: skip
_MOST = 20
_BYLINE_PLACE = 4
_MARKED = etree.XPath("descendant-or-self::*[@itemprop or @rel]")
_MAY_NAME = frozenset(("a", "span", "div", "p", "address", "meta"))


def find(
    document: Document, page: list[Block], publisher: str, named: list[str] | None = None
) -> tuple[list[str], list[str]]:
    """Authors and, found beside them, wire services.

    Args:
        document: The page.
        page: Its blocks, those of the text marked.
        publisher: The name of the publisher.
        named: The texts of the elements that the source's rules name.

    Of what the page states, JSON-LD counts before meta tags, those before markup (microdata, ``rel=author``) and the
    byline; a name that is the publisher's, a domain or a mail address is no author's. A service or a desk that the page
    itself names as the author is one; one that is only credited is not. The publisher is, where its metadata says so,
    no one else is named, and no rules of the source name the authors.
    """
    own = {letters(x) for x in (publisher, document.meta("og:site_name") or "", *_publishers(document)) if x}
    byline = _bylines(page)
    stated = (name for name, kinds in _stated(document) if "Organization" not in kinds or services(name))
    sources: tuple[tuple[Iterable[str], bool], ...] = (  # only those are read that are needed
        (named or [], True), (stated, True), (_metas(document), True), (_markup(document), True),
        (byline, False), (_labelled(page), False),
    )  # fmt: skip
    for place, (texts, trusted) in enumerate(sources):
        people, agencies = _sort(texts, own, trusted=trusted)
        if texts is byline:
            people = [name for name in people if name not in agencies and not _DESK.search(name)]
        if people or agencies:
            if not people and place < _BYLINE_PLACE:
                people, more = _sort(byline, own, trusted=False)
                agencies = list(dict.fromkeys([*agencies, *more]))
            return people, agencies
    # where no one signs, the publisher itself may be stated as the author
    house = [squeeze(name) for name in [*(n for n, _ in _stated(document)), *_metas(document)]] if named is None else []
    return [name for name in house if letters(name) and "@" not in name and "://" not in name][:1], []


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
            for text in found[:_MOST]:
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
            text = squeeze(inner.get("content") or "".join(inner.itertext()))
            if 0 < len(text) < 80:
                found.append(text)
    found = list(dict.fromkeys(found))
    if len(found) <= 4:
        yield from found


def _bylines(page: list[Block]) -> Iterator[str]:
    """The author's name between headline and text, or right behind the text."""
    kept = [b.index for b in page if b.keep and len(b.text) > 120]
    if not kept:
        return
    top = max((b.index for b in page if b.tag == "h1" and b.index < kept[0]), default=max(0, kept[0] - 12))
    zone = [*page[max(0, top - 2) : kept[0]], *page[kept[-1] + 1 : kept[-1] + 4]]
    for block in zone:
        if len(block.text) > 120 or block.tag == "h1":
            continue
        if match := _BYLINE.match(block.text):
            yield _BEHIND.split(block.text[match.end() :])[0]
        elif any(hints(e) & _BOX for e in block.around[:4]):
            yield _BEHIND.split(block.text)[0]


def _labelled(page: list[Block]) -> Iterator[str]:
    """Names that are alone in a box of authors anywhere on the page; too many are a list of the staff."""
    found = {b.text for b in page if len(b.text) <= _LONGEST_NAME and _PERSON.fullmatch(b.text)
             and any(hints(e) & _BOX for e in b.around[:2])}  # fmt: skip
    if len(found) <= 3:
        yield from sorted(found)


def _sort(texts: Iterable[str], own: set[str], *, trusted: bool) -> tuple[list[str], list[str]]:
    """People and wire services in texts. Of a ``trusted`` text, which is an author's by its place, a single word may be
    a name too."""
    people: list[str] = []
    agencies: list[str] = []
    known = word_lists.agencies()
    for text in texts:
        cleaned = re.sub(r"\([^()]*\)|\S+@\S+|https?://\S+", " ", squeeze(text)[:400])
        cleaned = _BYLINE.sub("", cleaned, count=1) if _BYLINE.match(cleaned) else cleaned
        parts = _BETWEEN.split(cleaned)
        for part in parts:
            name = _without_date(part.strip(" .,:-–|"))
            key = letters(name)
            if not key or _is_own(key, own):
                continue
            if name.lower() in known or all(w in known for w in re.split(r"[-/ ]", name.lower())):
                agencies.extend(services(name))
                people.append(name)
            elif _is_person(name, alone=trusted and len(parts) == 1):
                people.append(_CJK_TITLE.sub("", name) if _CJK.search(name) else name)
    people = [name for name in dict.fromkeys(people) if name]
    return people[:_MOST], list(dict.fromkeys(agencies))


def _is_own(key: str, own: set[str]) -> bool:
    """True for the publisher's name or a part of it."""
    return key in own or any(key == o or (len(key) > 8 and (key in o or (o in key and len(o) > 8))) for o in own)


def _is_person(name: str, *, alone: bool) -> bool:
    if len(name) > _LONGEST_NAME:
        return False
    if _CJK.fullmatch(_CJK_TITLE.sub("", name)):
        return True
    if _CREDENTIAL.fullmatch(name):
        return False
    if _DESK.search(name):
        return True
    words = [w.lower() for w in re.findall(r"\w+", name)]
    if any(word in _NO_NAME for word in words):
        return False
    if _PERSON.fullmatch(name):
        return any(part[:1].isupper() or not part[:1].islower() for part in name.split()[:1]) or alone
    return alone and re.fullmatch(r"[^\W\d_][\w.'’-]{1,24}", name) is not None


def _without_date(name: str) -> str:
    """A name without the month or weekday of the date behind it, as in ``Jule Sandmann Mai 14``."""
    parts = name.split(" ")
    while len(parts) > 1 and (fold(parts[-1].strip(".,")) in _date_words()):
        parts.pop()
    return " ".join(parts).strip(" .,:-–|")


def _date_words() -> frozenset[str]:
    # names of months that are also names of people stay
    return (frozenset(date_words.months()) | date_words.weekdays()) - {
        "may",
        "june",
        "april",
        "august",
        "jan",
        "mai",
        "dan",
    }
