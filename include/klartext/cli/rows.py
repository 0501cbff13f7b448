"""`klartext batches`, `klartext rejects`, `klartext fetches`: rows of the lake about what was done."""

from __future__ import annotations

import typing
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from klartext.cli.options import (
    AnyFirstDay,
    AnyUntilDay,
    AsJson,
    OnlyDay,
    OnlyFile,
    OnlySite,
    OnlySource,
    OutFile,
    Root,
    any_days,
    open_lake,
    source_in_lake,
    unknown,
)
from klartext.terminal import err, out

Rows = list[dict[str, Any]]


def batches(
    data: Root = None,
    source: OnlySource = None,
    start: AnyFirstDay = None,
    end: AnyUntilDay = None,
    day: OnlyDay = None,
    file: OnlyFile = None,
    verdict: Annotated[
        str | None, typer.Option(help="only with this verdict: passed, warned or refused", show_default=False)
    ] = None,
    to: OutFile = None,
    as_json: AsJson = False,
) -> None:
    """List the batches: pages by outcome, what was skipped, the verdict and its reasons."""
    from klartext.cli import display
    from klartext.lake import report
    from klartext.model import Verdict

    verdicts = typing.get_args(Verdict)
    if verdict not in (None, *verdicts):
        raise ValueError(unknown("verdict", str(verdict), verdicts))
    lake = open_lake(data)
    found = report.accounts(lake, source_in_lake(lake, source), *any_days(start, end, day))
    found = [row for row in found if verdict in (None, row["verdict"])]
    if file:
        wanted = report.batches_of_raw_files(lake, file)
        found = [row for row in found if row["batch"] in wanted]
    _deliver("batches", found, to, as_json, display.batches)
    counts = Counter(row["verdict"] for row in found)
    listed = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    err.print(f"{len(found)} batches{': ' if listed else ''}{listed}")


def rejects(
    data: Root = None,
    source: OnlySource = None,
    site: OnlySite = None,
    reason: Annotated[str | None, typer.Option(help="only with this reason, a code", show_default=False)] = None,
    start: AnyFirstDay = None,
    end: AnyUntilDay = None,
    day: OnlyDay = None,
    file: OnlyFile = None,
    to: OutFile = None,
    as_json: AsJson = False,
) -> None:
    """List what was rejected and why, including the rejects of refused batches.

    After you have corrected a rule, replay the batch: its pages are extracted and checked again.
    """
    from klartext.cli import display
    from klartext.lake import report

    lake = open_lake(data)
    found = report.rejects(lake, source_in_lake(lake, source), *any_days(start, end, day))
    _require_reason(reason, found, lambda row: row["reasons"], lambda: report.rejects(lake))
    found = [
        row
        for row in found
        if site in (None, row["site"]) and reason in (None, *row["reasons"]) and _is_of_file(row, file)
    ]
    _deliver("rejects", found, to, as_json, display.rejects)
    _print_counts("reason", Counter(code for row in found for code in row["reasons"]))
    err.print(f"{len(found)} rejects")


def fetches(
    data: Root = None,
    source: OnlySource = None,
    site: OnlySite = None,
    outcome: Annotated[
        str | None,
        typer.Option(help="only with this outcome, as captured, gone or failed", show_default=False),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="only with this reason, a code", show_default=False)] = None,
    start: AnyFirstDay = None,
    end: AnyUntilDay = None,
    day: OnlyDay = None,
    file: OnlyFile = None,
    to: OutFile = None,
    as_json: AsJson = False,
) -> None:
    """List the attempts to fetch pages, feeds and sitemaps: outcome, reason, HTTP status, address."""
    from klartext.cli import display
    from klartext.lake import report
    from klartext.model import Outcome
    from klartext.urls import site_of

    outcomes = typing.get_args(Outcome)
    if outcome not in (None, *outcomes):
        raise ValueError(unknown("outcome", str(outcome), outcomes))
    lake = open_lake(data)
    found = report.fetches(lake, source_in_lake(lake, source), *any_days(start, end, day))
    _require_reason(reason, found, lambda row: [row["reason"] or ""], lambda: report.fetches(lake))
    found = [
        row
        for row in found
        if outcome in (None, row["outcome"])
        and reason in (None, row["reason"])
        and _is_of_file(row, file)
        and (site is None or site == site_of(row["url"]))
    ]
    _deliver("fetches", found, to, as_json, display.fetches)
    _print_counts("outcome", Counter(" ".join(filter(None, (row["outcome"], row["reason"]))) for row in found))
    err.print(f"{len(found)} fetches")


def _require_reason(
    reason: str | None, found: Rows, codes: Callable[[Mapping[str, Any]], list[str]], everything: Callable[[], Rows]
) -> None:
    """Raises ValueError with the nearest code for a reason that no row of the whole lake has."""
    if reason is not None and all(reason not in codes(row) for row in found):
        known = {code for row in everything() for code in codes(row) if code}
        if reason not in known:
            raise ValueError(unknown("reason", reason, known) if known else f"no row has the reason {reason!r}")


def _is_of_file(row: Mapping[str, Any], file: str | None) -> bool:
    return file is None or (row["capture"] is not None and file in row["capture"]["file"])


def _deliver(table: str, rows: Rows, to: Path | None, as_json: bool, printed: Callable[[Any, Rows], None]) -> None:
    from klartext.lake import row_files

    if to:
        row_files.write(table, rows, to)
        err.print(f"wrote {to}")
    elif as_json:
        for row in rows:
            out.print_line(row_files.line(row))
    else:
        printed(out, rows)


def _print_counts(name: str, counts: Counter[str]) -> None:
    """The numbers of rows by their reason, below a list, on standard error: they are no rows."""
    if counts:
        err.print(f"rows by {name}: " + ", ".join(f"{code} {count}" for code, count in counts.most_common()))
