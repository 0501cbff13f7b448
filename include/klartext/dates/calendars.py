"""Days of calendars."""

from __future__ import annotations

import calendar

_LEAP_JALALI = frozenset((1, 5, 9, 13, 17, 22, 26, 30))
_MONTHS_JALALI = (31,) * 6 + (30,) * 5 + (29,)


def is_date(year: int, month: int, day: int) -> bool:
    """True if the Gregorian calendar has this day."""
    is_month = 1 <= year <= 9999 and 1 <= month <= 12
    return is_month and (1 <= day <= 28 or 28 < day <= calendar.monthrange(year, month)[1])


def from_jalali(year: int, month: int, day: int) -> tuple[int, int, int] | None:
    """The Gregorian day of one of the Iranian calendar; None for one that it does not have.

    The 33-year cycle, which agrees with the observed calendar from 1178 to 1633 (1799 to 2254).
    """
    import datetime as dt

    if not (1178 <= year <= 1633 and 1 <= month <= 12):
        return None
    length = _MONTHS_JALALI[month - 1] + (month == 12 and year % 33 in _LEAP_JALALI)
    if not 1 <= day <= length:
        return None
    # 1 Farvardin 1400 is 21 March 2021
    first, last = sorted((1400, year))
    leaps = sum(y % 33 in _LEAP_JALALI for y in range(first, last))
    days = (last - first) * 365 + leaps
    start = dt.date(2021, 3, 21) + dt.timedelta(days=days if year >= 1400 else -days)
    found = start + dt.timedelta(days=sum(_MONTHS_JALALI[: month - 1]) + day - 1)
    return found.year, found.month, found.day
