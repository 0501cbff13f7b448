"""The day that htmldate finds on a page, as the last resort."""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import Any
from zoneinfo import ZoneInfo

from klartext import dates
from klartext.extract import date_labels
from klartext.extract.blocks import Block
from klartext.extract.document import Document
from klartext.extract.page_zones import PageZones
from klartext.extract.visible_dates import role_in

_URL_MONTH = re.compile(r"/((?:19|20)\d{2})/(0?[1-9]|1[0-2])(?=/)")
_STATED = ("datePublished", "dateModified", "dateCreated")
_OTHER_DAYS = ("expir", "event", "valid", "copyright", "rights", "deadline", "unavailable", "start", "birth")
"""Parts of the names of meta tags whose day is that of something else."""
_NEAR_TEXT = 160
_LARGEST_SEARCHED = 3 * 1024 * 1024


def find(document: Document, page: list[Block], zones: PageZones, zone: ZoneInfo) -> str | None:
    """The day, as ISO 8601; None where htmldate finds none, or one that the lines of the page contradict."""
    day = _searched(document)
    return day if day and _is_supported(document, page, zones, day, zone) else None


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


def _is_supported(document: Document, page: list[Block], zones: PageZones, day: str, zone: ZoneInfo) -> bool:
    """False for a day that the page shows only in sentences of its text, beside words that call it something else,
    among the different days of lines built alike, which are those of teasers, or at its very top, as the present one.
    One that is not shown comes from the markup."""
    built: dict[tuple[str, str], set[dt.date]] = {}
    shown: list[tuple[tuple[str, str], bool]] = []
    for block in page:
        if day[:4] not in block.text and str(int(day[8:])) not in block.text:
            continue
        signature = (block.tag, block.element.get("class") or "")
        found = dates.find_in_text(block.text, zone=zone, now=document.page.fetched_at, language=document.language)
        for one in found:
            at = one.moment.at.astimezone(zone).date()
            built.setdefault(signature, set()).add(at)
            if at.isoformat() == day:
                if block.keep or block.rule == "lead":
                    fits = len(block.text) <= _NEAR_TEXT and role_in(one, block) is not None
                else:
                    fits = not date_labels.is_of_something_else(one)
                shown.append((signature, fits and block not in zones.top))
    if not shown:
        # htmldate's day for a month or year is as that of a copyright notice
        return not day.endswith("-01") and not _is_of_json_ld(document, day) and not _is_of_meta(document, day, zone)
    return any(fits and len(built[signature]) == 1 for signature, fits in shown)


def _is_of_meta(document: Document, day: str, zone: ZoneInfo) -> bool:
    """True for a day that a meta tag calls the end of the article's validity, a copyright, or that of an event."""
    for name, contents in document.metas.items():
        if any(part in name for part in _OTHER_DAYS):
            for content in contents[:3]:
                found = dates.find_in_text(content, zone=zone, language=document.language)
                if any(one.moment.at.astimezone(zone).date().isoformat() == day for one in found):
                    return True
    return False


def _is_of_json_ld(document: Document, day: str) -> bool:
    """True for a day that the JSON-LD states, where all of it was read: then it is that of another article."""
    if not document.things or set(document.graph.problems) - {"json-ld-repaired"}:
        return False
    scripts = (e.text for e in document.elements("script") if e.text and "ld+json" in (e.get("type") or "").lower())
    return any(f'"{key}":{space}"{day}' in script for script in scripts for key in _STATED for space in ("", " "))


@functools.cache
def _htmldate() -> Any:
    import htmldate.extractors

    # Its last resort is dateparser, which needs up to seconds for a text without a date.
    if not hasattr(htmldate.extractors, "_external_date"):
        raise ImportError("htmldate calls dateparser under another name than _external_date; see _htmldate")
    htmldate.extractors._external_date = lambda string: None
    return htmldate
