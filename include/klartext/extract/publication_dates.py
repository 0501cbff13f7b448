"""When an article was published and changed: to the precision that the page gives, in UTC."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
from collections.abc import Iterator
from typing import Any, cast
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.html import HtmlElement

from klartext import dates, sources
from klartext.extract import date_labels, searched_dates
from klartext.extract.blocks import Block
from klartext.extract.document import Document
from klartext.extract.page_zones import PageZones
from klartext.extract.visible_dates import VisibleDates
from klartext.model import Precision, PublishedFrom
from klartext.sources import Source

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
    r"(?:^|[/_-])((?:19|20)\d{2})"
    r"(?:[/_-](0?[1-9]|1[0-2]|[a-z]{3,9})[/_-](0?[1-9]|[12]\d|3[01])|[/_-]?(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))"
    r"(?=$|[/_.-])"
)
_OLDEST = dt.datetime(1991, 1, 1, tzinfo=dt.UTC)
# the elements of attributes: four times as fast as all elements that have one of the attributes
_MARKED = etree.XPath(
    "descendant-or-self::*/@itemprop/.. | descendant-or-self::*/@property/.. | descendant-or-self::time"
    " | descendant-or-self::abbr"
)
_FEW_MARKED = 2
"""Dates with a class or ``pubdate``; more that stand elsewhere than at the headline are those of other articles."""
_MICRODATA = frozenset(("datepublished", "schema:datepublished"))
_DAY = dt.timedelta(hours=36)


@dataclasses.dataclass(frozen=True, slots=True)
class Stated:
    """A time of publication or change, with where it was read. Of precision ``day`` it is the day's beginning at the
    publisher's place."""

    at: dt.datetime
    precision: Precision
    origin: PublishedFrom
    offset: int | None = None
    """Minutes from UTC if the statement has an offset or a zone, else None."""

    @property
    def is_exact(self) -> bool:
        return self.precision != "day"


def published(
    document: Document, page: list[Block], zone: ZoneInfo, named: str | None = None, title: str | None = None
) -> Stated | None:
    """The time of first publication; None where the page and its address say none that is understood.

    Args:
        document: The page.
        page: Its blocks, those of the text marked.
        zone: The publisher's time zone, for times without an offset.
        named: The text of the element that the source's rules name.
        title: The headline.

    JSON-LD counts before meta tags, those before marked and visible dates, then the feed or sitemap, the day in the
    address, the only day that the page's lines show, and last one that htmldate finds. The first that names a day
    decides the day; a time on that day, or the next or last, makes it exact. A day that the reader sees between
    headline and text counts before one of JSON-LD and meta tags that is later: systems write the day of the last upload
    or import there. A time stated in UTC that lies after the capture is local time. Where the page names nothing but
    its last change, that is the day.
    """
    visible = VisibleDates(document, page, title, zone)
    latest = document.page.fetched_at + dt.timedelta(days=1)
    best: Stated | None = None
    for moment, origin, is_change in _published(document, page, visible, zone, named):
        at = moment
        if moment.is_exact and moment.offset == 0 and moment.at > document.page.fetched_at:
            at = moment.as_local(zone)
        if not _OLDEST < at.at <= latest or at.precision not in ("second", "minute", "day"):
            continue
        if best is None or (at.is_exact and not is_change and abs(at.at - best.at) < _DAY):
            best = Stated(at.at, at.precision, origin, at.offset)
            if best.is_exact or is_change:
                break
    if best is not None and best.origin in ("jsonld", "meta") and not named:
        return _shown_earlier(visible, best) or best
    return best


def _shown_earlier(visible: VisibleDates, stated: Stated) -> Stated | None:
    """The one day that is shown between headline and text, if it is over a day before the one that metadata state."""
    shown = visible.only_day_before(stated.at)
    if not shown:
        return None
    best = next((moment for moment in shown if moment.is_exact), shown[0])
    if best.precision not in ("second", "minute", "day") or not _OLDEST < best.at < stated.at - _DAY:
        return None
    return Stated(best.at, best.precision, "page", best.offset)


def publishers_day(stated: Stated, source: Source) -> dt.date:
    """The day of a time at the publisher's place.

    A publisher without a source file is where its statements say: in the zone of the offset, or for one in UTC, which
    many systems write, in that of its domain's country, else in UTC.
    """
    if stated.precision == "day" or stated.offset is None or not source.is_made_up:
        return stated.at.astimezone(source.zone).date()
    zone = sources.zone_of_country(source.slug)
    if stated.offset == 0 and zone:
        return stated.at.astimezone(ZoneInfo(zone)).date()
    return (stated.at + dt.timedelta(minutes=stated.offset)).date()


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
    if not value:
        return None
    if isinstance(value, str):
        return _parsed_text(value, zone, document.page.fetched_at, document.language)
    return dates.parse(value, zone=zone, now=document.page.fetched_at, language=document.language)


