"""Names of authors that a reader sees on a page: in bylines around headline and text, behind labels, in links."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement

from klartext.extract import word_lists
from klartext.extract.author_names import (
    BYLINE,
    OTHER_WORK,
    cut_before,
    is_full_name,
    is_journalists_role,
    part_names,
    sort,
)
from klartext.extract.blocks import BLOCKS, Block, hints, squeeze
from klartext.extract.clean_text import FIELD_MARKS
from klartext.extract.document import Document
from klartext.extract.page_zones import PageZones

_FIELD = re.compile(rf"\s?[|│❘]\s?|\s[{FIELD_MARKS}]\s")
_BEHIND = re.compile(r"\s[-–—]\s|\d|\s(?:in|at|for)\s[A-Z]|\son\sbehalf\s|\s@")
_LABEL = re.compile(
    r"(?:(?:(?:written|words|posted|published|reported|story|article|text|authored) )?by|(?:about the )?authors?|words|"
    r"text|autor(?:in|en|es|a|ka|i)?(?:/autor(?:in)?)?|auteurs?|autrice|autore|von|par|por|di|door|av|af|od|szerző|yazar|"
    r"(?:geschrieben|verfasst) von|(?:escrito|publicado|redactado) por|(?:écrit|publié|rédigé) par|"
    r"(?:scritto|pubblicato) da|автор(?:ы|ка)?|текст|συντάκτης|作者|记者|記者|執筆|文|글|작성자|بقلم|الكاتب)\s?[:：]?",
    re.IGNORECASE,
)
"""A line that introduces the name in the next one."""
_REPORTER = re.compile(
    r"(?:記者|记者)([\u3400-\u9fff]{2,4}?)(?=[／/（(，]|報導|报道|$)|"
    r"(?:\[[^\]]{1,20}\]\s?)?([\uac00-\ud7af]{2,4})\s?(?:기자|특파원)"
)
"""A reporter's name between or before words of East Asian bylines: 記者王小明／台北報導, 홍길동 기자."""
_BY_INSIDE = re.compile(
    rf"(?:\d|[{FIELD_MARKS},–—-]|\bago|\bon) (?:[Bb]y|[Vv]on|[Pp]ar|[Pp]or|[Dd]oor|[Aa]v|[Aa]f) (?=[^\W\d_])"
)
"""What introduces a name behind a date or another field of a line."""
_FIELDS = re.compile(rf"\s?[{FIELD_MARKS}–—]\s?|\s-\s|, |\s(?=\d)")
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es|in|innen|i)?|auteurs?|autori|contributors?|our-(?:people|experts|team)|journalists?|"
    r"redakteure?|verfasser|writers?|reporters?|skribent|forfatter|yazar(?:lar)?|avtor|profil(?:e|es)?)/[^/?#]+"
    r"|\?_?author=[^&#]|&_?author=[^&#]",
    re.IGNORECASE,
)
"""The address of an author's page. Every alternative begins with a character, which is quick to look for."""
_BOX = frozenset(
    "author authors autor autoren byline bylines authorname auteur auteurs autore autori autores writer contributor "
    "contributors firma firmante signature skribent forfatter kirjoittaja yazar penulis autorzy vcard redakteur".split()
)
_ABOUT = frozenset("about bio biography bios description job position role".split())
"""Names of elements that describe an author."""
_LONGEST_LINE = 120
_NEAREST = 3
_NAMED = re.compile(
    r"(?:authors?|autor(?:in|en|es|a)?(?:/autor)?|auteurs?|autor[ei]|автор(?:ы|ка)?|written by|written and|yazar|"
    r"szerző)\s?[:：]?\s(?=\w)",
    re.IGNORECASE,
)
"""What a line begins with that names the author wherever it stands."""


def text_of_parts(element: HtmlElement) -> str:
    """The text of an element, its blocks apart from each other by commas."""
    parts: list[str] = []
    for event, inner in itertools.islice(etree.iterwalk(element, events=("start", "end")), 100):
        if inner is not element and inner.tag in BLOCKS:
            parts.append(", ")
        text = inner.text if event == "start" else inner.tail if inner is not element else None
        if text:
            parts.append(text if text.isspace() or not parts or event == "end" else f" {text}")
    return re.sub(r"(?:\s?,)+", ",", squeeze("".join(parts))).strip(" ,")


