"""Section, topics, images and language of an article."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from klartext.extract import word_lists
from klartext.extract.blocks import Block, hints, letters, squeeze
from klartext.extract.document import Document
from klartext.model import Image
from klartext.urls import page_key

_CREDIT = re.compile(
    r"(?:\W|^)((?:Foto|Bild|Fotos|Bilder|Quelle|Bildrechte|Credit|Copyright|Grafik|©|\(c\))\s?[:©]?\s?.{2,120})$"
)
_SPOKEN = (
    "ar bg bs ca cs da de el en es et fa fi fr ga he hi hr hu is it ja ko ku la lb lt lv mk nl no pl pt ro ru sk sl sq "
    "sr sv tr uk vi zh"
).split()
_SHORTEST, _SHORTEST_DENSE = 60, 20
"""Characters of a text whose language is determined; of one in Chinese, Japanese or Korean."""
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")
_SCRIPTS = [
    (re.compile(f"[{first}-{last}]"), code)
    for first, last, code in (
        ("\u0530", "\u058f", "hy"), ("\u10a0", "\u10ff", "ka"), ("\u0e00", "\u0e7f", "th"), ("\u0980", "\u09ff", "bn"),
        ("\u0b80", "\u0bff", "ta"), ("\u0c00", "\u0c7f", "te"), ("\u0c80", "\u0cff", "kn"), ("\u0d00", "\u0d7f", "ml"),
        ("\u0a80", "\u0aff", "gu"), ("\u0a00", "\u0a7f", "pa"), ("\u0d80", "\u0dff", "si"), ("\u1780", "\u17ff", "km"),
        ("\u0e80", "\u0eff", "lo"), ("\u1000", "\u109f", "my"), ("\u1200", "\u137f", "am"),
    )
]  # fmt: skip
"""Scripts that one language of the news is written in."""
_ANY_SCRIPT = re.compile("|".join(pattern.pattern for pattern, _ in _SCRIPTS))
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_TITLE_WORDS = 3
"""Words of a link that may be a headline."""
_LINKS = 40
"""Links of an element that are examined; a teaser has a few."""
_ADDRESSES = (b"data-src", b"data-lazy-src", b"data-original", b"src")
_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_NO_ADDRESS = ("data:", "about:", "javascript:", "#")
_PREVIEWS = (
    "og:image", "og:image:secure_url", "og:image:url", "twitter:image", "twitter:image:src",
)  # fmt: skip
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".svg")
_CREDITS = frozenset(("credit", "credits", "copyright", "source", "bildrechte", "photographer", "quelle", "rights"))


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        if value.lstrip()[:2] in ('["', "['"):  # a list that was made a text
            value = re.sub(r"[\[\]\"']", "", value)
        return [part for part in (squeeze(p) for p in re.split(r"[,;]", value)) if part]
    if isinstance(value, dict):
        value = value["@list"] if isinstance(value.get("@list"), list) else [value]
    if isinstance(value, list):
        return [name for one in value for name in _names(one.get("name") if isinstance(one, dict) else one)]
    return []


def section(document: Document, publisher: str) -> str | None:
    """As the publisher files it: JSON-LD, meta tag, or the last step but the article's own of its breadcrumb."""
    said = _names(document.article.get("articleSection")) or _names(document.meta("article:section", "section"))
    if said:
        return said[0]
    for thing in document.things:
        steps = thing.get("itemListElement")
        if thing.get("@type") == "BreadcrumbList" and isinstance(steps, list):
            named = [_step(step) for step in steps if isinstance(step, dict)]
            return _first_section(document, publisher, named)
    for trail in document.body.iter("nav", "ol", "ul", "div"):
        if any(word.startswith("breadcrumb") for word in hints(trail)):
            named = [squeeze("".join(a.itertext())) for a in trail.iter("a")][:10]
            return _first_section(document, publisher, named)
    return None


def _first_section(document: Document, publisher: str, steps: list[str]) -> str | None:
    """The first step of a breadcrumb that is neither the site nor the article itself."""
    host = document.page.url.split("/")[2]
    names = (publisher, host, host.removeprefix("www."), document.meta("og:site_name") or "")
    site = {letters(name) for name in names} | {"startseite", "home", "homepage", "news", "start", "inicio", "accueil"}
    title = letters(document.meta("og:title") or document.title or "")
    found = (
        n for n in steps if n and len(n) < 40 and letters(n) not in site and letters(n).replace("-", "") not in site
    )
    return next((n for n in found if not (len(letters(n)) > 12 and letters(n) in title)), None)


def _step(step: dict[str, Any]) -> str:
    item = step.get("item")
    name = step.get("name") or (item.get("name") if isinstance(item, dict) else None)
    return squeeze(name) if isinstance(name, str) else ""


def topics(document: Document) -> list[str]:
    """As the publisher tags it, each once."""
    said = _names(document.article.get("keywords")) or document.metas.get("article:tag", [])
    if not said:
        said = _names(document.meta("news_keywords", "keywords", "cxenseparse:keywords"))
    return list(dict.fromkeys(name for one in said for name in _names(one) if len(name) < 80))


