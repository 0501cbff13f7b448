"""Dates that a reader sees on a page, ordered by how likely each is the article's day of publication."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
import re
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from klartext import dates
from klartext.dates import words
from klartext.dates.tokens import fold
from klartext.extract import date_labels
from klartext.extract.blocks import Block, squeeze
from klartext.extract.document import Document
from klartext.extract.page_zones import PageZones

_LONGEST_LINE = 160
"""The size of a line that may be a date with what belongs to it."""
_MOST_BESIDE = 8
"""Words of a line beside its date; with more and without a label it may be a caption or a sentence."""
_SHORTEST_PHRASE, _SMALL_WORDS = 8, 2
_MENTIONS = 16
"""Words of a sentence that has room for more words beside its dates than any line about the publication."""
_STAMPS = 5
_NUMBERS = re.compile(r"\d{4}|\d\s?[./-]\s?\d{1,2}\s?[./-]")
"""A year, or a day and a month in numbers."""
_LAST_LATIN = "\u024f"
_WORD = re.compile(r"[^\W\d_]+")
_OPENINGS, _LONGEST_OPENING, _MOST_IN_OPENING, _DASHES = 2, 110, 5, 3
"""Paragraphs at whose beginning a dateline is looked for; its characters, words beside the date, and dashes."""
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_FIRST_WORD = re.compile(r"\W{0,3}(\w+)")
_DASH = re.compile(r"\s?[–—]\s?|\s--?\s|(?<=[)/])\s?--?")
_CLOCK = re.compile(r"(?<![\d.])\d{1,2}[:.]\d{2}(?!\.?\d)")
_DAY = dt.timedelta(hours=36)
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})([/-])(\d{1,2})\2(?:19|20)\d\d(?![\d/-])")
_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "؟", "۔")
_REGIONS = {"mdy": "US", "dmy": "GB"}


@dataclasses.dataclass(frozen=True, slots=True)
class ShownDate:
    """A date of a line: ``role`` is what the line calls it, see :func:`klartext.extract.date_labels.role`; ``bare``
    means that the line holds little else."""

    moment: dates.Moment
    role: str | None
    bare: bool


class VisibleDates:
    """Reads the dates of a page's lines.

    Args:
        document: The page.
        page: Its lines, those of the text marked.
        title: The headline.
        zone: The publisher's time zone.
    """

    def __init__(self, document: Document, page: list[Block], title: str | None, zone: ZoneInfo) -> None:
        self._document, self._page, self._title, self._zone = document, page, title, zone
        self._read: dict[int, list[ShownDate]] = {}

    @functools.cached_property
    def zones(self) -> PageZones:
        """Where the lines stand."""
        return PageZones(self._page, self._title)

    @functools.cached_property
    def near(self) -> list[dates.Moment]:
        """The dates between headline and text that are called nothing else than the publication, those with a label
        first."""
        shown = list(self._near())
        labelled = [one.moment for one in shown if one.role == "published"]
        return labelled + [one.moment for one in shown if one.role != "published"]

    def _near(self) -> Iterator[ShownDate]:
        for block in self.zones.all_between:
            # whether a line counts takes longer to find out than that it has no date, as most
            if (shown := self.of_line(block)) and self.zones.counts(block):
                yield from (one for one in shown if one.role == "published" or (one.role == "" and one.bare))

    def only_day_before(self, stated: dt.datetime) -> list[dates.Moment]:
        """Those of :attr:`near` if they are of one day that begins over 36 hours before a time; reads no line that does
        not matter for that."""
        limit, local = stated - _DAY, stated.astimezone(self._zone)
        forms = (f"{local:%d.%m.%Y}", f"{local:%Y-%m-%d}")
        if not any(self._may_show_before(block, limit, forms) for block in self.zones.all_between):
            return []
        days = {self._midnight(moment) for moment in self.near}
        return self.near if len(days) == 1 and days.pop() < limit else []

    def _may_show_before(self, block: Block, limit: dt.datetime, later: tuple[str, ...]) -> bool:
        """False for a line that shows no day before a time, which is hours before the capture at least.

        A line is not read, which takes long, if its ``time`` elements state later days and nothing beside them is a
        date, or if it holds no date but minutes, as the time that a text takes to read, or a later day in one of some
        forms, or if it is a sentence.
        """
        if block.size > _LONGEST_LINE:
            return False
        times = [e for e in block.element.iter("time") if e.get("datetime")] if self._document.elements("time") else []
        if 0 < len(times) <= _STAMPS and not _line_may_hold_date(_without(block.text, times)):
            now, language = self._document.page.fetched_at, self._language(block.text)
            stamps = [dates.parse(e.get("datetime"), zone=self._zone, now=now, language=language) for e in times]
            if all(moment is not None and self._midnight(moment) >= limit for moment in stamps):
                return False
        if not times and (
            not _line_may_hold_date(_without_day(block.text, later), without_minutes=True) or _only_mentions(block.text)
        ):
            return False
        return any(self._midnight(one.moment) < limit for one in self.of_line(block))

    def _midnight(self, moment: dates.Moment) -> dt.datetime:
        """The beginning of a moment's day at the publisher's place."""
        return dt.datetime.combine(moment.at.astimezone(self._zone).date(), dt.time(), self._zone)

    def first(self) -> Iterator[dates.Moment]:
        """The dates that a line near headline or end of the text calls the publication, then those without a label
        between headline and text."""
        for block in [*self.zones.between, *reversed(self.zones.above), *self.zones.behind]:
            yield from (one.moment for one in self.of_line(block) if one.role == "published")
        yield from self.near

    def datelines(self) -> Iterator[dates.Moment]:
        """The date in the line that opens the text, as in ``WASHINGTON (May 14, 2024) — The mill …``."""
        text = (b for b in self._page if (b.keep or b.rule == "lead") and not b.is_heading and b.is_prose)
        for block in itertools.islice(text, _OPENINGS):
            opening = block.text[:_LONGEST_OPENING]
            word = _FIRST_WORD.match(opening)
            if word is None or fold(word[1]) in words.fillers():  # "On May 14, 2024 – …" opens a sentence
                continue
            for dash in itertools.islice(_DASH.finditer(opening), _DASHES):
                found = dates.find_in_text(
                    opening[: dash.start()],
                    zone=self._zone, now=self._document.page.fetched_at, language=self._language(opening),
                )  # fmt: skip
                if found:
                    beside = _count(found[0].before) + _count(found[0].after)
                    if len(found) == 1 and beside <= _MOST_IN_OPENING and date_labels.role(found[0]) != "modified":
                        yield found[0].moment
                    break

    def lone(self, *, clock: bool) -> Iterator[dates.Moment]:
        """The dates of the page's lines if they are of one day; with ``clock`` only those with a time of day.

        Lines built alike that show several days are those of other articles or comments. The day that the page shows
        at its very top, far above the headline, is the present one.
        """
        present = {one.moment.at.astimezone(self._zone).date() for b in self.zones.top for one in self.of_line(b)}
        present.add(self._document.page.fetched_at.astimezone(self._zone).date())
        shown: dict[tuple[str, str | None], list[dates.Moment]] = {}
        for block in self._page:
            if block.size > _LONGEST_LINE or block.hidden or not any(map(str.isdigit, block.text)):
                continue
            if self.zones.is_title(block) or self.zones.is_apart(block.around):
                continue
            for one in self.of_line(block):
                if one.role == "" and (one.bare or clock) and (one.moment.is_exact or not clock):
                    shown.setdefault(block.kind, []).append(one.moment)
        found = []
        for moments in shown.values():
            past = [m for m in moments if m.at.astimezone(self._zone).date() not in present]
            if past and not self._of_one_day(past):
                continue
            found += past
        yield from self._of_one_day(found)

    def others(self) -> Iterator[dates.Moment]:
        """Those above the headline, the one that some line of the page calls the publication, those near the headline
        that stand among other words, and the one right behind the text. Several days above the headline or behind the
        text are those of other articles."""
        above, between = self._of_lines(reversed(self.zones.above)), self._of_lines(self.zones.between)
        beside = self._of_lines(b for b in reversed(self.zones.above) if self.zones.is_beside_heading(b))
        yield from (one.moment for one in beside if one.role == "" and one.bare)
        yield from self._of_one_day([one.moment for one in above if one.role == "" and one.bare])
        yield from self._labelled("published")
        yield from (one.moment for one in [*between, *above] if one.role == "" and not one.bare)
        behind = self._of_lines(self.zones.behind)
        yield from self._of_one_day([one.moment for one in behind if one.role == "" and one.bare])

    def _of_lines(self, blocks: Iterable[Block]) -> list[ShownDate]:
        return [one for block in blocks for one in self.of_line(block)]

    def _of_one_day(self, moments: list[dates.Moment]) -> list[dates.Moment]:
        """All of them, or none if they name several days."""
        return moments if len({moment.at.astimezone(self._zone).date() for moment in moments}) == 1 else []

    def changes(self) -> Iterator[dates.Moment]:
        """The dates that a line calls a change: near the headline, then the one that the page names elsewhere."""
        for block in [*self.zones.between, *reversed(self.zones.above), *self.zones.behind]:
            yield from (one.moment for one in self.of_line(block) if one.role == "modified")
        yield from self._labelled("modified")

    def _labelled(self, role: str) -> list[dates.Moment]:
        """The dates that lines anywhere give this role; none if they differ, as those of comments and teasers do."""
        found = []
        named = {role, "modified"}  # a line of a change may have the publication before it
        for block in self._page:
            if block.size <= _LONGEST_LINE and any(date_labels.names_role(block.text, one) for one in named):
                if self.zones.is_title(block) or self.zones.is_apart(block.around):
                    continue
                found += [one.moment for one in self.of_line(block) if one.role == role]
        return self._of_one_day(found)

    def of_line(self, block: Block) -> list[ShownDate]:
        """The dates of a line, those of its ``time`` elements first; none of a caption or a long line."""
        known = self._read.get(block.index)
        if known is None:
            known = self._read[block.index] = list(self._dates(block))
        return known

    def _dates(self, block: Block) -> Iterator[ShownDate]:
        if block.size > _LONGEST_LINE or block.rule == "quote-credit":
            return
        boxes = {e.tag for e in block.around[:3]}
        if "blockquote" in boxes:
            return
        now, language = self._document.page.fetched_at, self._language(block.text)
        text = _ADDRESS.sub(" ", block.text) if "www." in block.text or "://" in block.text else block.text
        found = dates.find_in_text(text, zone=self._zone, now=now, language=language)
        stamps = [stamp for element in block.element.iter("time") if (stamp := element.get("datetime"))]
        if not found and not stamps:
            return
        # the words between two dates belong to the second
        found = [dataclasses.replace(one, after=()) for one in found[:-1]] + found[-1:]
        roles = _of_pair([role_in(one, block) for one in found])
        beside = sum(_count(one.before) + _count(one.after) for one in found)
        if block.rule == "caption" or "figure" in boxes or "figcaption" in boxes:
            if beside > 1:
                return
            bare = True
        else:
            bare = not found or (beside <= _MOST_BESIDE and not _is_phrase(block.text)) or not found[0].before
        stamped = []
        for place, stamp in enumerate(stamps[:_STAMPS]):
            moment = dates.parse(stamp, zone=self._zone, now=now, language=language)
            role = roles[min(place, len(roles) - 1)] if roles else date_labels.role_of_words(block.text)
            if moment:
                stamped.append(moment.at)
                yield ShownDate(moment, role, bare=True)
        for one, role in zip(found, roles, strict=True):
            # the text of a time element may only say how long ago it was
            if len(stamped) < len(found) or any(abs(one.moment.at - at) < _DAY for at in stamped):
                yield ShownDate(one.moment, role, bare)

    def _language(self, text: str) -> str | None:
        """The page's language tag, with the region whose order of day and month the page's own dates show, for a line
        with a date of three numbers on a page that names no region."""
        tag = self._document.language
        if (tag or "en").lower() not in ("en", "und", "en-ca") or not _NUMERIC.search(text):
            return tag
        return f"en-{_REGIONS[self._order]}" if self._order else tag

    @functools.cached_property
    def _order(self) -> str | None:
        """``dmy`` or ``mdy`` if all dates of the page of which one number is above 12 are written so."""
        orders = set()
        for block in self._page:
            for found in _NUMERIC.finditer(block.text[:500]):
                first, second = int(found[1]), int(found[3])
                if first <= 12 < second <= 31:
                    orders.add("mdy")
                elif second <= 12 < first <= 31:
                    orders.add("dmy")
        return orders.pop() if len(orders) == 1 else None


def _without(line: str, elements: list[HtmlElement]) -> str:
    """A line without the texts of some elements."""
    for element in elements:
        line = line.replace(squeeze(element.text_content()), " ", 1)
    return line


def _without_day(line: str, forms: tuple[str, ...]) -> str:
    """A line without a day in one of some forms and the time of day beside it."""
    for form in forms:
        if form in line:
            return _CLOCK.sub(" ", line.replace(form, " ", 1), count=1)
    return line


def _line_may_hold_date(text: str, *, without_minutes: bool = False) -> bool:
    """False for a text without the numbers of a date and without a word for a month, a day or a unit of time; if so
    asked, minutes and seconds are no such units."""
    if _NUMBERS.search(text):
        return True
    if not text.isascii() and max(text) > _LAST_LATIN and ("年" in text or any(map(str.isdigit, text))):
        return True  # "年" may stand behind Chinese numerals
    return not _words_of_time(without_minutes).isdisjoint(_WORD.findall(fold(text)))


def _only_mentions(line: str) -> bool:
    """True for a long sentence without a word for the publication: a day in it is that of something else."""
    return len(line.split()) > _MENTIONS and _is_sentence(line) and not date_labels.names_role(line, "published")


@functools.cache
def _words_of_time(without_minutes: bool) -> frozenset[str]:
    units = (word for word, unit in words.units().items() if not (without_minutes and unit in ("minute", "second")))
    return frozenset((*units, *words.near_days(), *words.all_months()))


def _of_pair(roles: list[str | None]) -> list[str | None]:
    """The roles of a line's dates: one without a label right before that of a change is the publication."""
    is_pair = len(roles) > 1 and roles[0] == "" and roles[1] == "modified"
    return ["published", *roles[1:]] if is_pair else roles


def _count(said: tuple[str, ...]) -> int:
    """Words; of a script without spaces three characters count as one."""
    return sum(1 if word < "\u0e00" else 1 + len(word) // 3 for word in said)


def _is_phrase(line: str) -> bool:
    """True for the words of a caption or a heading rather than of a byline, which are names."""
    said = line.split()
    return len(said) > _SHORTEST_PHRASE and sum(word.isalpha() and word.islower() for word in said) > _SMALL_WORDS


def role_in(found: dates.Found, block: Block) -> str | None:
    """What a line calls a date that was found in it."""
    return date_labels.role(found, sentence=_is_sentence(block.text))


def _is_sentence(line: str) -> bool:
    return line.rstrip('"”“»’」』').endswith(_ENDS)
