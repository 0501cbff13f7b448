"""The headline as the reader sees it, and the line above it."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Collection
from html import unescape
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from klartext.extract.blocks import Block, hints, letters, squeeze
from klartext.extract.document import Document

_KICKER = frozenset("kicker overline dachzeile topline roofline spitzmarke eyebrow catchline pretitle supertitle "
                    "oberzeile headlinekicker vortitel intro topic".split())  # fmt: skip
_BADGE = frozenset("hidden badge icon sr screenreader visually tooltip premium plus".split())
_BEFORE_MARK = re.compile(r" ([:,.!?])")
_MOST = 50
"""Headings of first rank that are titles of the page; with more they are those of its sections."""
_LONG_WORD = re.compile(r"\w{3,}")
_SITE = re.compile(r"\s[|–—·•»-]\s[^|–—·•»]{2,60}$")
"""The site's name behind a title. White space is single, see :func:`klartext.extract.clean_text.squeeze`."""

_REPLIES = re.compile(r"(?<![\d.,])\d[\d.,]{0,9} [^\W\d_]{3,15} (?:[^\W\d_]{1,4} )?[\"'“”„«»‘’‚「]")
"""What stands above comments, as ``15 Replies to “…”`` with the headline."""


@dataclasses.dataclass(frozen=True, slots=True)
class Headline:
    """``keys`` are all writings of the headline on the page, as letters: what may not be repeated in the text."""

    title: str | None
    kicker: str | None
    keys: list[str]


def find(document: Document, page: list[Block], publisher: str, first_text: int) -> Headline:
    """The visible headline: of several, the one that the page's other titles agree with, nearest above the text."""
    sites = _sites(document, publisher)
    others = _said(document, sites)
    seen = {
        h: text for h in document.elements("h1") if letters(text := _text(h)) and not _is_logo(h, text, sites, others)
    }
    places = _places(seen.keys(), page) if len(seen) > 1 else {}
    if len(seen) > 1:
        best = max(seen, key=lambda h: _weight(places.get(h, -1), seen[h], others, first_text))
    else:  # as most pages have
        best = next(iter(seen), None)
    if best is not None and others and not any(_agree(seen[best], other) > 0.2 for other in others):
        # an h1 that no other title of the page knows: the section's, a widget's, or a headline with another SEO title
        below = _below_h1(document, others)
        best = below if below is not None or len(seen[best].split()) <= 3 else next(iter(seen))
    elif best is not None and others and seen[best] not in others and not any(_tells(seen[best], o) for o in others):
        places = places or _places(seen.keys(), page)
        if places.get(best, -1) > first_text:  # a heading of the text, which shares a few words with the titles
            seen = {
                h: text for h, text in seen.items()
                if places.get(h, -1) <= first_text or any(_tells(text, other) for other in others)
            }  # fmt: skip
            best = None
    if best is None:
        best = _below_h1(document, others)
    title, kicker = _split(best, others) if best is not None else (None, None)
    if title is None:
        title = others[0] if others else None
    further = {h: text for h, text in seen.items() if h is not best}
    places = places or (_places(further.keys(), page) if further else {})
    below = {h for h, text in further.items() if _is_below(places.get(h, -1), text, others, first_text)}
    top = [text for h, text in seen.items() if len(below) < 2 or h not in below]  # several are those of sections
    writings = [title or "", kicker or "", f"{kicker or ''}{title or ''}", *top[:_MOST], *others]
    keys = [key for key in dict.fromkeys(letters(w) for w in writings) if len(key) > 3]
    return Headline(title, kicker or _above(best, page), keys)


def _said(document: Document, sites: frozenset[str]) -> list[str]:
    """Titles in JSON-LD and meta tags, without the site's name."""
    found = []
    metas = document.meta("og:title"), document.meta("twitter:title")
    for text in (document.article.get("headline"), *metas, document.title):
        if isinstance(text, str) and (text := _shown(text)):
            bare = text
            while (shorter := _SITE.sub("", bare)) != bare and _names_site(bare[len(shorter) :], sites):
                bare = shorter
            found.append(bare)
    return list(dict.fromkeys(found))


def _sites(document: Document, publisher: str) -> frozenset[str]:
    """The names of the site, as letters."""
    return _keys(publisher, document.meta("og:site_name", "application-name") or "", document.page.url.split("/")[2])


@functools.lru_cache(maxsize=256)  # pages of one site have them in common
def _keys(publisher: str, site: str, host: str) -> frozenset[str]:
    host = host.removeprefix("www.")
    return frozenset(key for name in (publisher, site, host, host.rpartition(".")[0]) if (key := letters(name)))


def _is_logo(heading: HtmlElement, text: str, sites: frozenset[str], others: list[str]) -> bool:
    """True for a heading that names the site, or that as a whole leads to its front page, and not the article."""
    key = letters(text)
    if any(len(other) > len(text) and key == letters(other) for other in others):
        return False
    leads_home = any(_is_front_page(a) and letters("".join(a.itertext())) in ("", key) for a in heading.iter("a"))
    above = heading.getparent()
    leads_home = leads_home or (above is not None and above.tag == "a" and _is_front_page(above))
    return (key in sites or leads_home) and not any(key == letters(other) for other in others)


def _is_front_page(link: HtmlElement) -> bool:
    """True if a link leads to a front page, and not to a place on its own page."""
    href = link.get("href") or "#"
    try:
        return href[:1] != "#" and urlsplit(href).path in ("", "/")
    except ValueError:  # no address at all
        return False