def images(document: Document, container: HtmlElement | None, text: Sequence[Block] = ()) -> list[Image]:
    """Pictures in the figures of the article, with caption and credit; the page's preview picture where it has none.

    ``text`` are the lines of the article, by which its figures are distinguished from those of teasers.
    """
    found: dict[str, Image] = {}
    of_text: set[HtmlElement] = set()
    teasers: dict[HtmlElement, bool] = {}
    scope = container.iterancestors("article", "main") if container is not None else iter(())
    wider = next(scope, container)
    for figure in wider.iter("figure") if wider is not None else ():
        url = next((u for img in figure.iter("img", "amp-img") if (u := _address(img))), None)
        url = url or next((u for source in figure.iter("source") if (u := _of_set(source.get("srcset")))), None)
        if url:
            if not of_text:
                of_text.update(*(block.around for block in text))
                of_text.update(*(heading.iterancestors() for heading in document.elements("h1")))
            absolute = document.resolve(url)
            if absolute is None or _is_of_teaser(figure, document, of_text, teasers):
                continue
            caption, credit = _caption(figure)
            found.setdefault(absolute, Image(url=absolute, caption=caption, credit=credit))
    if not found and (absolute := next(filter(None, map(document.resolve, _previews(document))), None)):
        found[absolute] = Image(url=absolute, caption=None, credit=None)
    return list(found.values())[:50]


def _is_of_teaser(
    figure: HtmlElement, document: Document, of_text: set[HtmlElement], known: dict[HtmlElement, bool]
) -> bool:
    """True if something around a figure that holds neither the headline nor a line of the article has a link to another
    page, with words as a headline has them. ``known`` are elements that were examined before."""
    for element in (figure, *figure.iterancestors()):
        if element in of_text or element.tag in ("body", "main"):
            return False
        if element not in known:
            known[element] = _leads_elsewhere(element, document)
        if known[element]:
            return True
    return False


def _leads_elsewhere(element: HtmlElement, document: Document) -> bool:
    for link in itertools.islice(element.iter("a"), _LINKS):
        if next(link.iterancestors("figcaption", "p"), None) is not None:
            continue  # a credit, or a word in running text
        if len(squeeze("".join(link.itertext())).split()) < _TITLE_WORDS and not _has_heading(link):
            continue
        if next(link.iterdescendants("figcaption"), None) is None and _is_elsewhere(link, document):
            return True
    return False


def _is_elsewhere(link: HtmlElement, document: Document) -> bool:
    """True if a link leads to another page, and to no picture."""
    target = document.resolve(link.get("href") or "")
    if target is None or urlsplit(target).path.lower().endswith(_PICTURES):
        return False
    return page_key(target) not in document.own_keys


def _has_heading(link: HtmlElement) -> bool:
    """True if a link is in a heading, or a heading in it."""
    return next(link.iter(*_HEADINGS), None) is not None or next(link.iterancestors(*_HEADINGS), None) is not None


def _address(img: HtmlElement) -> str | None:
    """The address of a picture. What a script loads counts before what stands in its place until then."""
    for name in _ADDRESSES:
        address = (img.get(name) or "").strip()
        if address and "{" not in address and not address.startswith(_NO_ADDRESS):
            return address
    return next((c for name in _SETS if (c := _of_set(img.get(name))) and "{" not in c), None)


def _of_set(written: str | None) -> str | None:
    """The first address of a set."""
    parts = (written or "").split()
    return parts[0].rstrip(",") if parts and not parts[0].startswith(_NO_ADDRESS) else None


def _previews(document: Document) -> Iterator[str]:
    """The addresses of the page's preview picture in its meta tags, then of the article's picture in its JSON-LD."""
    for name in _PREVIEWS:
        yield from document.metas.get(name, [])[:1]
    for value in document.graph.values(document.article, "image", "thumbnailUrl"):
        address = value.get("url") or value.get("contentUrl") if isinstance(value, dict) else value
        if isinstance(address, str):
            yield address


def _caption(figure: HtmlElement) -> tuple[str | None, str | None]:
    below = figure.find(".//figcaption")
    if below is None:
        return None, None
    credit = next(
        (squeeze(e.text_content()) for e in below.iterdescendants() if isinstance(e.tag, str) and hints(e) & _CREDITS),
        None,
    )
    text = squeeze(below.text_content())
    if credit and credit in text:
        text = text.replace(credit, " ")
    elif match := _CREDIT.search(text):
        credit, text = match.group(1), text[: match.start()]
    return squeeze(text) or None, credit or None


def stated_words(document: Document, named: str | None) -> int | None:
    """The words of the text as the publisher counts them: as the rules name them, else JSON-LD; None for no number."""
    said = named or document.article.get("wordCount")
    digits = re.sub(r"[.,'’\s]", "", str(said)) if isinstance(said, int | str) else ""
    return int(digits) if re.fullmatch(r"[1-9][0-9]{0,6}", digits) else None


def language(text: str) -> str | None:
    """ISO 639-1 of the text; None for one that is too short.

    A script that one language has decides; German is known by its commonest words, which is quick; of any other text
    py3langid decides. Where a character is a syllable or a word, fewer are enough.
    """
    head = text[:400]
    own = None
    if _ANY_SCRIPT.search(head):
        half = len(_LETTER.findall(head)) / 2
        own = next((code for pattern, code in _SCRIPTS if len(pattern.findall(head)) > half), None)
    if own is not None:
        return own if len(head) >= _SHORTEST else None
    if len(text) < (_SHORTEST_DENSE if len(_DENSE.findall(head)) * 2 > len(head) else _SHORTEST):
        return None
    if len(word_lists.german().intersection(text[:500].lower().split())) >= 7:
        return "de"
    return str(_languages().classify(text[:200])[0])


@functools.cache
def _languages() -> Any:
    import py3langid  # loads its model, which only a process that extracts needs

    # Of its other languages some have no code of ISO 639-1; and for all of them, or for a longer text, numpy wakes a
    # thread on every core, and they spin.
    py3langid.set_languages(_SPOKEN)
    return py3langid
