"""The people who wrote an article."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from klartext.extract import word_lists
from klartext.extract.blocks import Block, hints, letters, squeeze
from klartext.extract.bylines import services
from klartext.extract.document import Document

_BYLINE = re.compile(r"(?:(?:ein(?:e)? )?\w{4,20} )?(?:von|text|autor(?:in|en)?|by)\b[:\s]+", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:[,;/|]|\bund\b|\band\b|\bmit\b|•|·|&)\s*")
_BEHIND = re.compile(r"\s[-–|•]\s|\d|\s\|")
_PERSON = re.compile(
    r"(?:(?:Dr|Prof|Dipl|Ing|med)\.[- ]?)*[^\W\d_][\w.'’´-]*"
    r"(?: (?:von|van|de|del|der|den|zu|al|el|bin|la|le|da|dos|ter|[^\W\d_][\w.'’´-]*)){1,4}"
)
_DESK = re.compile(r"\b(?:Redaktion|Newsdesk|Deutschland)\b|^[A-ZÄÖÜ]{2,4} [A-ZÄÖÜ][A-ZÄÖÜ-]+$")
_NO_NAME = frozenset(
    "redaktion uhr lesezeit minuten min aktualisiert stand foto bild video artikel kommentare teilen mehr nachrichten "
    "news online zeitung newsletter veröffentlicht frankfurt berlin".split()
)


def find(
    document: Document, page: list[Block], publisher: str, named: list[str] | None = None
) -> tuple[list[str], list[str]]:
    """Authors and, found beside them, wire services.

    ``named`` are the texts of the places that the source's rules name. Of the page's own words JSON-LD counts before
    meta tags and the byline; a name that is the publisher's, a domain or a mail address is no author's. A service or a
    desk that the page itself names as the author is one; one that is only credited is not. The house is, where its
    JSON-LD says so, nobody else is named, and no rules of the source say where authors stand.
    """
    own = {letters(x) for x in (publisher, document.meta("og:site_name") or "", *_publishers(document)) if x}
    byline = list(_bylines(page))
    for texts in (named or [], list(_said(document)), document.metas.get("author", []), byline, list(_labelled(page))):
        people, agencies = _sort(texts, own)
        if texts is byline:
            people = [name for name in people if name not in agencies and not _DESK.search(name)]
        if people or agencies:
            if not people and byline and texts is not byline:
                people, more = _sort(byline, own)
                agencies = list(dict.fromkeys([*agencies, *more]))
            return people, agencies
    # where nobody signs, the house itself may be said to be the author
    house = [squeeze(name) for name in _said(document, houses=True)] if named is None else []
    return [name for name in house if letters(name) and "@" not in name][:1], []


def _publishers(document: Document) -> Iterator[str]:
    for thing in (document.article.get("publisher"), document.article.get("sourceOrganization")):
        for one in thing if isinstance(thing, list) else [thing]:
            if isinstance(one, dict) and isinstance(one.get("name"), str):
                yield one["name"]
    yield document.page.url.split("/")[2].removeprefix("www.")


def _said(document: Document, *, houses: bool = False) -> Iterator[str]:
    """The names of JSON-LD's ``author``, with those of organizations only if asked for: mostly they are the house."""
    waiting: list[Any] = [document.article.get("author")]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, list):
            waiting[:0] = one
        elif isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            kind = str(one.get("@type") or "Person")
            names = one.get("name")
            for name in names if isinstance(names, list) else [names]:
                if isinstance(name, str) and (houses or "Organization" not in kind or services(name)):
                    yield name


def _bylines(page: list[Block]) -> Iterator[str]:
    """What stands between headline and text, or right behind the text, as the author's name."""
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
        elif any(
            hints(e) & {"author", "authors", "autor", "autoren", "byline", "authorname"} for e in block.around[:4]
        ):
            yield _BEHIND.split(block.text)[0]


def _labelled(page: list[Block]) -> Iterator[str]:
    """Names that stand alone in a box of authors anywhere on the page; too many are a list of the staff."""
    found = {b.text for b in page if len(b.text) < 50 and _PERSON.fullmatch(b.text)
             and any(hints(e) & {"authors", "autoren", "author", "autor"} for e in b.around[:2])}  # fmt: skip
    if len(found) <= 3:
        yield from sorted(found)


def _sort(texts: list[str], own: set[str]) -> tuple[list[str], list[str]]:
    people: list[str] = []
    agencies: list[str] = []
    known = word_lists.agencies()
    for text in texts:
        cleaned = re.sub(r"\([^)]*\)|\S+@\S+|https?://\S+", " ", squeeze(text))
        cleaned = _BYLINE.sub("", cleaned, count=1) if _BYLINE.match(cleaned) else cleaned
        for part in _BETWEEN.split(cleaned):
            name = part.strip(" .,:-–|")
            key = letters(name)
            if (
                not key
                or key in own
                or any(key == o or (len(key) > 8 and (key in o or (o in key and len(o) > 8))) for o in own)
            ):
                continue
            if name.lower() in known or all(w in known for w in re.split(r"[-/ ]", name.lower())):
                agencies.extend(services(name))
                people.append(name)
            elif (_DESK.search(name) and len(name) < 50) or (
                _PERSON.fullmatch(name)
                and not {w.lower() for w in re.findall(r"\w+", name)} & _NO_NAME
                and len(name) < 50
            ):
                people.append(name)
    return list(dict.fromkeys(people)), list(dict.fromkeys(agencies))