def _names_site(tail: str, sites: frozenset[str]) -> bool:
    key = letters(tail)
    if any(key in site or site in key for site in sites) or len(key) <= 14:
        return True
    words = [letters(word) for word in tail.split()]
    return any(all(word in site for word in words) for site in sites)  # ``Harbour Ferries`` of ferries.harbour.example


def _text(element: HtmlElement) -> str:
    """The text of a heading, without badges and what only a screen reader says."""
    if not len(element):
        return _BEFORE_MARK.sub(r"\1", _shown(element.text or ""))
    parts = []
    silent: HtmlElement | None = None
    for event, e in etree.iterwalk(element, events=("start", "end")):
        if silent is None:
            if event == "start":
                if e is not element and (e.tag in ("script", "style", "svg") or hints(e) & _BADGE):
                    silent = e
                else:
                    if e is not element and e.tag not in ("em", "b", "strong", "i", "sub", "sup", "wbr", "mark"):
                        parts.append(" ")
                    parts.append(e.text or "")
            elif e is not element:
                parts.append(
                    (" " if e.tag in ("div", "p", "br", "span") and not (e.tail or "")[:1].isalnum() else "")
                    + (e.tail or "")
                )
        elif event == "end" and e is silent:
            silent = None
            parts.append(e.tail or "")
    return _BEFORE_MARK.sub(r"\1", _shown("".join(parts)))


def _shown(text: str) -> str:
    """Text as a reader should see it, where a publisher wrote an entity's ampersand as an entity of its own."""
    return squeeze(unescape(text) if "&" in text and ";" in text else text)


def _agree(one: str, other: str) -> float:
    if one == other:  # as most titles of a page
        return float(_LONG_WORD.search(one) is not None)
    a, b = set(_LONG_WORD.findall(one.lower())), set(_LONG_WORD.findall(other.lower()))
    return len(a & b) / max(1, min(len(a), len(b)))


def _places(headings: Collection[HtmlElement], page: list[Block]) -> dict[HtmlElement, int]:
    """The first block of each heading that has any, found in one walk over the page."""
    found: dict[HtmlElement, int] = {}
    wanted = set(headings)
    for block in page:
        if not wanted.isdisjoint(block.around):
            for heading in wanted.intersection(block.around):
                found[heading] = block.index
                wanted.discard(heading)
    return found


def _weight(place: int, text: str, others: list[str], first_text: int) -> tuple[float, bool, float]:
    near = -abs(first_text - place) if place >= 0 else -9999.0
    return (round(max((_agree(text, o) for o in others), default=0.0), 1), 0 <= place <= first_text, near)


def _is_below(place: int, text: str, others: list[str], first_text: int) -> bool:
    """True for a heading behind the beginning of the text that no title of the page knows."""
    return place > first_text and not any(_agree(text, other) > 0.8 for other in others)


def _tells(text: str, title: str) -> bool:
    """True for a heading that has more than half of the words of a title."""
    said = set(_LONG_WORD.findall(title.lower()))
    return 2 * len(said.intersection(_LONG_WORD.findall(text.lower()))) > len(said)


def _below_h1(document: Document, others: list[str]) -> HtmlElement | None:
    """On a page without h1 of its own: a heading that says what the page's titles say."""
    for tag in ("h2", "h3"):
        for heading in document.tree.iter(tag):
            text = _text(heading)
            if (
                len(text) > 15
                and not _REPLIES.match(text)
                and any(letters(text) in letters(o) or letters(o) in letters(text) for o in others)
            ):
                return heading
    return None


def _split(heading: HtmlElement, others: list[str]) -> tuple[str | None, str | None]:
    """Headline and kicker, where the heading holds both in elements of their own: by the kicker's name, its colon, or
    the colon that another title of the page has behind it."""
    whole = _text(heading)
    for child in heading.iterdescendants():
        if not isinstance(child.tag, str):
            continue
        part = _text(child)
        named = bool(hints(child) & _KICKER)
        if (
            part
            and whole.startswith(part)
            and len(part) < len(whole)
            and (named or (part.endswith(":") and len(part) < 60) or any(o.startswith(f"{part}: ") for o in others))
        ):
            rest = whole[len(part) :].lstrip(" :–—|")
            if len(rest) > 8:
                return rest, part.rstrip(" :–—|") or None
    return _told_apart(heading, whole, others) or (whole or None, None)


def _told_apart(heading: HtmlElement, whole: str, others: list[str]) -> tuple[str, str] | None:
    """A heading of several elements that ends in what the page's other titles say: what comes before is the kicker."""
    if not any(isinstance(child.tag, str) and child.tag in ("span", "div", "br", "em") for child in heading):
        return None
    key = letters(whole)
    for other in others:
        said = letters(other)
        if 12 < len(said) < len(key) and key.endswith(said) and len(key) - len(said) < 60:
            cut = next(i for i in range(len(whole)) if letters(whole[i:]) == said and whole[i].isalnum())
            while cut and whole[cut - 1] in "„“»«\"'‚›":
                cut -= 1
            return whole[cut:], whole[:cut].strip(" :–—|")
    return None


def _above(heading: HtmlElement | None, page: list[Block]) -> str | None:
    """A short line right above the heading that is named a kicker."""
    if heading is None:
        return None
    place = next((b.index for b in page if heading in b.around), 0)
    for block in page[max(0, place - 2) : place]:
        if len(block.text) < 80 and any(hints(e) & _KICKER for e in block.around[:2]):
            return block.text.rstrip(" :")
    return None
