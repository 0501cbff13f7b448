"""Time zones and offsets behind a time."""

from __future__ import annotations

import functools
import zoneinfo
from zoneinfo import ZoneInfo

from klartext.dates import words
from klartext.dates.cursor import Cursor
from klartext.dates.moment import Parts

_AREAS = frozenset("africa america antarctica arctic asia atlantic australia europe indian pacific etc".split())


class ZoneReader(Cursor):
    """Reads the zone behind a time into the parts of a date."""

    def read_zone(self, parts: Parts, i: int) -> int:
        """Reads the zone at a place into the parts; gives the place behind it, or the same if there is none."""
        j = i + 1 if self.text(i) in ("(", "[", ",") else i
        text = self.text(j)
        closing = {"(": ")", "[": "]"}.get(self.text(i)) if j > i else None
        if text in words.zones() or text in words.zone_names() or text in _AREAS:
            end = self._named_zone(parts, j)
            if end is not None:
                return end + (closing is not None and self.text(end) == closing)
            return i
        if text in ("+", "-") and j == i:
            behind = self._offset(parts, j)
            return self._skip_name(behind) if behind is not None else i
        return i

    def _named_zone(self, parts: Parts, j: int) -> int | None:
        text = self.text(j)
        if text in _AREAS and self.text(j + 1) == "/":
            name, end = text, j + 1
            while self.text(end) in ("/", "_", "-") and end < j + 8:
                name, end = name + self.text(end) + self.text(end + 1), end + 2
            known = _zone_names().get(name)
            if known is not None:
                parts.offset = ZoneInfo(known)
                return end
            return None
        if text in words.zone_names():
            end = j + 1
            while self.text(end) in ("standard", "daylight", "time") and end < j + 3:
                end += 1
            if len(text) > 2 and end == j + 1:
                return None
            parts.offset = ZoneInfo(words.zone_names()[text])
            return end
        if text not in words.zones():
            return None
        if text == "z" and not self.glued(j) and j + 1 < len(self.tokens):
            return None
        by_place = words.zones_by_place().get(text, {})
        parts.offset = by_place.get(
            self.context.zone.key, by_place.get(self.context.language or "", words.zones()[text])
        )
        if text in ("utc", "gmt") and self.text(j + 1) in ("+", "-") and (behind := self._offset(parts, j + 1)):
            return self._skip_name(behind)
        return j + 1

    def _offset(self, parts: Parts, i: int) -> int | None:
        """``+02:00``, ``+0200``, ``+2``; behind a time without seconds ``-12:00`` is the end of a span, no offset."""
        number, digits = self.number(i + 1), self.digits(i + 1)
        if number is None or not self.glued(i + 1):
            return None
        minus = self.text(i) == "-"
        if digits in (3, 4):
            hours, minutes, end = number // 100, number % 100, i + 2
        elif digits in (1, 2):
            hours, minutes, end = number, 0, i + 2
            if self.text(end) == ":" and self.glued(end) and self.digits(end + 1) == 2:
                minutes, end = self.number(end + 1) or 0, end + 2
            if minus and parts.second is None and parts.offset is None:
                return None
        else:
            return None
        if hours > 18 or minutes > 59:
            return None
        parts.offset = (hours * 60 + minutes) * (-1 if minus else 1)
        return end

    def _skip_name(self, i: int) -> int:
        """The place behind a name that repeats an offset: ``+0000 UTC``, ``+0200 (Central European Summer Time)``."""
        name = self.text(i)
        if name in words.zones() and (name != "z" or self.glued(i)):
            return i + 1
        if name != "(":
            return i
        end = next((j for j in range(i + 1, min(i + 8, len(self.tokens))) if self.text(j) == ")"), None)
        return end + 1 if end is not None else i


@functools.cache
def _zone_names() -> dict[str, str]:
    return {name.lower(): name for name in zoneinfo.available_timezones()}
