"""When an article was published and changed: to the precision that the page gives, in UTC."""

from __future__ import annotations

import dataclasses
import datetime as dt
import email.utils
import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from klartext.extract.blocks import Block
from klartext.extract.document import Document
from klartext.model import Precision, PublishedFrom

_MONTHS = {m: i + 1 for i, names in enumerate(
    ("jan januar jänner january", "feb februar feber february", "mär maer märz mrz mar march", "apr april",
     "mai may", "jun juni june", "jul juli july", "aug august", "sep sept september", "okt oktober oct october",
     "nov november", "dez dezember dec december")) for m in names.split()}  # fmt: skip
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_GERMAN = re.compile(
    r"(?<!\d)(\d{1,2})\.\s?(?:(\d{1,2})\.|([A-Za-zäÄ]{3,9})\.?)\s?(\d{4}|\d{2}(?!\d))"
    r"(?:\D{0,14}?(?<!\d)(\d{1,2})[:.](\d{2})(?::(\d{2}))?(?!\d)(?:\s*Uhr)?)?"
)
_UNIX = re.compile(r"\w{3} (\w{3}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (\w{3,5}) (\d{4})")
_ZONES = {"CEST": 2, "MESZ": 2, "CET": 1, "MEZ": 1, "UTC": 0, "GMT": 0}
_PUBLISHED = ("article:published_time", "article:published", "article:published:time", "og:published_time",
              "datepublished", "date", "dc.date", "dc.date.issued", "dcterms.date", "dcterms.created",
              "dc.date.created",
              "publish-date", "publishdate", "pubdate", "last-published", "cxenseparse:recs:publishtime",
              "parsely-pub-date", "sailthru.date", "vr:published_time", "published_at")  # fmt: skip
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified",
             "dc.date.modified", "article:modified", "article:updated")  # fmt: skip
