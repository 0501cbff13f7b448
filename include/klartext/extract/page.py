"""One capture to one article: the way through the modules beside this one."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import re
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

import klartext
from klartext.extract import (
    access,
    document,
    headline,
    lead,
    main_text,
    metadata,
    noise,
    publication_dates,
    rules,
    teasers,
)
from klartext.extract import authors as bylined
from klartext.extract.blocks import HEADINGS, Block, blocks, letters
from klartext.extract.bylines import is_credit, services
from klartext.extract.explain import Reading
from klartext.extract.page_context import Scene, is_prose_like
from klartext.model import Article, Teaser
from klartext.sources import Source
from klartext.urls import registered_domain
from klartext.warc.reader import Page

_PLAIN = frozenset(("p", "li", "div", *HEADINGS))
_NAMES_SOURCE = re.compile(r"\W*Quellen?\s?:")
EXTRACTOR = f"klartext {klartext.__version__}, trafilatura {importlib.metadata.version('trafilatura')}"


class NoArticle(ValueError):
    """A page of which no article can be made; ``reason`` is the stable code, ``reading`` what was read of it so far."""

    def __init__(self, reason: str, detail: str, reading: Reading | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.reading = reading


@dataclasses.dataclass(slots=True)
class Extraction:
    """An article, the cards beside it, the page's lines with what decided on each, and rules that were not believed."""

    article: Article
    teasers: list[Teaser]
    reading: Reading
    disbelieved: list[str]

    @property
    def lines(self) -> list[Block]:
        return self.reading.lines


def extract(page: Page, source: Source, *, generic: bool = False) -> Extraction:
    """The article of a page, with the source's rules of its time unless ``generic``.

    Raises :class:`klartext.extract.document.NotHtml` for what is no page and :class:`NoArticle` for a page without an
    article. The same page, source and extractor give the same result.
    """
    if not 200 <= page.status < 300:
        raise NoArticle(f"http-{page.status}", f"answered with status {page.status}")
    doc = document.parse(page)
    publisher = _publisher(doc, source)
    zone = source.zone
    layout = None if generic else source.layout(page.fetched_at.astimezone(zone).date())
    ruled = rules.Rules(doc.tree, layout)
    named = ruled.bodies()
    root = ruled.frame(named, doc.body)
    doc.hold(root)
    lines = blocks(root)
    reading = Reading(lines, root, named)
    container = _choose(doc, root, lines, ruled, named)
    if container is None:
        raise NoArticle("no-text", "trafilatura found no running text on the page", reading)
    first = next((b.index for b in lines if b.keep and is_prose_like(b)), 0)
    title = headline.find(doc, lines, publisher, first)
    shown = ruled.text("title")
    kicker = ruled.text("kicker") or title.kicker
    signed = ruled.texts("authors") if layout and layout.authors else None
    authors, agencies = bylined.find(doc, lines, publisher, signed)
    keys = [*title.keys, *([letters(shown)] if shown else [])]
    body = doc.article.get("articleBody")
    said = letters(body) if isinstance(body, str) else ""
    scene = Scene(lines, container, keys, authors=authors, body=said)
    noise.apply(scene)
    standfirst = _lead(doc, lines, keys, ruled)
    for block in standfirst:
        block.keep, block.rule = False, "lead"
    kept = scene.kept
    text = "\n".join(b.text for b in kept)
    if not text:
        raise NoArticle("no-text", "nothing of the page is left as the article's text", reading)
    if shown or title.title is None:
        title = dataclasses.replace(title, title=shown)
    if not title.title:
        raise NoArticle("no-title", "the page shows no headline", reading)
    agencies = list(dict.fromkeys([*agencies, *_closing_agencies(lines, kept, publisher)]))
    published = publication_dates.published(doc, lines, zone, ruled.text("published"))
    modified = publication_dates.modified(doc, zone)
    told = " ".join(b.text for b in standfirst) or None
    if told is None and layout and layout.lead_in_description:
        told = doc.meta("description", "og:description")
    url = _canonical(doc, source)
    article = Article(
        article_id=source.article_id(url), version_id="", url=page.url, canonical_url=url, publisher=publisher,
        kicker=kicker, title=title.title, lead=told, text=text, authors=authors, agencies=agencies,
        section=ruled.text("section") or metadata.section(doc, publisher),
        topics=list(dict.fromkeys(ruled.texts("topics"))) or metadata.topics(doc),
        language=metadata.language(f"{told or ''} {text}"), published_at=published.at if published else None,
        modified_at=modified.at if modified else None, published_precision=published.precision if published else None,
        published_from=published.origin if published else None, access=access.find(doc, lines, ruled.walled()),
        images=metadata.images(doc, container), word_count=len(re.findall(r"\w+", f"{told or ''} {text}")),
        stated_word_count=metadata.stated_words(doc, ruled.value("word_count")),
        fetched_at=page.fetched_at, discovered_from=page.via, capture=page.capture, extractor=EXTRACTOR,
        rules=f"{source.slug} {layout.valid_from}" if layout else "generic",
    )  # fmt: skip
    article.version_id = version_of(article)
    return Extraction(article, teasers.find(doc.body, article, source, ruled), reading, scene.disbelieved)


