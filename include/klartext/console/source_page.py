"""The page of a source: charts over time with the bounds of the gate, then its batches."""

from __future__ import annotations

import collections
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from klartext.batch import Batch
from klartext.console import charts, commands
from klartext.console.charts import Point
from klartext.console.intervals import TO_DO, IntervalState, days_of, intervals_of
from klartext.console.lake_cache import LakeCache, RejectCounts, Row, batch_of
from klartext.console.sources_page import PERIODS, period_of
from klartext.console.view import NotFound, Schedule, View
from klartext.model import OUTCOMES
from klartext.sources import Source
from klartext.validate import history

_BATCHES = 400
"""Intervals that the page lists."""
CHARTS = {
    "volume": "Articles",
    "median_length": "Median length, characters",
    "without_lead_share": "Without lead",
    "without_time_share": "Without time",
    "without_author_share": "Without author",
    "rejected_share": "Rejected",
    "placeholder_share": "Another page in its place",
    "incomplete_share": "Text missing or cut",
    "without_body_share": "No body selector matched",
    "equal_text_share": "Texts that are equal",
    "unstated_time_share": "Time stated nowhere",
    "coarse_time_share": "Time that is a day or missing",
    "noise_removed": "Noise removed, characters a page",
}
"""The charts of a metric each, by its column as in :mod:`klartext.validate.history` or of ``batches``."""
_FAULTS = ("placeholder_share", "incomplete_share", "without_body_share", "equal_text_share")
"""Shares that are zero where nothing is wrong; only other ones are drawn."""


def content(cache: LakeCache, view: View, slug: str, days: int | None = None) -> dict[str, Any]:
    """What the page shows. Raises NotAllowed and NotFound."""
    view.require(slug)
    period = period_of(days, PERIODS[1])
    every = cache.accounts(view.may_read, slug)
    if not every and slug not in cache.sources() and slug != "other":
        raise NotFound(f"There is no source {slug}: no source file defines it, and the lake has no batch of it.")
    source = cache.source(slug)
    last = view.now.date()
    first = last - dt.timedelta(days=period - 1)
    if every and every[-1]["day"] < first:  # show the latest days that have something
        last = every[-1]["day"]
        first = last - dt.timedelta(days=period - 1)
    rows = [row for row in every if first <= row["day"] <= last]
    since = dt.datetime.combine(first, dt.time(), dt.UTC)
    schedule = view.schedules([slug], since).get(slug, Schedule())
    uncurated = cache.uncurated(slug) if rows else frozenset[str]()
    intervals = [each for each in intervals_of(source, rows, schedule, uncurated) if first <= each.batch.date <= last]
    rejects = cache.reject_counts(view.may_read, slug, first)
    return {
        "source": source,
        "days": period,
        "periods": PERIODS,
        "first": first,
        "last": last,
        "is_past": last < view.now.date(),
        "calendar": days_of(intervals, first, last),
        "intervals": list(reversed(intervals))[:_BATCHES],
        "left_out": max(0, len(intervals) - _BATCHES),
        "earlier": len(every) - len(rows),
        "to_do": [each for each in reversed(intervals) if each.state in TO_DO],
        "charts": draw(source, rows, every, rejects, first, last) if rows else [],
        "actions": _actions(slug, intervals, first, last),
    }


def _actions(slug: str, intervals: Sequence[IntervalState], first: dt.date, last: dt.date) -> list[tuple[str, str]]:
    found = []
    missing = [each.batch for each in intervals if each.state in ("missing", "failed")]
    if missing and slug != "other":
        begins = [batch.start for batch in missing]
        command = commands.backfill(slug, min(begins), max(begins))
        found.append((f"Run the {len(missing)} intervals that are missing or failed", command))
    after = last + dt.timedelta(days=1)
    found.append(("Extract these days again from their captures, after a change of the source file",
                  commands.replay(slug, first, after)))  # fmt: skip
    if slug != "other":
        found.append(("Ask again for pages whose captures are not the page, such as a consent notice",
                      commands.fetch_again(slug, first, after)))  # fmt: skip
    return found