_URL = re.compile(r"/(20\d{2})[/-](\d{1,2})(?:[/-](\d{1,2}))?(?=[/-])")
_UPDATE = re.compile(r"aktualisiert|update|stand|geändert|modified|zuletzt", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC; of precision ``day`` it is the day's beginning at the publisher's place."""

    at: dt.datetime
    precision: Precision
    origin: PublishedFrom
    said_utc: bool = False

    @property
    def exact(self) -> bool:
        return self.precision != "day"


def parse(text: str, zone: ZoneInfo, origin: PublishedFrom) -> Moment | None:
    """The first time in a text, None where there is none or one that does not exist.

    One without a zone is local time at the publisher's place, summer time minded.
    """
    try:
        return _parse(text, zone, origin)
    except (ValueError, OverflowError):  # the 30th of February, an offset of 99 hours, a moment before the year 1
        return None


def _parse(text: str, zone: ZoneInfo, origin: PublishedFrom) -> Moment | None:
    if found := _ISO.search(text):
        year, month, day, hour, minute, second, offset = found.groups()
        return _moment((year, month, day, hour, minute, second), offset, zone, origin)
    if found := _UNIX.search(text):
        name, day, hour, minute, second, named, year = found.groups()
        month = _MONTHS.get(name.lower())
        offset = f"{_ZONES[named]:+03d}:00" if named in _ZONES else None
        return _moment((year, month, day, hour, minute, second), offset, zone, origin) if month else None
    if found := _GERMAN.search(text):
        day, number, name, year, hour, minute, second = found.groups()
        month = int(number) if number else _MONTHS.get(name.lower(), 0) or _MONTHS.get(name.lower()[:3], 0)
        return _moment((year if len(year) == 4 else f"20{year}", month, day, hour, minute, second), None, zone, origin)
    if re.match(r"\w{3}, \d", text):
        at = email.utils.parsedate_to_datetime(text)
        return Moment((at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(dt.UTC), "second", origin)
    if re.fullmatch(r"1\d{9}(?:\d{3})?", text):
        return Moment(dt.datetime.fromtimestamp(int(text[:10]), dt.UTC), "second", origin)
    return None


def _moment(parts: tuple[Any, ...], offset: str | None, zone: ZoneInfo, origin: PublishedFrom) -> Moment:
    year, month, day, hour, minute, second = (int(p) if p is not None else None for p in parts)
    at = dt.datetime(year or 0, month or 0, day or 0, hour or 0, minute or 0, second or 0)
    if offset in ("Z", "UTC", "GMT"):
        aware = at.replace(tzinfo=dt.UTC)
    elif offset:
        aware = dt.datetime.fromisoformat(at.isoformat() + offset)
    else:
        aware = at.replace(tzinfo=zone)
    precision: Precision = "day" if hour is None else "minute" if second is None else "second"
    if precision != "day" and aware.astimezone(zone).timetz().replace(tzinfo=None) == dt.time(0):
        precision = "day"  # nobody publishes at midnight sharp: the page gave a day
    return Moment(aware.astimezone(dt.UTC), precision, origin, said_utc=offset in ("Z", "UTC", "GMT", "+00:00"))


def published(document: Document, page: list[Block], zone: ZoneInfo, named: str | None = None) -> Moment | None:
    """The time of first publication. ``named`` is the text of the place that the source's rules name.

    Of what the page says, JSON-LD counts before meta tags, those before what is shown, and a time before a day. A time
    that is said to be UTC and would lie after the capture is local time. What the feed or sitemap said comes last but
    for the day in the address.
    """
    latest = document.page.fetched_at + dt.timedelta(days=1)
    best: Moment | None = None
    for moment in _published(document, page, zone, named):
        if moment.at <= latest and moment.at.year > 1990 and (best is None or moment.exact):
            best = moment
            if moment.exact:
                break
    if best is not None and best.said_utc and best.at > document.page.fetched_at:
        return dataclasses.replace(best, at=best.at.replace(tzinfo=zone).astimezone(dt.UTC))
    return best


def modified(document: Document, zone: ZoneInfo) -> Moment | None:
    """The time of the last change, from JSON-LD or meta tags."""
    texts = [(document.article.get("dateModified"), "jsonld"), *((document.meta(name), "meta") for name in _MODIFIED)]
    found = [parse(text, zone, origin) for text, origin in texts if isinstance(text, str)]  # type: ignore[arg-type]
    return next((m for m in found if m and m.exact), None)


def _published(document: Document, page: list[Block], zone: ZoneInfo, named: str | None) -> Iterator[Moment]:
    def tried(text: Any, origin: PublishedFrom) -> Iterator[Moment]:
        if isinstance(text, str) and (moment := parse(text.strip(), zone, origin)):
            yield moment

    yield from tried(document.article.get("datePublished"), "jsonld")
    for name in _PUBLISHED:
        yield from tried(document.meta(name), "meta")
    yield from tried(named, "page")
    yield from tried(document.article.get("dateCreated"), "jsonld")
    for element in document.tree.xpath('//*[@itemprop="datePublished"]'):
        yield from tried(element.get("content") or element.get("datetime") or element.text_content(), "page")
    yield from _shown(page, zone)
    yield from tried(document.page.published, "sitemap")
    if found := _URL.search(document.page.url):
        year, month, day = found.groups()
        if day:
            yield from tried(f"{year}-{int(month):02d}-{int(day):02d}", "url")


def _shown(page: list[Block], zone: ZoneInfo) -> Iterator[Moment]:
    """Times between the headline and the text, or right above the headline; those of an update last."""
    text = next((b.index for b in page if b.keep and len(b.text) > 120), 0)
    top = max((b.index for b in page if b.tag == "h1" and b.index < text), default=max(0, text - 15))
    late = []
    for block in page[max(0, top - 6) : text + 1]:
        if len(block.text) > 160:
            continue
        inside = next((e for e in block.around), None)
        stamps = [e.get("datetime") for e in inside.iter("time") if e.get("datetime")] if inside is not None else []
        for stamp in [*stamps, block.text]:
            if moment := parse(stamp, zone, "page"):
                if _UPDATE.search(block.text):
                    late.append(moment)
                else:
                    yield moment
    yield from late
