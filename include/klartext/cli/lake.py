"""`klartext lake`, `klartext batches`, `klartext rejects`: what is in the lake, and whether it is consistent."""

from __future__ import annotations

import datetime as dt
import typing
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from klartext.cli import display, row_files
from klartext.lake import Lake, report
from klartext.model import Verdict
from klartext.terminal import err, out

app = typer.Typer(name="lake", no_args_is_help=True, add_completion=False, help="Check the lake, or rebuild its views.")

Root = Annotated[
    str | None,
    typer.Option(
        "--data",
        help="root of the lake, a folder or an address as s3://bucket/folder; by default KLARTEXT_DATA, else ./data",
        show_default=False,
    ),
]


def _open(root: str | None) -> Lake:
    lake = Lake.open(root)
    if not lake.has_tables():
        raise ValueError(f"{lake.storage.root}: nothing is published there; give the root of a lake with --data")
    return lake


@app.command()
def check(
    data: Root = None,
    captures: Annotated[
        bool, typer.Option(help="check the capture of every version too, which reads all WARC files")
    ] = True,
) -> None:
    """Check that files are complete, articles are unique, accounts add up, views match versions and captures exist."""
    from klartext.maintenance import check as checks

    found = 0
    for problem in checks.check(_open(data), captures=captures):
        found += 1
        out.print(f"{problem.file}: {problem.what}", soft_wrap=True)
    err.print(f"{found} problems" if found else "no problems")
    if found:
        raise typer.Exit(1)


@app.command()
def rebuild(
    data: Root = None,
    source: Annotated[str | None, typer.Option(help="only this source's months", show_default=False)] = None,
) -> None:
    """Rebuild the current views from all versions. May run beside Airflow."""
    from klartext.maintenance import check as checks

    done = list(checks.rebuild(_open(data), source))
    if not done:
        raise ValueError(f"nothing of {source} is published")
    err.print(f"{len(done)} months rebuilt, {sum(rows for _, _, rows in done)} articles")


def batches(
    data: Root = None,
    source: Annotated[str | None, typer.Option(help="only of this source", show_default=False)] = None,
    day: Annotated[dt.datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="only of this day")] = None,
    verdict: Annotated[
        str | None, typer.Option(help="only with this verdict: passed, warned or refused", show_default=False)
    ] = None,
) -> None:
    """List the batches: pages by outcome, what was skipped, the verdict and its reasons."""
    if verdict not in (None, *typing.get_args(Verdict)):
        raise ValueError(f"--verdict {verdict}: give one of {', '.join(typing.get_args(Verdict))}")
    found = report.accounts(_open(data), source, day.date() if day else None)
    found = [row for row in found if verdict in (None, row["verdict"])]
    display.batches(out, found)
    verdicts = Counter(row["verdict"] for row in found)
    counts = ", ".join(f"{count} {name}" for name, count in sorted(verdicts.items()))
    err.print(f"{len(found)} batches{': ' if counts else ''}{counts}")


def rejects(
    data: Root = None,
    source: Annotated[str | None, typer.Option(help="only of this source", show_default=False)] = None,
    site: Annotated[
        str | None, typer.Option(help="only pages of this registered domain, as faz.net", show_default=False)
    ] = None,
    reason: Annotated[str | None, typer.Option(help="only with this reason, a code", show_default=False)] = None,
    day: Annotated[
        dt.datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="only of batches of this day")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--out", help="write whole rows to this .parquet or .jsonl file instead")
    ] = None,
) -> None:
    """List what was rejected and why, including the rejects of refused batches.

    After you have corrected a rule, replay the batch: its pages are extracted and checked again.
    """
    found = report.rejects(_open(data), source, day.date() if day else None)
    found = [row for row in found if site in (None, row["site"])]
    found = [row for row in found if reason is None or reason in row["reasons"]]
    if to:
        row_files.write("rejects", found, to)
        err.print(f"wrote {to}")
    else:
        display.rejects(out, found)
        table = Table("reason", "rows", box=None, header_style="bold")
        for code, count in Counter(code for row in found for code in row["reasons"]).most_common():
            table.add_row(code, str(count))
        out.print(table)
    err.print(f"{len(found)} rejects")