def version_of(article: Article) -> str:
    """A hash of what a reader reads: article, headline, lead and text."""
    content = "\x1f".join((article.article_id, article.kicker or "", article.title, article.lead or "", article.text))
    return hashlib.sha256(content.encode()).hexdigest()[:24]


def _choose(
    doc: document.Document, root: HtmlElement, lines: list[Block], ruled: rules.Rules, named: list[HtmlElement]
) -> HtmlElement | None:
    """Marks the lines that are the article's before the noise rules, and gives the element around them."""
    if named:
        return _within(doc, root, lines, ruled, named)
    main_text.vote(lines, main_text.choose(doc, lines))
    if not any(b.keep and main_text.is_prose(b) for b in lines):
        main_text.vote_alone(lines)
    container = main_text.container(lines)
    if container is not None:
        for block in lines:
            if block.keep and container not in block.around:
                block.keep, block.rule = False, "outside"
        main_text.recover(lines, container)
    _remove(ruled.removed([]), lines)
    return container


def _within(
    doc: document.Document, root: HtmlElement, lines: list[Block], ruled: rules.Rules, named: list[HtmlElement]
) -> HtmlElement:
    """With a named container only that goes to trafilatura; its paragraphs count even where trafilatura drops them."""
    bodies = frozenset(named)
    inside = [b for b in lines if not bodies.isdisjoint(b.around)]
    for block in inside:
        if _plain(block):
            block.keep, block.rule = True, "in-body"
    _remove(ruled.removed(named), inside)
    if open_to_vote := [b for b in inside if not b.rule and b.key]:
        chosen = [line for body in named for line in main_text.chosen_lines(body, doc.page.url, fast=True)]
        main_text.vote(open_to_vote, chosen)
    return named[0] if len(named) == 1 else root


def _plain(block: Block) -> bool:
    """Whether a block is built like a paragraph, a subheading or an item, and is no quote pulled out of the text."""
    if block.tag not in _PLAIN or block.link_share >= 0.4:
        return False
    return not any(e.tag == "blockquote" for e in block.around)


def _remove(taken: dict[HtmlElement, str], lines: list[Block]) -> None:
    for block in lines:
        if not taken.keys().isdisjoint(block.around):
            css = next(taken[e] for e in block.around if e in taken)
            block.keep, block.rule = False, f"rule {css}"


def _lead(doc: document.Document, lines: list[Block], keys: list[str], ruled: rules.Rules) -> list[Block]:
    places = ruled.select("lead")
    if places:
        return [b for b in lines if not set(places).isdisjoint(b.around)]
    return lead.find(doc, lines, keys)


def _publisher(doc: document.Document, source: Source) -> str:
    """The source's name; for one made up for a domain, the name that the page gives its site."""
    if source.name != source.slug:
        return source.name
    return doc.meta("og:site_name") or source.name


def _canonical(doc: document.Document, source: Source) -> str:
    """What the page names as its address if that is on its own site and no front page, else where it was fetched."""
    own = source.normalize_url(doc.page.url)
    if doc.canonical:
        try:
            said = source.normalize_url(urljoin(doc.page.url, doc.canonical))
        except ValueError:
            return own
        if registered_domain(said) == registered_domain(own) and urlsplit(said).path not in ("", "/"):
            return said
    return own


def _credits_text(block: Block, publisher: str) -> bool:
    """Whether a line says from whom the text is, and not from whom a picture is."""
    if block.keep or block.rule == "caption" or len(block.text) > 120:
        return False
    if not (_NAMES_SOURCE.match(block.text) or is_credit(block.text, publisher)):
        return False
    return not any(e.tag in ("figure", "figcaption") for e in block.around)


def _closing_agencies(lines: list[Block], kept: list[Block], publisher: str) -> list[str]:
    """Wire services named in credit lines of the page, or in brackets at the text's end."""
    near = lines[max(0, kept[0].index - 8) : kept[-1].index + 10]
    credited = [b.text for b in near if _credits_text(b, publisher)]
    brackets = [m.group(1) for b in kept[-2:] if (m := re.search(r"[(\[]([^()\[\]]{2,40})[)\]]\W*$", b.text))]
    return services(" ; ".join([*credited, *brackets]))
