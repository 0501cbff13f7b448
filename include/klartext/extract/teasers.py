"""Cards and links that lead to other articles: separated from the text, and kept."""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from klartext.extract.blocks import hints, is_link, squeeze
from klartext.extract.rules import Rules, said
from klartext.extract.selectors import Index
from klartext.model import Article, Teaser
from klartext.sources import Source, TeaserRules
from klartext.urls import registered_domain, resolve

_DATE = re.compile(r"\d{1,2}\.\s?(?:\d{1,2}\.|[A-Za-zä]{3,9})\s?\d{2,4}(?:\W{0,6}\d{1,2}[:.]\d{2})?(?: Uhr)?")
_KICKER = frozenset(("kicker", "overline", "topline", "dachzeile", "roofline", "badge", "spitzmarke"))


@dataclasses.dataclass(slots=True)
class Card:
    """What a card shows; ``link`` is as it stands in the page."""

    link: str
    title: str | None = None
    kicker: str | None = None
    section: str | None = None
    date: str | None = None
    text: str | None = None


def find(root: HtmlElement, article: Article, source: Source, ruled: Rules) -> list[Teaser]:
    """Every card of the page in its order, the article's own marked. With rules, the cards they name; else groups of
    elements that are built alike and each lead somewhere else on the same site."""
    named = ruled.layout.teasers
    cards = _named(ruled.index, named) if named else _grouped(root, article.url)
    found: list[Teaser] = []
    for card in cards:
        target = _target(article.url, card.link, source)
        own = target is not None and source.article_id(target) == article.article_id
        found.append(Teaser(
            article_id=article.article_id, url=article.url, position=len(found) + 1, title=card.title,
            kicker=card.kicker, section=card.section, shown_date=card.date, text=card.text, target_url=target,
            is_self=own, fetched_at=article.fetched_at, capture=article.capture,
        ))  # fmt: skip
    return found


def _target(base: str, link: str, source: Source) -> str | None:
    try:
        return source.normalize_url(resolve(base, link))
    except ValueError:
        return None


def _named(page: Index, named: list[TeaserRules]) -> list[Card]:
    cards = []
    for rule in named:
        items = page.select(rule.item)
        item_of = {element: item for item in items for element in item.iter()}
        links = _first(page, item_of, rule.link)
        shown = {
            key: _first(page, item_of, getattr(rule, key)) for key in ("title", "kicker", "section", "date", "text")
        }
        for item in items:
            places = [item, *([links[item]] if item in links else [])]
            link = next((a.get("href") for a in places if a.get("href")), None)
            if link:
                cards.append(Card(link, **{key: said(found.get(item)) for key, found in shown.items()}))
    return cards


def _first(page: Index, item_of: dict[HtmlElement, HtmlElement], css: str | None) -> dict[HtmlElement, HtmlElement]:
    """For each item the first element inside of it that a selector names. ``item_of`` has the item around each element,
    the innermost."""
    found: dict[HtmlElement, HtmlElement] = {}
    for element in page.select(css) if item_of else ():
        if (item := item_of.get(element)) is not None:
            found.setdefault(item, element)
    return found


def _grouped(root: HtmlElement, url: str) -> list[Card]:
    """Cards without rules: three or more siblings of one shape, each with a link of some words to the same site."""
    site = registered_domain(url)
    seen: set[str] = set()
    cards = []
    for parent in root.iter("div", "ul", "ol", "section", "aside", "main", "article"):
        if len(parent) < 3:
            continue
        shapes: dict[tuple[str, str], list[HtmlElement]] = {}
        for child in parent:
            if child.tag in ("li", "article", "div", "section", "a"):
                shapes.setdefault((child.tag, (child.get("class") or "").split(" ")[0]), []).append(child)
        groups = [group for group in shapes.values() if len(group) >= 3]
        if not groups or next(parent.iterancestors("nav", "footer", "header"), None) is not None:
            continue
        for group in groups:
            made = _cards(group, url, site)
            if len(made) >= 3:
                for card in made:
                    target = resolve(url, card.link)
                    if target not in seen:
                        seen.add(target)
                        cards.append(card)
    return cards


def _cards(group: list[HtmlElement], url: str, site: str) -> list[Card]:
    """The cards among some siblings; none where they cannot be three."""
    made: list[Card] = []
    for left, child in zip(range(len(group) - 1, -1, -1), group, strict=True):
        if card := _card(child, url, site):
            made.append(card)
        elif len(made) + left < 3:
            return []
    return made


def _leads_to(link: str, url: str, site: str) -> bool:
    """Whether a link of a page leads to a page of a site that is not its front page."""
    try:
        if link.startswith("/") and not link.startswith("//"):  # of most links; this is quicker
            return urlsplit(link).path not in ("", "/")
        return registered_domain(resolve(url, link)) == site and urlsplit(link).path not in ("", "/")
    except ValueError:  # no address at all
        return False


def _card(item: HtmlElement, url: str, site: str) -> Card | None:
    links: list[HtmlElement] = []
    targets: set[str] = set()
    for a in item.iter("a"):
        if is_link(a):
            links.append(a)
            targets.add(a.get("href").partition("#")[0])
            if len(targets) > 3:
                return None
    if not links:
        return None
    heading = next(iter(item.iter("h2", "h3", "h4", "h5")), None)
    best = max(links, key=lambda a: len(a.text_content())) if len(links) > 1 else links[0]
    title = squeeze((heading if heading is not None else best).text_content())
    link = str(best.get("href"))
    if len(title) < 20 or len(title.split()) < 3 or not _leads_to(link, url, site):
        return None
    whole = squeeze(item.text_content())
    if len(whole) > 900:
        return None
    date = _DATE.search(whole)
    text = next((t for p in item.iter("p") if len(t := squeeze(p.text_content())) > 40 and t != title), None)
    kicker = next((t for e in item.iterdescendants() if isinstance(e.tag, str) and hints(e) & _KICKER
                   and 2 < len(t := squeeze(e.text_content())) < 80), None)  # fmt: skip
    return Card(link, title=title, kicker=kicker, date=date.group() if date else None, text=text)
