"""The page of all sources: a row a source, a cell a day, the sources that need a person first."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from klartext import sources
from klartext.console.intervals import TO_DO, Day, IntervalState, days_of, intervals_of
from klartext.console.lake_cache import LakeCache
from klartext.console.view import BadQuery, Schedule, View
from klartext.sources import Source

PERIODS = (30, 90, 365)
"""Days that a page may show."""
_SITES = 10
"""Sites of hosts without a source file that are shown."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source with its days. ``to_do`` are the intervals that need a person, latest first."""

    source: Source
    days: list[Day]
    to_do: list[IntervalState]
    published: int
    last: IntervalState | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """A site of hosts without a source file, with the number of published rows by day."""

    site: str
    days: list[tuple[dt.date, int]]
    published: int


def period_of(days: int | None, default: int = PERIODS[0]) -> int:
    """The number of days to show. Raises BadQuery for another one than :data:`PERIODS`."""
    if days is None:
        return default
    if days not in PERIODS:
        raise BadQuery(f"days={days}: give one of {', '.join(map(str, PERIODS))}")
    return days


def content(cache: LakeCache, view: View, days: int | None = None) -> dict[str, Any]:
    """What the page shows."""
    period = period_of(days)
    last = _last_day(cache, view, period)
    first = last - dt.timedelta(days=period - 1)
    slugs = [slug for slug in {*cache.sources(), *_slugs_in_lake(cache)} if view.may_read(slug)]
    since = dt.datetime.combine(first, dt.time(), dt.UTC)
    schedules = view.schedules(slugs, since)
    accounts: dict[str, list[dict[str, Any]]] = collections.defaultdict(list)
    for row in cache.accounts(view.may_read, since=first):
        accounts[row["source"]].append(row)
    rows = [_row(cache, slug, accounts[slug], schedules, first, last) for slug in sorted(slugs)]
    rows.sort(key=lambda row: (not row.to_do, -len(row.to_do), row.last is None, row.source.slug))
    return {
        "rows": rows,
        "sites": _sites(cache, first, last) if view.may_read(sources.OTHER.slug) else [],
        "days": period,
        "periods": PERIODS,
        "first": first,
        "last": last,
        "is_past": last < view.now.date(),
        "to_do": sum(bool(row.to_do) for row in rows),
    }


def _last_day(cache: LakeCache, view: View, period: int) -> dt.date:
    """Today; of a lake whose last batch that the user may see is longer ago than the period, the day of that."""
    today = view.now.date()
    allowed = {slug: view.may_read(slug) for slug in _slugs_in_lake(cache)}
    latest = max((file.day for file in cache.files("batches") if allowed[file.source]), default=today)
    return latest if latest <= today - dt.timedelta(days=period) else today


def _slugs_in_lake(cache: LakeCache) -> set[str]:
    return {file.source for file in cache.files("batches")}


def _row(
    cache: LakeCache, slug: str, accounts: list[dict[str, Any]], schedules: Mapping[str, Schedule], first: dt.date,
    last: dt.date
) -> SourceRow:  # fmt: skip
    source = cache.source(slug)
    uncurated = cache.uncurated(slug) if accounts else frozenset[str]()
    intervals = intervals_of(source, accounts, schedules.get(slug, Schedule()), uncurated)
    shown = [each for each in intervals if first <= each.batch.date <= last]
    return SourceRow(
        source=source,
        days=days_of(shown, first, last),
        to_do=[each for each in reversed(shown) if each.state in TO_DO],
        published=sum(row["published"] for row in accounts),
        last=shown[-1] if shown else None,
    )


def _sites(cache: LakeCache, first: dt.date, last: dt.date) -> list[SiteRow]:
    """The largest sites of hosts without a source file."""
    by_day = cache.site_counts(sources.OTHER.slug, first)
    totals: collections.Counter[str] = collections.Counter()
    for counts in by_day.values():
        totals.update(counts)
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    return [
        SiteRow(site=site, days=[(day, by_day[day][site] if day in by_day else 0) for day in days], published=number)
        for site, number in totals.most_common(_SITES)
    ]
