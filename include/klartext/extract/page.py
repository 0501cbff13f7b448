"""One capture to one article: the way through the modules beside this one."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import importlib.metadata
import re
from collections.abc import Collection
from urllib.parse import urljoin

import lxml.html
from lxml.html import HtmlElement

import klartext
from klartext.extract import (
    access,
    document,
    headline,
    lead,
    metadata,
    noise,
    publication_dates,
    rules,
    selection,
    teasers,
)
from klartext.extract import authors as bylined
from klartext.extract.blocks import Block, blocks, letters, squeeze
from klartext.extract.bylines import is_credit, services
from klartext.extract.clean_text import count_words, weight
from klartext.extract.explain import Reading
from klartext.extract.page_context import PageContext, is_prose_like
from klartext.extract.placeholder import find_placeholder
from klartext.model import Article, Teaser
from klartext.sources import Source
from klartext.urls import registered_domain
from klartext.warc.reader import Page

_STATED_LEAST = 140
"""Characters of a text in JSON-LD that stands in for one that the page does not show."""
_LONGEST_CREDIT = 120
_NAMES_SOURCE = re.compile(r"\W{0,120}Quellen?\s?:")
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


@dataclasses.dataclass(slots=True)
class _Text:
    """The article's text, its lead, and what else the reading of the lines gave."""

    lead: str | None
    text: str
    kept: list[Block]
    title: headline.Headline
    authors: list[str]
    agencies: list[str]
    container: HtmlElement
    disbelieved: list[str]


def extract(page: Page, source: Source, *, generic: bool = False, without: Collection[str] = ()) -> Extraction:
    """The article of a page, with the source's rules of its time unless ``generic``.

    ``without`` names rules of the extraction that are left out, to measure what each does. The same page, source and
    extractor give the same result.

    Raises:
        klartext.extract.html_parsing.NotHtml: for what is no page.
        NoArticle: for a page without an article.
    """
    if not 200 <= page.status < 300:
        raise NoArticle(f"http-{page.status}", f"answered with status {page.status}")
    doc = document.parse(page)
    layout = None if generic else source.layout(page.fetched_at.astimezone(source.zone).date())
    ruled = rules.Rules(doc.tree, layout, doc.classes)
    named = ruled.bodies()
    root = ruled.frame(named, doc.body)
    lines = blocks(root, doc.classes)
    if not named and (instead := find_placeholder(doc, lines)):
        raise NoArticle(instead.reason, instead.detail, Reading(doc, lines, root, named, None))
    reading = Reading(doc, lines, root, named, ruled.matched())
    found = _read_text(doc, reading, ruled, _publisher(doc, source), without)
    article = _article(doc, page, source, ruled, reading, found)
    return Extraction(article, teasers.find(doc.body, article, source, ruled), reading, found.disbelieved)


def _read_text(
    doc: document.Document, reading: Reading, ruled: rules.Rules, publisher: str, without: Collection[str]
) -> _Text:
    """Decides on every line of the page. Raises :class:`NoArticle` for a page without text."""
    lines = reading.lines
    container = selection.select(doc, reading.frame, lines, ruled, reading.named, without)
    first = next((b.index for b in lines if b.keep and is_prose_like(b)), 0)
    title = headline.find(doc, lines, publisher, first)
    signed = ruled.texts("authors") if ruled.layout.authors else None
    authors, agencies = bylined.find(doc, lines, publisher, signed, title.title)
    shown = ruled.text("title")
    stated = doc.article.get("articleBody")
    stated = stated if isinstance(stated, str) else ""
    if container is None:
        if text := _stated_text(stated):
            return _Text(None, text, [], _with_title(title, shown), authors, agencies, doc.body, [])
        container = selection.select_short(doc, lines)
    if container is None:
        raise NoArticle("no-text", "trafilatura found no text on the page", reading)
    keys = [*title.keys, *([letters(shown)] if shown else [])]
    context = PageContext(
        lines, container, keys, authors=authors, body=letters(stated), url=doc.page.url, inputs=doc.elements("input"),
        without=frozenset(without),
    )  # fmt: skip
    before = context.kept
    noise.apply(context)
    standfirst = [] if "lead" in without else _lead(doc, lines, keys, ruled)
    said = {block.key for block in standfirst}
    for block in standfirst:
        block.decide(False, "lead")
    for block in context.kept if standfirst and "repeated" not in without else ():
        if block.key in said:
            block.decide(False, "repeated")
    if selection.restore_last_text(lines, before, standfirst):
        standfirst = []
    kept = context.kept
    text = "\n".join(b.text for b in kept)
    if not text:
        raise NoArticle("no-text", "nothing of the page is left as the article's text", reading)
    agencies = list(dict.fromkeys([*agencies, *_closing_agencies(lines, kept, publisher)]))
    standing = " ".join(b.text for b in standfirst) or None
    return _Text(standing, text, kept, _with_title(title, shown), authors, agencies, container, context.disbelieved)


