"""Batch checks against the past of the source: the same interval in the weeks before, as it was published.

Each metric is compared with the median of its past and the median absolute deviation from it (times 1.4826, so that it
estimates a standard deviation; Rousseeuw and Croux 1993), which a few odd weeks hardly change. The deviation has a
minimum, so that a past without any variation does not refuse everything. Counts, lengths and noise are compared as
logarithms: half is as far as double.

These bounds depend on what was published before, and so on the order of a backfill. That is why most of them warn. They
refuse a batch only where its rows cannot be right, or where it has none.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
import typing
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from klartext.batch import Batch
from klartext.model import PublishedFrom
from klartext.sources import Source
from klartext.validate.checks import FEW, Check, between

if TYPE_CHECKING:
    from klartext.lake import Lake

Account = Mapping[str, Any]
"""A row of ``batches``."""

WEEKS = 8
"""The number of weeks that are compared."""
ENOUGH = 4
"""Weeks that are needed for a comparison."""
MANY = 10
"""Articles that every past week must have had for a batch without any to be refused."""
WARN, STOP = 4.0, 10.0
"""Deviations from the median from which a batch is warned, and refused."""


@dataclasses.dataclass(frozen=True, slots=True)
class Metric:
    """A metric that is compared.

    ``floor`` is the minimum deviation: of a share as it is, of other metrics (those with ``plus``) of the logarithm of
    the metric plus ``plus``, which damps small counts. ``of`` is the column that must count at least
    :data:`klartext.validate.checks.FEW` for the metric to be compared. ``low`` and ``high`` say in which direction a
    difference fails, ``stops`` that a large one refuses the batch.
    """

    code: str
    means: str
    column: str
    floor: float
    plus: float | None = None
    low: bool = True
    high: bool = True
    stops: bool = False
    of: str = "pages"


METRICS = (
    Metric("past-articles", "another number of articles than at this time of the week", "volume", 0.15, plus=10),
    Metric("past-length", "texts of another length than before", "median_length", 0.15, plus=0, stops=True, of="kept"),
    Metric("past-noise", "more or less taken out by the noise rules than before", "noise_removed", 0.2, plus=100,
           of="kept"),
    Metric("past-rejects", "more pages rejected than before", "rejected_share", 0.05, low=False, stops=True),
    Metric("past-times", "more articles without a time than before", "without_time_share", 0.05, low=False, stops=True,
           of="kept"),
    Metric("past-body", "no selector of `body` matches on more pages than before", "without_body_share", 0.05,
           low=False, stops=True),
    Metric("past-incomplete", "more pages without their text, which a script loads, than before", "incomplete_share",
           0.05, low=False),
    Metric("past-stated-times", "the time of more articles than before is stated nowhere", "unstated_time_share", 0.05,
           low=False, stops=True, of="kept"),
    Metric("past-precision", "more articles than before have a day or no time", "coarse_time_share", 0.05, low=False,
           stops=True, of="kept"),
    Metric("past-leads", "more articles without a lead than before", "without_lead_share", 0.05, low=False, stops=True,
           of="kept"),
    Metric("past-authors", "more articles without author and agency than before", "without_author_share", 0.05,
           low=False, of="kept"),
)  # fmt: skip


PARTS = Metric("", "", "", 0.1, high=False)
"""How the shares of :func:`part_shares` are compared. A selector that matched everywhere is missed below 60 %."""
ALWAYS = 10
"""Pages of the past on all of which a selector of the body must have matched for it to always match."""
_RARE = {"paywall", "remove"}
"""Keys of the rules whose selectors match on some pages only, depending on what is on them."""


def part_shares(account: Account) -> dict[str, float]:
    """The shares of an account that are compared each by itself, by a column of their own: of pages on which a selector
    matched, of articles whose time was read from one place. Selectors of the body are compared as one, by
    ``without_body_share``, and those of few pages are left out."""
    found = {
        f"{row['field']} {row['selector']}": row["matched"] / row["pages"]
        for row in account["selectors"] or ()
        if row["pages"] >= FEW and row["field"] != "body" and row["field"] not in _RARE
    }
    counts = {entry["value"]: entry["count"] for entry in account["published_from"] or ()}
    if (articles := sum(counts.values())) >= FEW:
        found |= {f"published_from {origin}": counts.get(origin, 0) / articles for origin in _ORIGINS}
    return found


_ORIGINS = [origin for origin in typing.get_args(PublishedFrom) if origin != "text"]


def body_always_matched(account: Account, past: Iterable[Account]) -> bool:
    """True if in the past, with the same rules, a selector of the body matched on every page, and there were enough."""
    alike = [week for week in past if set(week["rules"]) & set(account["rules"])]
    shares = [week["without_body_share"] for week in alike if week["without_body_share"] is not None]
    pages = sum(week["pages"] for week in alike if week["without_body_share"] is not None)
    return pages >= ALWAYS and len(shares) >= ENOUGH and max(shares) == 0


def past_accounts(lake: Lake, batch: Batch, source: Source) -> list[dict[str, Any]]:
    """The accounts of the same interval, by the publisher's local time, in the weeks before; refused ones are left out.

    An hourly batch has those of its hour. An imported file has none.
    """
    if batch.imported or batch.start >= batch.end:
        return []
    past = (batch.before(source, weeks) for weeks in range(1, WEEKS + 1))
    found = (lake.published(before, "batches") for before in past if before is not None)
    rows = [row for table in found if table is not None for row in table.to_pylist()]
    return [row for row in rows if row["verdict"] != "refused"]


def comparable_metrics(account: Account) -> dict[str, Any]:
    """The metrics of an account by column; None where too few pages were counted. ``volume`` is the number of accepted
    articles, and of those that another batch had captured already."""
    kept = account["published"] + account["withheld"]
    counts = {**account, "kept": kept, "volume": kept + account["unchanged"]}
    shown = {f.column: counts[f.column] for f in METRICS if f.column == "volume" or counts[f.of] >= FEW}
    return {f.column: shown.get(f.column) for f in METRICS} | part_shares(account)


def checks_against_past(account: Account, past: Iterable[Account], *, expected: bool = True) -> list[Check]:
    """The checks of a batch with this account, given the accounts of its past; none for metrics with too few of them,
    and for those of which the batch itself has too few.

    All metrics except the volume are compared with batches that were extracted with the same dated rules only, so a new
    layout in a source file starts a new past. ``expected`` is false for a source that may have nothing to publish.
    """
    weeks = list(past)
    alike = [week for week in weeks if set(week["rules"]) == set(account["rules"])]
    own = comparable_metrics(account)
    found: list[Check] = []
    for metric in METRICS:
        if own[metric.column] is None:
            continue
        shown = [comparable_metrics(week)[metric.column] for week in (weeks if metric.column == "volume" else alike)]
        values = [float(value) for value in shown if value is not None]
        if len(values) < ENOUGH:
            continue
        found.append(_check(metric, metric_bounds(metric, values, WARN), "warning"))
        if metric.stops:
            found.append(_check(metric, metric_bounds(metric, values, STOP), "critical"))
        elif metric.column == "volume" and expected and min(values) >= MANY:
            none = dataclasses.replace(metric, means="no article, where there always are many")
            found.append(_check(none, (1, None), "critical"))
    return found + _part_checks(account, alike)


def _part_checks(account: Account, past: list[Account]) -> list[Check]:
    """Warnings for the shares of :func:`part_shares` that must not fall."""
    weeks = [part_shares(week) for week in past]
    found = []
    for column in part_shares(account):
        values = [week[column] for week in weeks if column in week]
        if len(values) < ENOUGH:
            continue
        field, _, name = column.partition(" ")
        is_time = field == "published_from"
        metric = dataclasses.replace(
            PARTS,
            code="past-origins" if is_time else "past-selectors",
            means=f"fewer times than before were read from {name}"
            if is_time
            else f"the selector `{name}` of `{field}` matches on fewer pages than before",
            column=column,
        )
        low, _ = metric_bounds(metric, values, WARN)
        if low is not None:
            found.append(_check(metric, (low, None), "warning"))
    return found


def _check(metric: Metric, found: tuple[float | None, float | None], severity: Any) -> Check:
    check = between(metric.code, metric.means, metric.column, *found)
    return dataclasses.replace(check, severity=severity)


def metric_bounds(metric: Metric, past: Iterable[float], spreads: float) -> tuple[float | None, float | None]:
    """The minimum and maximum of a metric, ``spreads`` deviations from the median of its past; None for no bound."""
    plus = metric.plus
    values = sorted(past if plus is None else (math.log(max(value + plus, 1.0)) for value in past))
    middle = statistics.median(values)
    spread = max(1.4826 * statistics.median(abs(value - middle) for value in values), metric.floor)
    low, high = middle - spreads * spread, middle + spreads * spread
    if plus is not None:
        low, high = math.exp(low) - plus, math.exp(min(high, 700.0)) - plus
    return _rounded(low) if metric.low and low > 0 else None, _rounded(high) if metric.high else None


def _rounded(value: float) -> float:
    """Rounded to four significant digits."""
    return float(f"{value:.4g}")
