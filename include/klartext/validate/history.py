"""A batch held against its source's own past: the same interval of the weeks before, as it was published.

Each figure is held against the median of its past and the median absolute deviation from it (times 1.4826, so that it
estimates a standard deviation; Rousseeuw and Croux 1993), which a few odd weeks do not move. The spread has a floor, so
that a past without any is no tripwire. Counts, lengths and noise are compared as logarithms: half is as far as
double.

Bounds of the past depend on what was published before, and so on the order of a backfill. That is why they mostly warn.
They stop a batch only where its rows cannot be right, or where it has none.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from klartext.batch import Batch
from klartext.sources import Source
from klartext.validate.checks import FEW, Check, between

if TYPE_CHECKING:
    from klartext.lake import Lake

Account = Mapping[str, Any]
"""A row of ``batches``."""

WEEKS = 8
"""So many weeks back the past goes."""
ENOUGH = 4
"""Weeks below which a past says nothing."""
MANY = 10
"""Articles that each week has to have had for a batch with none to be stopped."""
WARN, STOP = 4.0, 10.0
"""Spreads from the median from which a batch is warned of, and stopped."""


@dataclasses.dataclass(frozen=True, slots=True)
class Figure:
    """What is compared. ``floor`` is the least spread, of a share as it is and else of the logarithm of the figure and
    ``plus``, which keeps small counts from swinging; ``few`` counts what a week needs for the figure to say anything,
    in the column ``of``."""

    code: str
    means: str
    column: str
    floor: float
    plus: float | None = None
    low: bool = True
    high: bool = True
    stops: bool = False
    of: str = "pages"


FIGURES = (
    Figure("past-articles", "another number of articles than at this time of the week", "volume", 0.15, plus=10),
    Figure("past-length", "texts of another length than before", "median_length", 0.15, plus=0, stops=True, of="kept"),
    Figure("past-noise", "more or less taken out by the noise rules than before", "noise_removed", 0.2, plus=100,
           of="kept"),
    Figure("past-rejects", "more pages rejected than before", "rejected_share", 0.05, low=False, stops=True),
    Figure("past-times", "more articles without a time than before", "without_time_share", 0.05, low=False, stops=True,
           of="kept"),
    Figure("past-leads", "more articles without a lead than before", "without_lead_share", 0.05, low=False, stops=True,
           of="kept"),
    Figure("past-authors", "more articles without author and agency than before", "without_author_share", 0.05,
           low=False, of="kept"),
)  # fmt: skip


def accounts(lake: Lake, batch: Batch, source: Source) -> list[dict[str, Any]]:
    """The accounts of the same interval, by the publisher's clock, in the weeks before, as far as it was published.

    An hourly batch has those of its hour. An imported file has no past.
    """
    if batch.imported or batch.start >= batch.end:
        return []
    found = (lake.published(batch.before(source, weeks), "batches") for weeks in range(1, WEEKS + 1))
    rows = [row for table in found if table is not None for row in table.to_pylist()]
    return [row for row in rows if row["verdict"] != "refused"]


def compared(account: Account) -> dict[str, Any]:
    """The figures of an account: those of its columns, the accepted articles as ``kept``, and as ``volume`` all that
    the interval had, whether this batch captured it or another had it already. A figure of few pages is None."""
    kept = account["published"] + account["withheld"]
    counts = {**account, "kept": kept, "volume": kept + account["unchanged"]}
    shown = {f.column: counts[f.column] for f in FIGURES if f.column == "volume" or counts[f.of] >= FEW}
    return {f.column: shown.get(f.column) for f in FIGURES}


def checks(account: Account, past: Iterable[Account], *, expected: bool = True) -> list[Check]:
    """Expectations of a batch with this account, given those of its past; fewer the less past there is.

    What the pages are like is compared with batches that were read with the same dated rules: whoever dates a new
    layout begins a new past. ``expected`` is false for a source that may have nothing to say.
    """
    weeks = list(past)
    alike = [week for week in weeks if set(week["rules"]) == set(account["rules"])]
    found: list[Check] = []
    for figure in FIGURES:
        shown = [compared(week)[figure.column] for week in (weeks if figure.column == "volume" else alike)]
        values = [float(value) for value in shown if value is not None]
        if len(values) < ENOUGH:
            continue
        found.append(_check(figure, bounds(figure, values, WARN), "warning"))
        if figure.stops:
            found.append(_check(figure, bounds(figure, values, STOP), "critical"))
        elif figure.column == "volume" and expected and min(values) >= MANY:
            none = dataclasses.replace(figure, means="no article, where there always are many")
            found.append(_check(none, (1, None), "critical"))
    return found


def _check(figure: Figure, found: tuple[float | None, float | None], severity: Any) -> Check:
    check = between(figure.code, figure.means, figure.column, *found)
    return dataclasses.replace(check, severity=severity)


def bounds(figure: Figure, past: Iterable[float], spreads: float) -> tuple[float | None, float | None]:
    """The least and the most that a figure may be, so many spreads from the median of its past; None for no bound."""
    plus = figure.plus
    values = sorted(past if plus is None else (math.log(max(value + plus, 1.0)) for value in past))
    middle = statistics.median(values)
    spread = max(1.4826 * statistics.median(abs(value - middle) for value in values), figure.floor)
    low, high = middle - spreads * spread, middle + spreads * spread
    if plus is not None:
        low, high = math.exp(low) - plus, math.exp(min(high, 700.0)) - plus
    return _rounded(low) if figure.low and low > 0 else None, _rounded(high) if figure.high else None


def _rounded(value: float) -> float:
    """To four digits, as a person reads it."""
    return float(f"{value:.4g}")
