"""When an article was published and changed: to the precision that the page gives, in UTC."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from klartext import dates
from klartext.extract import date_labels
from klartext.extract.blocks import Block
from klartext.extract.document import Document
from klartext.model import Precision, PublishedFrom

_PUBLISHED = (
    "article:published_time", "article:published", "article:published:time", "og:published_time",
    "og:article:published_time", "datepublished", "date", "dc.date", "dc.date.issued", "dc.date.published",
    "dcterms.date", "dcterms.created", "dcterms.issued", "dc.issued", "dc.created", "dc.date.created",
    "dcterms.available", "date_published", "article_date_original", "article.published", "published-date",
    "publication_date", "publication-date", "publish-date", "publishdate", "publish_date", "publishtime",
    "pubdate", "pub_date", "last-published", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
    "parsely-pub-date", "sailthru.date", "vr:published_time", "published_at", "published",
    "originalpublicationdate", "og:pubdate", "og:question:published_time", "rnews:datepublished",
    "article:post_date", "citation_publication_date", "citation_date", "citation_online_date",
    "prism.publicationdate", "article.created", "creation_date", "created", "datecreated", "time",
    "timestamp", "shareaholic:article_published_time", "bt:pubdate", "dateposted", "displaydate",
    "release_date", "weibo:article:create_at",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "date_modified",
    "last-modified", "lastmod", "lastmodified", "dcterms.modified", "dc.date.modified", "dc.modified",
    "article:modified", "article:updated", "article:updated_time", "revision_date", "updated_time",
)  # fmt: skip
_URL_DAY = re.compile(
    r"(?:^|[/_-])((?:19|20)\d{2})[/_-]?(0?[1-9]|1[0-2]|[a-z]{3,9})[/_-]?(0[1-9]|[12]\d|3[01]|[1-9](?=[/_-]))(?=$|[/_.-])"
)
_URL_MONTH = re.compile(r"/((?:19|20)\d{2})/(0?[1-9]|1[0-2])(?=/)")
_OLDEST = dt.datetime(1991, 1, 1, tzinfo=dt.UTC)
_NEAR_TEXT = 160
_LARGEST_SEARCHED = 3 * 1024 * 1024
_DAY = dt.timedelta(hours=36)


@dataclasses.dataclass(frozen=True, slots=True)
class Stated:
    """A time of publication or change, with where it was read. Of precision ``day`` it is the day's beginning at the
    publisher's place."""

    at: dt.datetime
    precision: Precision
    origin: PublishedFrom

    @property
    def is_exact(self) -> bool:
        return self.precision != "day"


def published(document: Document, page: list[Block], zone: ZoneInfo, named: str | None = None) -> Stated | None:
    """The time of first publication; None where the page and its address say none that is understood.

    Args:
        document: The page.
        page: Its blocks, those of the text marked.
        zone: The publisher's time zone, for times without an offset.
        named: The text of the element that the source's rules name.

    JSON-LD counts before meta tags, those before marked and visible dates, then the feed or sitemap, the day in the
    address, and last a day that htmldate finds. The first that names a day decides the day; a time on that day, or the
    next or last, makes it exact. A time stated in UTC that lies after the capture is local time.
    """
    best: Stated | None = None
    for moment, origin in _published(document, page, zone, named):
        at = moment
        if moment.is_exact and moment.offset == 0 and moment.at > document.page.fetched_at:
            at = moment.as_local(zone)
        if not _OLDEST < at.at <= document.page.fetched_at + dt.timedelta(days=1):
            continue
        if at.precision not in ("second", "minute", "day"):
            continue
        if best is None or (at.is_exact and abs(at.at - best.at) < _DAY):
            best = Stated(at.at, at.precision, origin)
            if best.is_exact:
                break
    return best


