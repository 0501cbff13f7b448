"""The columns of the picture of articles by time: months, or years where there are many."""

from __future__ import annotations

import collections
import datetime as dt

from klartext.report.numbers import Numbers

MONTHS, YEARS = 36, 24
"""Columns that are shown; of more months the years, and of more years the earliest are summed up."""


def by_period(numbers: Numbers) -> tuple[str, list[str], dict[tuple[str, str], int]]:
    """The number of articles by source and time.

    Returns:
        ``month`` or ``year``; all of them from the first one with an article to the last, without gaps; and the numbers
        by source and month or year, where there are any.
    """
    months = sorted({month for each in numbers.sources.values() for month in each.months})
    unit, periods, names = "month", _months(months[0], months[-1]), {month: month for month in months}
    if len(periods) > MONTHS:
        unit, first, last = "year", int(months[0][:4]), int(months[-1][:4])
        begin = max(first, last - YEARS + 1)
        periods = [str(year) for year in range(begin, last + 1)]
        if first < begin:
            periods = [f"until {begin - 1}", *periods]
        names = {month: month[:4] if int(month[:4]) >= begin else periods[0] for month in months}
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    for name, each in numbers.sources.items():
        for month, count in each.months.items():
            counts[name, names[month]] += count
    return unit, periods, dict(counts)


def _months(first: str, last: str) -> list[str]:
    """All months from the first to the last one; of a longer time one more than are shown, so that years are chosen."""
    found, day = [first], dt.date.fromisoformat(f"{first}-01")
    while found[-1] < last and len(found) <= MONTHS:
        day = (day + dt.timedelta(days=32)).replace(day=1)
        found.append(day.isoformat()[:7])
    return found