@functools.lru_cache(maxsize=16)  # most pages state the same time in several places
def _parsed_text(value: str, zone: ZoneInfo, now: dt.datetime, language: str | None) -> dates.Moment | None:
    return dates.parse(value, zone=zone, now=now, language=language)


def _published(
    document: Document, page: list[Block], visible: VisibleDates, zone: ZoneInfo, named: str | None
) -> Iterator[tuple[dates.Moment, PublishedFrom, bool]]:
    """All statements of a publication, the most reliable first, each with whether it is one of a change."""

    def tried(value: Any, origin: PublishedFrom) -> Iterator[tuple[dates.Moment, PublishedFrom, bool]]:
        if moment := _parsed(document, value, zone):
            yield moment, origin, False

    created, changed = (_parsed(document, document.article.get(k), zone) for k in ("datePublished", "dateModified"))
    # published after the last change: a system that writes the day of its last upload here
    uploaded = created is not None and changed is not None and created.at >= changed.until + dt.timedelta(hours=12)
    if created and not uploaded:
        yield created, "jsonld", False
    for name in _PUBLISHED:
        for content in document.metas.get(name, [])[:3]:
            yield from tried(content, "meta")
    if named:
        yield from tried(named, "page")
        for found in dates.find_in_text(named, zone=zone, now=document.page.fetched_at, language=document.language):
            yield found.moment, "page", False
    yield from tried(document.article.get("dateCreated"), "jsonld")
    for moment in _marked(document, visible.zones, zone):
        yield moment, "page", False
    for moment in visible.first():
        yield moment, "page", False
    for moment in visible.datelines():
        yield moment, "page", False
    if created:
        yield created, "jsonld", False
    for thing in document.things_of_page:
        yield from tried(thing.get("datePublished"), "jsonld")
    yield from tried(document.page.published, "sitemap")
    if day := _day_of_address(document.page.url):
        yield from tried(day, "url")
    for moment in visible.others():
        yield moment, "page", False
    for moment in visible.lone(clock=True):
        yield moment, "page", False
    for moment in visible.changes():
        yield moment, "page", True
    for moment in visible.lone(clock=False):
        yield moment, "page", False
    if day := searched_dates.find(document, page, visible.zones, zone):
        yield from tried(day, "text")
    changes = [document.article.get("dateModified"), *(document.meta(name) for name in _MODIFIED)]
    for moment in filter(None, (_parsed(document, value, zone) for value in changes)):
        yield moment, "meta", True


def _day_of_address(url: str) -> str | None:
    """The day that stands in an address, as ISO 8601."""
    path = url.partition("://")[2].partition("/")[2].partition("?")[0].lower()
    for found in _URL_DAY.finditer(path):
        year, month, day = found[1], found[2] or found[4], found[3] or found[5]
        number = int(month) if month.isdigit() else date_labels.months().get(month)
        if number:
            return f"{year}-{number:02d}-{int(day):02d}"
    return None


def _marked(document: Document, zones: PageZones, zone: ZoneInfo) -> Iterator[dates.Moment]:
    """Dates of elements that say in their markup that they are the date of publication (microdata, hAtom, ``pubdate``);
    not those of comments and of other articles on the page."""
    elements = cast(list[HtmlElement], _MARKED(document.tree))
    found = [e for e in elements if _MICRODATA.intersection(_properties(e))]
    is_named = bool(found)
    if not is_named:
        found = [e for e in elements if e.tag in ("time", "abbr") and (e.get("pubdate") is not None or _is_hatom(e))]
    read: list[tuple[bool, dates.Moment]] = []
    for element in found[:50]:
        chain = (element, *element.iterancestors())
        if zones.is_apart(chain):
            continue
        value = element.get("content") or element.get("datetime") or element.get("title")
        moment = _parsed(document, value, zone) or _parsed(document, element.text_content().strip()[:200], zone)
        if moment:
            read.append((zones.is_near(chain), moment))
    for near, moment in sorted(read, key=lambda one: not one[0]):
        if near or is_named or len(read) <= _FEW_MARKED:
            yield moment


def _properties(element: HtmlElement) -> list[str]:
    return (element.get("itemprop") or element.get("property") or "").lower().split()


def _is_hatom(element: HtmlElement) -> bool:
    names = (element.get("class") or "").split()
    return any(name in ("published", "entry-date", "dt-published") for name in names) and "updated" not in names[:1]