def bylines(zones: PageZones) -> Iterator[str]:
    """The texts with the author's name around headline and text."""
    is_label = is_of_others = False  # what the line before says of the people in this one
    names = _Names()
    for block in [*zones.above[-2:], *zones.between, *zones.behind[:4]]:
        text = block.text
        if text[0] in "(（[【" and text[-1] in ")）]】":
            text = text[1:-1].strip()
        if len(text) > _LONGEST_LINE or block.tag == "h1" or _is_caption(block, names):
            is_label = is_of_others = False
        elif match := OTHER_WORK.match(text):
            is_label, is_of_others = False, not match["names"].strip(" :")
        elif is_of_others and not _LABEL.fullmatch(text):
            is_of_others = False
        elif max(text) > "\u3000" and (match := _REPORTER.match(text)):
            yield match[1] or match[2]
            is_label = False
        elif _LABEL.fullmatch(text):
            is_label, is_of_others = True, False
        else:
            text = part_names(text)
            if is_label:
                yield _before_date(text)
            elif (match := BYLINE.match(text)) or (match := _BY_INSIDE.search(text)):
                yield _before_date(text[match.end() :])
            elif any(_is_box(names[e]) for e in block.around[:4] if e not in zones.own):
                yield _before_date(text)
            else:
                for element in itertools.islice(block.element.iter("a", "span", "cite"), 20):
                    if hints(element) & _BOX or _AUTHOR_PAGE.search(element.get("href") or ""):
                        yield text_of_parts(element)
            is_label = False


class _Names(dict[HtmlElement, frozenset[str]]):
    """What elements are called, each read once: lines that stand side by side share most of those around them."""

    def __missing__(self, element: HtmlElement) -> frozenset[str]:
        names = self[element] = hints(element)
        return names


def _is_box(names: frozenset[str]) -> bool:
    """True for an element that is named for an author, and not for a description of one."""
    return not names.isdisjoint(_BOX) and names.isdisjoint(_ABOUT)


def _is_caption(block: Block, names: _Names) -> bool:
    return any(
        e.tag in ("figure", "figcaption") or "caption" in word_lists.rules_of_names(names[e])
        for e in block.around[:_NEAREST]
    )


def _before_date(text: str) -> str:
    """The text before what is no name: a date, a place, an account, a field that is no other name. A date in a field
    of its own may come first."""
    first, *others = map(str.strip, _FIELD.split(text))
    if others and not _name_of(first):
        first, *others = others
    return _name_of(", ".join([first, *itertools.takewhile(is_full_name, others)]))


def _name_of(text: str) -> str:
    match = _BEHIND.search(text)
    if match is None:
        return text
    return cut_before(text, match.start()) if match[0].isdigit() else text[: match.start()]


def labelled(page: list[Block]) -> Iterator[str]:
    """Names that are alone in a box of authors, or behind a label, anywhere on the page; too many are a list of the
    staff."""
    found: list[str] = []
    for block in page:
        if len(block.text) > _LONGEST_LINE:
            continue
        if label := _NAMED.match(block.text):
            people, _ = sort([block.text[label.end() :]], set(), trusted=False)
            found += filter(is_full_name, people)
        elif is_full_name(block.text) and any(hints(e) & _BOX for e in block.around[:2]):
            found.append(block.text)
    found = list(dict.fromkeys(found))
    if len(found) <= 3:
        yield from found


def linked(document: Document, zones: PageZones) -> Iterator[str]:
    """Names of links to the page of an author, anywhere on the page; too many are those of other articles."""
    found: list[str] = []
    for link in document.body.iter("a"):
        if not _AUTHOR_PAGE.search(link.get("href") or "") or not is_full_name(text := text_of_parts(link)):
            continue
        if not zones.is_apart((link, *link.iterancestors())):
            found.append(text)
    found = list(dict.fromkeys(found))
    if len(found) <= 2:
        yield from found


def beside_dates(zones: PageZones) -> Iterator[str]:
    """A name that begins a line below the headline and is followed by its bearer's role, in the line or the next one,
    or by a date."""
    for block, below in itertools.zip_longest(zones.between, zones.between[1:]):
        if len(block.text) <= _LONGEST_LINE and not block.is_heading:
            name, *rest = map(str.strip, _FIELDS.split(block.text))
            if not rest and below is not None and is_journalists_role(below.text):
                rest = [below.text]
            if rest and (any(map(str.isdigit, block.text)) or is_journalists_role(rest[0])) and is_full_name(name):
                yield name
                return


def single_names(zones: PageZones) -> Iterator[str]:
    """Names of one word, as bloggers have: of links to the page of an author, in a byline or in a box of authors."""
    for block in zones.between:
        if len(block.text) > _LONGEST_LINE or not (
            BYLINE.match(block.text) or any(_is_box(hints(e)) for e in block.around[:2] if e not in zones.own)
        ):
            continue
        for link in itertools.islice(block.element.iter("a"), 20):
            if _AUTHOR_PAGE.search(link.get("href") or "") and len((text := text_of_parts(link)).split()) == 1:
                yield text
