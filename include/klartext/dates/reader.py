"""One value or one line of text to moments: what callers use."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import html
import re
from zoneinfo import ZoneInfo

from klartext.dates import iso, relative, words
from klartext.dates.cursor import Context
from klartext.dates.moment import Moment
from klartext.dates.tokens import Token, fold, part_words, split, with_digits
from klartext.dates.written import Reader

LONGEST_VALUE = 160
"""Characters of a value; a longer one is no date."""
LONGEST_LINE = 2000
"""Characters of a line of text that are looked at."""
_LONGEST_LIST = 10
_MOST_WORDS = 60
_MONTH_FIRST_REGIONS = frozenset("us ph pr gu fm pw mh".split())
_UNDECIDED_REGIONS = frozenset("ca".split())
_YEAR_FIRST_LANGUAGES = frozenset("zh ja ko hu mn lt".split())
_MONTH_FIRST_ZONES = frozenset(
    "America/New_York America/Chicago America/Denver America/Los_Angeles America/Phoenix America/Anchorage "
    "America/Detroit America/Boise America/Juneau America/Adak America/Nome Pacific/Honolulu Pacific/Guam "
    "Asia/Manila US/Eastern US/Central US/Mountain US/Pacific".split()
)
_WEEKDAY = re.compile(
    r"[^\W\d]{1,15}\.?,\s{0,9}(?=\d{1,2}\s{1,9}[^\W\d]{1,15}\.?\s{1,9}\d{4}\s{1,9}\d{1,2}:\d\d(?::\d\d)?\s{1,9}[+-]\d{4}\Z)"
)
"""The day of the week in a date of RFC 822."""
_OWN_YEARS = frozenset(("fa", "th"))
"""Languages whose publishers count years otherwise."""
_TRAILING = frozenset(". , ; ( ) [ ] | г r года р року г. uhr น d gada m م min".split())
"""What may stand behind a date that is a whole value."""


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """A date in a text. ``before`` are the words between it and the date before it, ``after`` those behind it; folded,
    that is in lower case and without accents, and at most sixty."""

    moment: Moment
    before: tuple[str, ...]
    after: tuple[str, ...]


def parse(
    value: object,
    *,
    zone: ZoneInfo,
    now: dt.datetime | None = None,
    language: str | None = None,
    reduced: bool = False,
) -> Moment | None:
    """The moment that a whole value says; None if it is no date, or more than one.

    Args:
        value: A text in any of the usual forms, a number of seconds or milliseconds since 1970, a list (its first
            date counts) or a JSON-LD value object.
        zone: The publisher's time zone, for a time that states none; a day is a day there.
        now: When the value was captured; "3 hours ago" is read only with it, and it decides an ambiguous 05/06/2024
            of which one reading lies after it.
        language: Language tag of the page (``de``, ``en-GB``); see :func:`day_order`.
        reduced: Reads a month or year too, as ``2024-05``.
    """
    if isinstance(value, list | tuple):
        found = (parse(one, zone=zone, now=now, language=language, reduced=reduced) for one in value[:_LONGEST_LIST])
        return next((moment for moment in found if moment), None)
    if isinstance(value, dict):
        held = value.get("@value")
        is_plain = isinstance(held, str | int | float)
        return parse(held, zone=zone, now=now, language=language, reduced=reduced) if is_plain else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, int) and abs(value) > 10**18:
        return None
    text = (value if isinstance(value, str) else repr(value)).strip(" \t\r\n\"'\ufeff\u200b\u200e\u200f\xa0")
    if "&" in text[:LONGEST_VALUE]:  # escaped twice, as in ``10:30:00&#43;02:00``
        text = html.unescape(text[:LONGEST_VALUE])
    return _parse_text(text, zone, now, language, reduced=reduced) if text and len(text) <= LONGEST_VALUE else None


@functools.lru_cache(maxsize=64)  # a page states one time in JSON-LD, in meta tags and in the element that shows it
def _parse_text(
    text: str, zone: ZoneInfo, now: dt.datetime | None, language: str | None, *, reduced: bool
) -> Moment | None:
    try:
        is_own = _primary(language) in _OWN_YEARS and text[4:5] in ("-", "/", ".") and text[:2] not in ("19", "20")
        if not is_own and (moment := iso.read(text, zone, reduced=reduced)):
            return moment
        return _written(text, zone, now, language, reduced=reduced)
    except (ValueError, OverflowError, KeyError, OSError):  # no such day, zone or offset
        return None


def _written(
    text: str, zone: ZoneInfo, now: dt.datetime | None, language: str | None, *, reduced: bool
) -> Moment | None:
    if weekday := _WEEKDAY.match(text):  # whatever it is: the form says so, and few programs know each language
        text = text[weekday.end() :]
    tokens = _tokens(text)
    reader = Reader(tokens, _context(zone, now, language))
    if found := reader.read(0):
        parts, end = found
        return parts.moment(zone) if _is_end(tokens, end) else None
    if now is not None and (said := relative.read(reader, 0, now, whole=True)):
        return said[0] if _is_end(tokens, said[1]) else None
    if reduced and len(tokens) == 2 and tokens[1].digits == 4 and tokens[1].number:
        month = words.months_in(_primary(language)).get(tokens[0].text)
        return iso.read(f"{tokens[1].number:04d}-{month}", zone, reduced=True) if month else None
    return None


def find_in_text(
    text: str, *, zone: ZoneInfo, now: dt.datetime | None = None, language: str | None = None
) -> list[Found]:
    """The dates in a line of visible text, in their order; each is read as long as it is.

    Of a text longer than :data:`LONGEST_LINE` only the beginning is looked at. Arguments as in :func:`parse`.
    """
    text = text[:LONGEST_LINE]
    folded = with_digits(fold(text))
    # without a number only "an hour ago" is a time
    if not any(map(str.isdigit, folded)) and (now is None or words.units().keys().isdisjoint(folded.split())):
        return []
    tokens = _tokens(part_words(text))
    if not _tokens_may_hold_date(tokens, _primary(language)):
        return []
    reader = Reader(tokens, _context(zone, now, language))
    found: list[Found] = []
    i, last = 0, 0
    months, near = words.months_in(_primary(language)), words.near_days()
    halves, eras, ago = words.halves(), words.eras(), _ago_words()
    while i < len(tokens):
        token = tokens[i]
        hit: tuple[Moment, int] | None = None
        begins = token.number is not None or token.text in months or token.text in halves or token.text in eras
        if begins and not _inside_number(tokens, i):
            hit = _moment_at(reader, i, zone)
        if hit is None and now is not None and (token.number is not None or token.text in near or token.text in ago):
            try:
                hit = relative.read(reader, i, now, whole=False)
            except (ValueError, OverflowError):
                hit = None
        if hit is None:
            i += 1
            continue
        moment, end = hit
        end = max(end, i + 1)
        begin = i
        while begin > last and (tokens[begin - 1].text in reader.fillers or tokens[begin - 1].text in reader.weekdays):
            begin -= 1
        found.append(Found(moment, _words(tokens[max(last, begin - _MOST_WORDS) : begin]), _words(tokens[end:])))
        i = last = end
    return found


def _tokens_may_hold_date(tokens: list[Token], language: str | None) -> bool:
    """False for what only has some number, as many sentences: a date has a year of four digits, three numbers, or a
    word for a month, a day or a unit of time."""
    numbers = [token.digits for token in tokens if token.number is not None]
    if len(numbers) > 2 or 4 in numbers:  # most that are dates
        return True
    months, others = words.months_in(language), _date_words()
    return any(token.text in months or token.text in others for token in tokens)


@functools.cache
def _date_words() -> frozenset[str]:
    """Words, other than months, of which a date has one that has no year of four digits and less than three numbers."""
    named = (words.jalali_months(), words.units(), words.ago_whole(), words.near_days())
    return frozenset(("thang", *(word for part in named for word in part)))


@functools.cache
def _ago_words() -> frozenset[str]:
    """Words with which "an hour ago" begins in some language."""
    return words.ones() | {phrase[0] for phrase in words.ago_before() | words.ago_around()}


def _moment_at(reader: Reader, i: int, zone: ZoneInfo) -> tuple[Moment, int] | None:
    try:
        if (read := reader.read(i)) is None:
            return None
        return read[0].moment(zone), read[1]
    except (ValueError, OverflowError, KeyError, OSError):
        return None


def _inside_number(tokens: list[Token], i: int) -> bool:
    """True if a token is the later part of a longer number, address or version."""
    if i == 0 or not tokens[i].glued or tokens[i].number is None:
        return False
    before = tokens[i - 1]
    if before.text in (".", "-", ",", "_", ":", "+") and before.glued and i > 1:
        return tokens[i - 2].number is not None or before.text in ("_", "+")
    if before.is_word and i > 1 and tokens[i - 2].text == "@":
        return True  # the name of an account
    return before.is_word and before.text.isascii() and len(before.text) < 3


def _words(tokens: list[Token]) -> tuple[str, ...]:
    return tuple(t.text for t in tokens[:_MOST_WORDS] if t.is_word or t.text in ("©", "†", "*"))


def _is_end(tokens: list[Token], i: int) -> bool:
    """True if nothing but marks and words without meaning comes from a place on."""
    rest = tokens[i : i + 5]
    return len(rest) < 5 and all(t.text in _TRAILING or t.text in words.all_weekdays() for t in rest)


def _tokens(text: str) -> list[Token]:
    folded = with_digits(fold(text))
    for written, meant in words.aliases():
        if written in folded:
            folded = folded.replace(written, meant)
    return split(folded)


def _primary(language: str | None) -> str | None:
    return language.replace("_", "-").partition("-")[0].lower() if language else None


def _context(zone: ZoneInfo, now: dt.datetime | None, language: str | None) -> Context:
    latest = (now + dt.timedelta(days=1)).date() if now else None
    return Context(zone, _primary(language), day_order(zone, language), latest)


@functools.lru_cache(maxsize=1024)
def day_order(zone: ZoneInfo, language: str | None = None) -> str | None:
    """How 05/06/2024 is read: ``dmy``, ``mdy``, ``ymd`` (for two-digit years), or None where nothing decides.

    The region of the language tag decides first, then the language (English alone does not), then the zone. Canada
    writes both. With None a date counts only if its numbers leave one reading.
    """
    tag = (language or "").replace("_", "-").lower().split("-")
    region = next((part for part in tag[1:] if len(part) == 2), None)
    if region in _MONTH_FIRST_REGIONS:
        return "mdy"
    if region in _UNDECIDED_REGIONS and tag[0] == "en":
        return None
    if tag[0] in _YEAR_FIRST_LANGUAGES:
        return "ymd"
    if region is not None or tag[0] not in ("", "en", "und", "x"):
        return "dmy"
    key = zone.key
    if key in _MONTH_FIRST_ZONES or key.startswith(("America/Indiana/", "America/Kentucky/", "America/North_Dakota/")):
        return "mdy"
    if "/" not in key or key.startswith("Etc/") or key in ("America/Toronto", "America/Vancouver", "America/Halifax"):
        return None
    return "dmy"