def modified(document: Document, zone: ZoneInfo) -> Stated | None:
    """The time of the last change, from JSON-LD or meta tags; only one to the minute counts."""
    said: list[tuple[Any, PublishedFrom]] = [(document.article.get("dateModified"), "jsonld")]
    said += [(document.meta(name), "meta") for name in _MODIFIED]
    for value, origin in said:
        moment = _parsed(document, value, zone)
        if moment and moment.is_exact:
            return Stated(moment.at, "second" if moment.precision == "second" else "minute", origin)
    return None


def _parsed(document: Document, value: Any, zone: ZoneInfo) -> dates.Moment | None:
    return dates.parse(value, zone=zone, now=document.page.fetched_at, language=document.language) if value else None


def _published(
    document: Document, page: list[Block], zone: ZoneInfo, named: str | None
) -> Iterator[tuple[dates.Moment, PublishedFrom]]:
    """All statements of a publication, the most reliable first."""

    def tried(value: Any, origin: PublishedFrom) -> Iterator[tuple[dates.Moment, PublishedFrom]]:
        if moment := _parsed(document, value, zone):
            yield moment, origin

    created, changed = (_parsed(document, document.article.get(k), zone) for k in ("datePublished", "dateModified"))
    # published after the last change: a system that writes the day of its last upload here
    uploaded = created is not None and changed is not None and created.at >= changed.until + dt.timedelta(hours=12)
    if created and not uploaded:
        yield created, "jsonld"
    for name in _PUBLISHED:
        for content in document.metas.get(name, [])[:3]:
            yield from tried(content, "meta")
    if named:
        yield from tried(named, "page")
        for found in dates.find_in_text(named, zone=zone, now=document.page.fetched_at, language=document.language):
            yield found.moment, "page"
    yield from tried(document.article.get("dateCreated"), "jsonld")
    for moment in _marked(document, zone):
        yield moment, "page"
    for moment in _shown(document, page, zone):
        yield moment, "page"
    if created:
        yield created, "jsonld"
    for thing in document.things:
        yield from tried(thing.get("datePublished"), "jsonld")
    yield from tried(document.page.published, "sitemap")
    if day := _day_of_address(document.page.url):
        yield from tried(day, "url")
    if (day := _searched(document)) and _is_supported(document, page, day, zone):
        yield from tried(day, "text")


def _day_of_address(url: str) -> str | None:
    """The day that stands in an address, as ISO 8601."""
    path = url.partition("://")[2].partition("/")[2].partition("?")[0].lower()
    for found in _URL_DAY.finditer(path):
        year, month, day = found.groups()
        number = int(month) if month.isdigit() else date_labels.months().get(month)
        if number:
            return f"{year}-{number:02d}-{int(day):02d}"
    return None


def _marked(document: Document, zone: ZoneInfo) -> Iterator[dates.Moment]:
    """Dates of elements that say in their markup that they are the date of publication (microdata, hAtom)."""
    for element in _marked_elements(document)[:50]:
        value = element.get("content") or element.get("datetime") or element.get("title")
        moment = _parsed(document, value, zone) or _parsed(document, element.text_content().strip()[:200], zone)
        if moment:
            yield moment


def _marked_elements(document: Document) -> list[HtmlElement]:
    found: list[HtmlElement] = []
    for element in document.tree.iter("time", "abbr", "span", "meta", "p", "div"):
        properties = (element.get("itemprop") or element.get("property") or "").lower().split()
        if "datepublished" in properties or "schema:datepublished" in properties:
            found.append(element)
    if not found:
        found = [e for e in document.body.iter("time", "abbr") if e.get("pubdate") is not None or _is_hatom(e)]
    return found


def _is_hatom(element: HtmlElement) -> bool:
    names = (element.get("class") or "").split()
    return any(name in ("published", "entry-date", "dt-published") for name in names) and "updated" not in names[:1]


