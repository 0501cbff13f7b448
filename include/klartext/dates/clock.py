"""Times of day: ``10:30``, ``10.30 Uhr``, ``10h30``, ``4:30 pm``, ``下午3时30分``, each with its zone."""

from __future__ import annotations

from klartext.dates import words
from klartext.dates.moment import Parts
from klartext.dates.zones import ZoneReader

_HOUR_WORDS = frozenset(("h", "uhr", "uur", "heures", "heure", "час", "ч", "hod", "godz"))
_HOUR_SIGNS = frozenset("时時点點시")
_HOUR_MARKS = _HOUR_WORDS | _HOUR_SIGNS
_MINUTE_SIGNS = frozenset("分분")


class ClockReader(ZoneReader):
    """Reads a time of day into parts without a date."""

    def time(self, i: int, *, marked: bool = False, after_date: bool = False) -> tuple[Parts, int] | None:
        """The time at a place and the place behind it. ``marked`` says that a word before it announces a time, so that
        10.30 is one; ``after_date`` that it follows a date."""
        half = words.halves().get(self.text(i)) if self.number(i) is None else None
        if half is not None:
            i += 1
        hour = self.number(i)
        if hour is None or hour > 24 or not 1 <= self.digits(i) <= 2:
            return self._clock_number(i) if half is None else None
        found = self._clock(i, marked=marked, after_date=after_date, half=half is not None)
        if found is None:
            return None
        parts, j = found
        if half is None and (later := self._half_behind(j)) is not None:
            half, j = later
        elif parts.minute is None and half is None and self.text(j - 1) not in _HOUR_MARKS:
            return None
        if half is not None and parts.hour is not None and parts.hour <= 12:
            parts.hour = parts.hour % 12 + half
        parts.minute = parts.minute or 0
        return parts, self.read_zone(parts, self._skip_hour_word(j))

    def _clock_number(self, i: int) -> tuple[Parts, int] | None:
        """``1030 GMT``, ``1030 hrs``."""
        number = self.number(i)
        if number is None or self.digits(i) != 4 or number // 100 > 23 or number % 100 > 59:
            return None
        if self.text(i + 1) not in ("gmt", "utc", "hrs", "z"):
            return None
        parts = Parts(0, hour=number // 100, minute=number % 100)
        return parts, self.read_zone(parts, i + 2 if self.text(i + 1) == "hrs" else i + 1)

    def _clock(self, i: int, *, marked: bool, after_date: bool, half: bool) -> tuple[Parts, int] | None:
        """Hour, minute, second. The minute is None for an hour alone, which needs a word beside it."""
        parts = Parts(0, hour=self.number(i))
        mark, minute = self.text(i + 1), self.number(i + 2)
        if minute is not None and minute < 60 and self.digits(i + 2) == 2:
            if mark in (":", "h", "uhr", "heures", "时", "時", "点", "點", "시"):
                parts.minute = minute
            elif mark == "." and self.glued(i + 1) and self.glued(i + 2):
                behind = self.text(i + 3)
                if marked or after_date or half or behind in _HOUR_WORDS or behind in ("am", "pm", "hrs"):
                    parts.minute = minute
        if parts.minute is None:
            if mark in _HOUR_MARKS:
                if minute is not None and minute < 60 and mark in ("시", "时", "時", "点", "點") and self.digits(i + 2):
                    parts.minute = minute
                    return parts, i + 3 + (self.text(i + 3) in _MINUTE_SIGNS)
                return parts, i + 2
            return (parts, i + 1) if half or self._half_behind(i + 1) is not None else None
        j = i + 3
        if self.text(j) in _MINUTE_SIGNS:
            j += 1
            if (second := self.number(j)) is not None and second < 60 and self.text(j + 1) in ("秒", "초"):
                parts.second, j = second, j + 2
            return parts, j
        second = self.number(j + 1)
        if self.text(j) == mark and mark in (":", ".") and self.glued(j) and self.glued(j + 1):
            if second is None or second > 60 or self.digits(j + 1) != 2:
                return None  # 10:30:99 is no time, and 10:30 not what it says
            parts.second, j = min(second, 59), j + 2
            if self.text(j) in (".", ",", ":") and self.glued(j) and self.glued(j + 1) and self.digits(j + 1):
                j += 2
        return parts, j

    def _half_behind(self, i: int) -> tuple[int, int] | None:
        text = self.text(i)
        if text in ("am", "pm", "πμ", "μμ", "ص", "م"):
            return words.halves().get(text, 0), i + 1 + (self.text(i + 1) == "." and self.glued(i + 1))
        return None

    def _skip_hour_word(self, i: int) -> int:
        if self.text(i) in ("uhr", "h", "hrs", "hours", "uur", "น", "ч", "hod", "min"):
            return i + 1 + (self.text(i + 1) == "." and self.glued(i + 1))
        return i