def draw(
    source: Source, rows: Sequence[Row], every: Sequence[Row], rejects: Mapping[tuple[str, str], RejectCounts],
    first: dt.date, last: dt.date,
) -> list[Markup]:  # fmt: skip
    """The charts of some batches.

    Args:
        source: of the batches.
        rows: their accounts.
        every: the accounts of all batches of the source, for the bounds.
        rejects: counts by source and batch.
        first: the first day.
        last: the last day.
    """
    begin = dt.datetime.combine(first, dt.time(), dt.UTC)
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.UTC)
    own = [row for row in rows if not row["imported"]] or list(rows)
    bounds = _bounds(source, own, every)
    drawn = []
    for column, title in CHARTS.items():
        points = [_point(row, column, bounds) for row in own]
        if column not in _FAULTS or any(point.value for point in points):
            drawn.append(charts.line(title, points, begin, end, share=column.endswith("_share")))
    drawn.append(charts.bars("Rejects by reason", _rejects_by_reason(rows, rejects), first, last))
    drawn.append(charts.bars("Pages by outcome", _outcomes(rows), first, last))
    for column, title in _COUNTED.items():
        drawn.append(charts.bars(title, _counted(rows, column), first, last, share=True))
    shares = _selector_shares(own)
    for number, part in enumerate(_parts(shares)):
        more = f", {number + 1}" if number else ""
        drawn.append(charts.lines(f"Pages that each selector matched{more}", part, begin, end, share=True))
    return drawn


_COUNTED = {"published_from": "Where times were read from", "published_precision": "Precision of times"}
"""Charts of shares of articles by a value, by the column of ``batches``."""


def _parts(series: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The series in groups that one chart can draw each."""
    items = list(series.items())
    return [dict(items[n : n + charts.SERIES]) for n in range(0, min(len(items), 4 * charts.SERIES), charts.SERIES)]


def _selector_shares(rows: Sequence[Row]) -> dict[str, list[tuple[dt.datetime, float | None]]]:
    """The share of pages that each selector matched, by batch; those that were used last first."""
    by_batch = [
        {f"{each['field']} {each['selector']}": (each["matched"], each["pages"]) for each in row["selectors"] or []}
        for row in rows
    ]
    names = dict.fromkeys(name for found in reversed(by_batch) for name in found)
    pairs = [(row["start"], found) for row, found in zip(rows, by_batch, strict=True)]
    return {name: [(at, _share(*found.get(name, (0, 0)))) for at, found in pairs] for name in names}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _counted(rows: Sequence[Row], column: str) -> dict[str, dict[dt.date, float]]:
    found: dict[str, dict[dt.date, float]] = collections.defaultdict(lambda: collections.defaultdict(float))
    for row in rows:
        for each in row[column] or []:
            found[each["value"] or "none"][row["day"]] += each["count"]
    return found


def _point(row: Row, column: str, bounds: Mapping[tuple[str, str], tuple[float | None, float | None]]) -> Point:
    low, high = bounds.get((row["batch"], column), (None, None))
    metrics = history.comparable_metrics(row)
    value = metrics[column] if column in metrics else row.get(column)
    return Point(at=row["start"], value=value, low=low, high=high, state=row["verdict"])


def _bounds(
    source: Source, rows: Sequence[Row], every: Sequence[Row]
) -> dict[tuple[str, str], tuple[float | None, float | None]]:
    """Minimum and maximum of each metric of each batch before the gate warns, by batch and column; without those that
    have too little past."""
    by_name = {row["batch"]: row for row in every if row["verdict"] != "refused"}
    found = {}
    for row in rows:
        past = list(_past(source, batch_of(row), by_name))
        alike = [week for week in past if set(week["rules"]) == set(row["rules"])]
        values = {True: [history.comparable_metrics(week) for week in past],
                  False: [history.comparable_metrics(week) for week in alike]}  # fmt: skip
        for metric in history.METRICS:
            known = [float(week[metric.column]) for week in values[metric.column == "volume"]
                     if week[metric.column] is not None]  # fmt: skip
            if len(known) >= history.ENOUGH:
                found[row["batch"], metric.column] = history.metric_bounds(metric, known, history.WARN)
    return found


def _past(source: Source, batch: Batch, by_name: Mapping[str, Row]) -> list[Row]:
    if batch.imported or batch.start >= batch.end:
        return []
    weeks = (batch.before(source, number) for number in range(1, history.WEEKS + 1))
    return [by_name[week.name] for week in weeks if week is not None and week.name in by_name]


def _by_day(rows: Sequence[Row], names: Sequence[str], number: Callable[[Row, str], float]
            ) -> dict[str, dict[dt.date, float]]:  # fmt: skip
    found: dict[str, dict[dt.date, float]] = {name: collections.defaultdict(float) for name in names}
    for row in rows:
        for name in names:
            found[name][row["day"]] += number(row, name)
    return found


def _outcomes(rows: Sequence[Row]) -> dict[str, dict[dt.date, float]]:
    return _by_day(rows, OUTCOMES, lambda row, name: row[name] or 0)


def _rejects_by_reason(
    rows: Sequence[Row], rejects: Mapping[tuple[str, str], RejectCounts]
) -> dict[str, dict[dt.date, float]]:
    found: dict[str, dict[dt.date, float]] = collections.defaultdict(lambda: collections.defaultdict(float))
    for row in rows:
        for (reasons, _), number in rejects.get((row["source"], row["batch"]), {}).items():
            for reason in reasons:
                found[reason][row["day"]] += number
    return found