def _shown(document: Document, page: list[Block], zone: ZoneInfo) -> Iterator[dates.Moment]:
    """Dates that the reader sees: between headline and text or right above the headline, then at the text's end.

    Those that their line calls the publication come first, then those without a label, those of an update last.
    """
    kept = [b.index for b in page if b.keep and len(b.text) > 120]
    first, last = (kept[0], kept[-1]) if kept else (0, 0)
    top = max((b.index for b in page if b.tag == "h1" and b.index <= first), default=max(0, first - 15))
    ranked: list[list[dates.Moment]] = [[], [], []]
    for block in [*page[max(0, top - 6) : first + 1], *page[last + 1 : last + 6]]:
        if len(block.text) > _NEAR_TEXT:
            continue
        behind = block.index > last
        for moment, role in _in_block(document, block, zone):
            if role == "published" or (role == "" and not behind):
                ranked[0 if role else 1].append(moment)
            elif role == "modified" and not behind:
                ranked[2].append(moment)
    for moments in ranked:
        yield from sorted(moments, key=lambda m: not m.is_exact)


def _in_block(document: Document, block: Block, zone: ZoneInfo) -> Iterator[tuple[dates.Moment, str]]:
    """The dates of a line with what the line calls them: ``published``, ``modified``, or nothing."""
    now, language = document.page.fetched_at, document.language
    found = dates.find_in_text(block.text, zone=zone, now=now, language=language)
    roles = [_role(one, block) for one in found]
    stamps = [e.get("datetime") for e in block.element.iter("time") if e.get("datetime")]
    for place, stamp in enumerate(stamps[:5]):
        moment = dates.parse(stamp, zone=zone, now=now, language=language)
        role = roles[min(place, len(roles) - 1)] if roles else date_labels.role_of_words(block.text)
        if moment and role is not None:
            yield moment, role
    for one, role in zip(found, roles, strict=True):
        if role is not None:
            yield one.moment, role


def _searched(document: Document) -> str | None:
    """A day that htmldate finds on the page, as ISO 8601: by its lists of markup, then the oldest in the text."""
    if len(document.page.body) > _LARGEST_SEARCHED:
        return None
    latest = document.page.fetched_at + dt.timedelta(days=1)
    try:
        found = _htmldate().find_date(document.tree, url=document.page.url, original_date=True, max_date=latest)
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):  # what a page may break in it
        return None
    month = _URL_MONTH.search(document.page.url)
    if found and month and abs((int(found[:4]) - int(month[1])) * 12 + int(found[5:7]) - int(month[2])) > 1:
        return None  # the address names another month
    return str(found) if found else None


def _role(found: dates.Found, block: Block) -> str | None:
    return date_labels.role(found, sentence=block.text.rstrip('"”“»’').endswith((".", "!", "?", "…")))


def _is_supported(document: Document, page: list[Block], day: str, zone: ZoneInfo) -> bool:
    """False for a day that the page shows only in sentences, in lines that call it something else, or among the
    different days of lines built alike, which are those of teasers. One that is not shown comes from the markup."""
    built: dict[tuple[str, str], set[dt.date]] = {}
    shown: list[tuple[tuple[str, str], bool]] = []
    for block in page:
        if day[:4] not in block.text and str(int(day[8:])) not in block.text:
            continue
        signature = (block.tag, block.element.get("class") or "")
        long = len(block.text) > _NEAR_TEXT
        found = dates.find_in_text(block.text, zone=zone, now=document.page.fetched_at, language=document.language)
        for one in found:
            at = one.moment.at.astimezone(zone).date()
            built.setdefault(signature, set()).add(at)
            if at.isoformat() == day:
                shown.append((signature, not long and _role(one, block) is not None))
    if not shown:
        return not day.endswith("-01")  # htmldate's day for a month or year, as that of a copyright notice
    return any(fits and len(built[signature]) == 1 for signature, fits in shown)


@functools.cache
def _htmldate() -> Any:
    import htmldate.extractors

    # Its last resort is dateparser, which needs up to seconds for a text without a date.
    if not hasattr(htmldate.extractors, "_external_date"):
        raise ImportError("htmldate calls dateparser under another name than _external_date; see _htmldate")
    htmldate.extractors._external_date = lambda string: None
    return htmldate
