"""`klartext coverage`: which origins can list each interval of some days, and what of it is captured and published."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from klartext.cli.options import AsJson, FirstDay, Root, SourceName, UntilDay, days_from, known_source
from klartext.terminal import err, out

if TYPE_CHECKING:
    from klartext.lake import Lake
    from klartext.sources import Source


@dataclasses.dataclass(frozen=True, slots=True)
class CoveredInterval:
    """An interval of a source's schedule.

    Attributes:
        origins: names of the origins that can list it; those whose setting is missing have it behind them.
        captured: captures of the batches that lie in the interval.
        published: articles that these have published.
        missing: what is not there, and why; empty if nothing is.
    """

    start: dt.datetime
    end: dt.datetime
    origins: list[str]
    batches: list[str]
    captured: int
    published: int
    missing: list[str]


def coverage(
    source: SourceName,
    start: FirstDay,
    end: UntilDay = None,
    as_json: AsJson = False,
    data: Root = None,
) -> None:
    """Show for each interval of some days which origins can list it, what is captured and published, what is missing.

    The intervals are those of the source's schedule, as Airflow runs them; one that is not over is left out.
    """
    from klartext.cli import display
    from klartext.lake import Lake, row_files

    known = known_source(source)
    found = _intervals(Lake.open(data), known, *days_from(start, end))
    if as_json:
        for each in found:
            out.print_line(row_files.line(dataclasses.asdict(each)))
    else:
        display.listing(
            out,
            ("from", "origins", "captured", "published", "missing"),
            (
                (
                    f"{each.start.astimezone(known.zone):%Y-%m-%d %H:%M}", ", ".join(each.origins) or "none",
                    str(each.captured), str(each.published), "; ".join(each.missing),
                )
                for each in found
            ),
        )  # fmt: skip
    incomplete = sum(bool(each.missing) for each in found)
    err.print(f"{len(found)} intervals, {incomplete} of them with something missing")


def _intervals(lake: Lake, source: Source, first: dt.date, until: dt.date) -> list[CoveredInterval]:
    from klartext.discover.covering_origins import covering_origins
    from klartext.discover.interval import Interval
    from klartext.lake import report
    from klartext.schedule import Schedule

    now = dt.datetime.now(dt.UTC)
    margin = dt.timedelta(days=1)  # the interval of a batch of another schedule may begin on the day before
    accounts = [
        row for row in report.accounts(lake, source.slug, first - margin, until + margin) if not row["imported"]
    ]
    found = []
    for start, end in Schedule(source.schedule, source.zone).intervals(first, until):
        if end > now:
            break
        own = [row for row in accounts if start <= row["start"] < end]
        origins = covering_origins(source, Interval(start, end, now, source.zone))
        names = [f"{each.name} (set {each.missing})" if each.missing else each.name for each in origins]
        found.append(
            CoveredInterval(
                start, end, names, [row["batch"] for row in own],
                sum(row["captures"] for row in own), sum(row["published"] for row in own),
                _missing(lake, own, start, end, can_be_listed=any(not each.missing for each in origins)),
            )
        )  # fmt: skip
    return found


def _missing(
    lake: Lake, own: list[dict[str, Any]], start: dt.datetime, end: dt.datetime, *, can_be_listed: bool
) -> list[str]:
    """What an interval lacks. What was taken down is not missing."""
    found = []
    if not any(row["start"] <= start and row["end"] >= end for row in own):
        ending = "" if can_be_listed else ", and no origin can list it"
        found.append(f"no batch{ending}" if not own else f"no batch of the whole interval{ending}")
    for row in own:
        if row["verdict"] == "refused":
            found.append(f"{row['withheld']} articles withheld, as the batch was refused")
        names = ("rejected", "placeholder", "failed", "disallowed", "refused", "deadline")
        lost = {name: row[name] for name in names if row.get(name)}
        if "refused" in lost:
            lost["refused"] = _refused(lake, row)
        found += [f"{count} {name}" for name, count in lost.items() if count]
        if row["origins_failed"]:
            found.append(f"{row['origins_failed']} feeds, sitemaps or archives not read")
    return found


def _refused(lake: Lake, account: dict[str, Any]) -> int:
    """The pages of a batch that were not fetched because the crawler refused to, without those that were taken down."""
    from klartext.lake import report, takedown_filter

    day = dt.date.fromisoformat(account["date"])
    rows = report.fetches(lake, account["source"], day, day + dt.timedelta(days=1))
    own = [row for row in rows if row["batch"] == account["batch"] and row["outcome"] == "refused"]
    return min(int(account["refused"]), len({row["url"] for row in own if row["reason"] != takedown_filter.REASON}))