def _with_title(title: headline.Headline, shown: str | None) -> headline.Headline:
    """The headline, with the title that the source's rules name where they name one."""
    return dataclasses.replace(title, title=shown) if shown or title.title is None else title


def _stated_text(stated: str) -> str:
    """The text that the page's JSON-LD gives, a paragraph a line, for a page that shows none; empty for a short one."""
    if "</" in stated:
        stated = "\n".join(b.text for b in blocks(lxml.html.fromstring(f"<div>{stated}</div>")))
    lines = [line for part in stated.splitlines() if (line := squeeze(part))]
    return "\n".join(lines) if sum(map(weight, lines)) >= _STATED_LEAST else ""


def _article(
    doc: document.Document, page: Page, source: Source, ruled: rules.Rules, reading: Reading, found: _Text
) -> Article:
    """The row of an article. Raises :class:`NoArticle` where the page shows no headline."""
    if not found.title.title:
        raise NoArticle("no-title", "the page shows no headline", reading)
    publisher, lines, layout = _publisher(doc, source), reading.lines, ruled.layout
    published = publication_dates.published(doc, lines, source.zone, ruled.text("published"), found.title.title)
    modified = publication_dates.modified(doc, source.zone)
    standing = found.lead
    if standing is None and layout.lead_in_description:
        standing = doc.meta("description", "og:description")
    whole = f"{standing or ''} {found.text}"
    url = _canonical(doc, source)
    article = Article(
        article_id=source.article_id(url), version_id="", url=page.url, canonical_url=url, publisher=publisher,
        site=registered_domain(page.url),
        kicker=ruled.text("kicker") or found.title.kicker, title=found.title.title, lead=standing, text=found.text,
        authors=found.authors, agencies=found.agencies,
        section=ruled.text("section") or metadata.section(doc, publisher),
        topics=list(dict.fromkeys(ruled.texts("topics"))) or metadata.topics(doc),
        language=metadata.language(whole), published_at=published.at if published else None,
        published_date=publication_dates.publishers_day(published, source) if published else None,
        modified_at=modified.at if modified else None, published_precision=published.precision if published else None,
        published_from=published.origin if published else None, access=access.find(doc, lines, ruled.walled()),
        images=metadata.images(doc, found.container, found.kept), word_count=count_words(whole),
        stated_word_count=metadata.stated_words(doc, ruled.value("word_count")),
        fetched_at=page.fetched_at, discovered_from=page.via, capture=page.capture, extractor=EXTRACTOR,
        rules=source.rules_name(layout) if layout.valid_from > dt.date.min else "generic",
    )  # fmt: skip
    article.version_id = version_of(article)
    return article


def version_of(article: Article) -> str:
    """A hash of what a reader reads: article, headline, lead and text."""
    content = "\x1f".join((article.article_id, article.kicker or "", article.title, article.lead or "", article.text))
    return hashlib.sha256(content.encode()).hexdigest()[:24]


def _lead(doc: document.Document, lines: list[Block], keys: list[str], ruled: rules.Rules) -> list[Block]:
    places = ruled.select("lead")
    if places:
        return [b for b in lines if not set(places).isdisjoint(b.around)]
    return lead.find(doc, lines, keys)


def _publisher(doc: document.Document, source: Source) -> str:
    """The source's name; for one made up for a domain, the name that the page gives its site."""
    if not source.is_made_up:
        return source.name
    return doc.meta("og:site_name") or source.name


def _canonical(doc: document.Document, source: Source) -> str:
    """What the page names as its address if that is on its own site and no front page, else where it was fetched."""
    own = source.normalize_url(doc.page.url)
    if doc.canonical and doc.canonical != doc.page.url:
        try:
            said = source.normalize_url(urljoin(doc.page.url, doc.canonical))
        except ValueError:
            return own
        if registered_domain(said) == registered_domain(own) and not document.is_front_page(said):
            return said
    return own


def _credits_text(block: Block, publisher: str) -> bool:
    """Whether a line says from whom the text is, and not from whom a picture is."""
    if block.keep or block.rule == "caption" or len(block.text) > _LONGEST_CREDIT:
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
