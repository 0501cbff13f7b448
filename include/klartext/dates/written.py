"""Dates as people write them, in many languages, with the time beside them."""

from __future__ import annotations

import datetime as dt

from klartext.dates import calendars, words
from klartext.dates.clock import ClockReader
from klartext.dates.moment import Parts

_BUDDHIST, _MINGUO, _YEARS = 543, 1911, (1000, 2200)
_HOUR_WORDS = frozenset(("h", "uhr", "uur", "heures", "heure", "час", "ч", "hod", "godz"))
_ORDINALS = frozenset(("st", "nd", "rd", "th"))
_NO_SUFFIX = _ORDINALS | frozenset(("er", "ero", "o", "a", "an", "e", "го", "ος", "η"))
_YEAR_WORDS = frozenset(("m", "г", "год", "gada", "yil", "йил", "жылы", "жылғы", "ko", "eko"))
"""What stands behind a year that comes first."""


class Reader(ClockReader):
    """Reads the longest date that begins at a token. Each look at a place goes through at most some 40 tokens."""

    def read(self, start: int) -> tuple[Parts, int] | None:
        """The date at ``start`` with its time, if it has one, and the place behind it."""
        begin = self.skip(start, weekday=True)
        found = self._time_first(begin) or self._date_first(begin)
        if found is None and begin != start:
            found = self._time_first(start) or self._date_first(start)
        return found

    def skip_between(self, i: int) -> int:
        """The place behind marks, fillers and weekdays that may stand between date and time, four at most."""
        return self.skip(i, weekday=True)

    # -- parts in their order

    def _date_first(self, i: int) -> tuple[Parts, int] | None:
        found = self._date(i)
        if found is None:
            return None
        parts, end = found
        behind_marks = self.skip(end, weekday=True)
        for place in (behind_marks, end) if behind_marks > end else (end,):
            marked = any(t.text == "," or t.text in self.fillers for t in self.tokens[end:place])
            timed = self.time(place, marked=marked or self._is_filler_t(end), after_date=True)
            if timed is None and self._is_filler_t(end):
                timed = self.time(end + 1, marked=True)
            if timed:
                clock, behind = timed
                if parts.year == 0:
                    year = self._year(self.skip(behind, weekday=False))
                    if year is None:
                        return None
                    clock.year, behind = year[0], year[1]
                    behind = self.read_zone(clock, behind)
                else:
                    clock.year = parts.year
                clock.month, clock.day = parts.month, parts.day
                return clock, behind
        return (parts, end) if parts.year else None

    def _time_first(self, i: int) -> tuple[Parts, int] | None:
        timed = self.time(i, marked=False)
        if timed is None:
            return None
        clock, end = timed
        found = self._date(self.skip(end, weekday=True))
        if found is None or not found[0].year:
            return None
        parts, behind = found
        clock.year, clock.month, clock.day = parts.year, parts.month, parts.day
        return clock, behind

    def _is_filler_t(self, i: int) -> bool:
        return self.text(i) == "t" and self.tokens[i].glued

    # -- dates

    def _date(self, i: int) -> tuple[Parts, int] | None:
        number = self.number(i)
        if number is not None:
            return self._numeric(i) or self._cjk(i) or self._day_first(i) or self._year_first(i)
        text = self.text(i)
        if text in self.months:
            return self._month_first(i)
        if text in words.eras() and (number := self.number(i + 1)) is not None and self.text(i + 2) == "年":
            return self._cjk(i + 1, era=words.eras()[text])
        return None

    def _numeric(self, i: int) -> tuple[Parts, int] | None:
        """Three numbers with the same mark between them."""
        mark = self.text(i + 1)
        if mark not in (".", "-", "/") or not (self.glued(i + 1) or mark == "/"):
            return None
        places = (i, i + 2, i + 4)
        if self.text(i + 3) != mark or any((self.number(p) or 0) <= 0 for p in places):
            return None
        spaced = mark == "/" and self.digits(i + 4) == 4 and not any(self.glued(p) for p in range(i + 1, i + 5))
        if mark != "." and not spaced and not all(self.glued(p) for p in range(i + 1, i + 5)):
            return None
        if self.text(i + 5) == mark and self.glued(i + 5) and self.glued(i + 6) and self.number(i + 6) is not None:
            return None  # more numbers follow: an address, a version
        a, b, c = (self.number(p) or 0 for p in places)
        widths = [self.digits(p) for p in places]
        end = i + 5 + (mark == "." and self.text(i + 5) == "." and self.glued(i + 5))
        if widths[0] == 4 and widths[1] <= 2 and widths[2] <= 2:
            return self._checked(a, b, c, end)
        if widths[0] > 2 or widths[1] > 2 or widths[2] not in (2, 4):
            return None
        if widths[2] == 2 and self.text(i + 5) == ":" and self.glued(i + 5):
            return None
        return self._ordered(a, b, c, short=widths[2] == 2, mark=mark, end=end)

    def _ordered(self, a: int, b: int, c: int, *, short: bool, mark: str, end: int) -> tuple[Parts, int] | None:
        order = "dmy" if mark == "." and self.context.order != "ymd" else self.context.order
        if order == "dmy" and not short and calendars.is_date(c, b, a):
            return self._checked(c, b, a, end)  # as most that publishers write
        readings = {
            "dmy": (self._full(c) if short else c, b, a),
            "mdy": (self._full(c) if short else c, a, b),
        } | ({"ymd": (self._full(a), b, c)} if short else {})
        if order == "ymd" and not short:
            order = None
        possible = {name: when for name, when in readings.items() if calendars.is_date(*when)}
        if not short or order != "ymd":
            possible.pop("ymd", None)
        if order not in possible:
            order = None
        if order is None and len(set(possible.values())) > 1 and (latest := self.context.latest):
            possible = {name: when for name, when in possible.items() if dt.date(*when) <= latest}
        if order is not None:
            return self._checked(*possible[order], end)
        if len(set(possible.values())) == 1:
            return self._checked(*next(iter(possible.values())), end)
        return None

    def _full(self, year: int) -> int:
        """The year of two digits: of this century unless that is long after the capture."""
        newest = self.context.latest.year + 1 if self.context.latest else 2068
        if self.context.language == "th" and year + 2500 - _BUDDHIST <= newest:
            return year + 2500 - _BUDDHIST
        return year + 2000 if year + 2000 <= newest else year + 1900

    def _checked(self, year: int, month: int, day: int, end: int) -> tuple[Parts, int] | None:
        if self.context.language == "fa" and 1200 <= year < 1500:
            converted = calendars.from_jalali(year, month, day)
            if converted is None:
                return None
            year, month, day = converted
        elif self.context.language == "th" and year > 2400:
            year -= _BUDDHIST
        if not (_YEARS[0] <= year < _YEARS[1] and calendars.is_date(year, month, day)):
            return None
        return Parts(year, month, day), end

    def _cjk(self, i: int, era: int = 0) -> tuple[Parts, int] | None:
        """``2024年5月14日``, ``24年5月14日``; a year of three digits or behind an era is counted from that one."""
        if self.text(i + 1) in ("оны", "он"):
            return self._mongolian(i)
        if self.text(i + 1) not in ("年", "년") or self.text(i + 3) not in ("月", "월"):
            return None
        year, month, day = self.number(i), self.number(i + 2), self.number(i + 4)
        if year is None or month is None or day is None or self.text(i + 5) not in ("日", "일", "号", "號"):
            return None
        if era or self.digits(i) == 3:
            year += era or _MINGUO
        elif self.digits(i) == 2:
            year = self._full(year)
        return self._checked(year, month, day, i + 6)

    def _mongolian(self, i: int) -> tuple[Parts, int] | None:
        """``2024 оны 5 сарын 16``, ``2024 оны 05-р сарын 16``."""
        j = i + 3
        if self.text(j) == "-" and self.text(j + 1) in ("р", "p"):
            j += 2
        year, month, day = self.number(i), self.number(i + 2), self.number(j + 1)
        if self.text(j) not in ("сарын", "сар") or year is None or month is None or day is None:
            return None
        return (Parts(year, month, day), j + 2) if calendars.is_date(year, month, day) else None

    def _day_first(self, i: int) -> tuple[Parts, int] | None:
        day = self.number(i)
        if day is None or not 1 <= day <= 31 or self.digits(i) > 2:
            return None
        j = i + 1
        if self.text(j) in _ORDINALS or (self.text(j) in _NO_SUFFIX and self.glued(j)):
            j += 1
        for _ in range(3):
            if self.text(j) in (".", "-", "/", ",", "'") or self.text(j) in self.fillers:
                j += 1
        text = self.text(j)
        jalali = words.jalali_months().get(text)
        month = self.months.get(text) or jalali
        if month is None and self.text(j - 1) == "thang":  # Vietnamese numbers its months
            month = self.number(j) if (self.number(j) or 0) <= 12 else None
        if not month:
            return None
        j += 1
        if self.text(j) == "/" and self.months.get(self.text(j + 1)) == month:
            j += 2  # the month by both of its Arabic names
        for _ in range(3):
            if self.text(j) in (".", "-", "/", ",", "'") or self.text(j) in self.fillers:
                j += 1
        year = self._year(j, short=self.text(j - 1) != "of")  # "7 out of 10": out is October in Portuguese
        if year is None:
            return Parts(0, month, day), j
        if jalali and year[0] < 1500:
            converted = calendars.from_jalali(year[0], month, day)
            return (Parts(*converted), year[1]) if converted else None
        return self._dated(year[0], month, day, year[1])

    def _month_first(self, i: int) -> tuple[Parts, int] | None:
        month = self.months[self.text(i)]
        j = i + 1
        while self.text(j) in (".", "-", "/") and j < i + 3:
            j += 1
        day = self.number(j)
        if day is None or not 1 <= day <= 31 or self.digits(j) > 2:
            return None
        j += 1
        if self.text(j) in _ORDINALS or (self.text(j) in _NO_SUFFIX and self.glued(j)):
            j += 1
        if self.text(j) == ":" and self.glued(j):
            return None  # "May 10:30"
        end = j
        for _ in range(2):
            if self.text(j) in (",", ".", "-", "/", "'", "de", "of"):
                j += 1
        year = self._year(j, short=self.text(j - 1) == "'")
        if year is None:
            return Parts(0, month, day), end
        return self._dated(year[0], month, day, year[1])

    def _year_first(self, i: int) -> tuple[Parts, int] | None:
        year = self._year(i)
        if year is None:
            return None
        j = year[1]
        for _ in range(2):
            if self.text(j) in (".", "-", "/", ",") or self.text(j) in _YEAR_WORDS:
                j += 1
        month = self.months.get(self.text(j))
        if month is None:
            return self._day_behind_year(year[0], j) if self.text(j - 1) in _YEAR_WORDS else None
        j += 1
        while self.text(j) in (".", "-", "/") and j < i + 6:
            j += 1
        day = self.number(j)
        if day is None or not 1 <= day <= 31 or self.digits(j) > 2 or (self.text(j + 1) == ":" and self.glued(j + 1)):
            return None
        j += 1
        if self.text(j) in (".", "d") or self.text(j) in _NO_SUFFIX:
            j += 1
        return self._dated(year[0], month, day, j)

    def _day_behind_year(self, year: int, i: int) -> tuple[Parts, int] | None:
        """``2024. gada 16. maijs``, ``2024-yil 16-may``: the day and the month behind the year."""
        found = self._day_first(i)
        if found is None or found[0].year or found[0].month is None or found[0].day is None:
            return None
        return self._dated(year, found[0].month, found[0].day, found[1])

    def _year(self, i: int, *, short: bool = False) -> tuple[int, int] | None:
        number = self.number(i)
        if number is None:
            return None
        if self.digits(i) == 4 and _YEARS[0] <= number <= 2700:
            return (number, i + 1) if not (self.text(i + 1) == ":" and self.glued(i + 1)) else None
        if short and self.digits(i) == 2 and not (self.text(i + 1) in (":", "h") or self.text(i + 1) in _HOUR_WORDS):
            if self.text(i + 1) == "." and self.glued(i + 2) and self.number(i + 2) is not None:
                return None
            return self._full(number), i + 1
        return None

    def _dated(self, year: int, month: int, day: int, end: int) -> tuple[Parts, int] | None:
        if 2400 < year <= 2700:
            year -= _BUDDHIST
        return (Parts(year, month, day), end) if year < _YEARS[1] and calendars.is_date(year, month, day) else None
