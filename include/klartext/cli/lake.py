"""`klartext lake`, `klartext batches`, `klartext rejects`: what is in the lake, and whether it keeps its promises."""

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

app = typer.Typer(
    name="lake", no_args_is_help=True, add_completion=False, help="Check the lake, or make its views anew."
)

Root = Annotated[
    str | None, typer.Option("--data", help="root of the lake; else KLARTEXT_DATA, else ./data", show_default=False)
]


def _open(root: str | None) -> Lake:
    lake = Lake.open(root)
    if not lake.has_tables():
        raise ValueError(f"{lake.storage.root}: nothing is published there; name the root of a lake with --data")
    return lake


@app.command()
def check(
    data: Root = None,
    captures: Annotated[
        bool, typer.Option(help="hold every version against its capture too: reads all that was ever fetched")
    ] = True,
) -> None:
    """Prove what the lake promises: files whole, no article twice, views as versions make them, captures there."""
    from klartext.maintenance import check as checks

    found = 0
    for problem in checks.check(_open(data), captures=captures):
        found += 1
        out.print(f"{problem.file}: {problem.what}", markup=False, highlight=False, soft_wrap=True)
    err.print(f"{found} problems" if found else "all is well")
    if found:
        raise typer.Exit(1)


@app.command()
def rebuild(
    data: Root = None,
    source: Annotated[str | None, typer.Option(help="only this source's months", show_default=False)] = None,
) -> None:
    """Make the current views anew from all versions. May run beside Airflow."""
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
    """List the batches: what each knew of, what became of it, and what the gate said."""
    if verdict not in (None, *typing.get_args(Verdict)):
        raise ValueError(f"--verdict {verdict}: it is one of {', '.join(typing.get_args(Verdict))}")
    found = report.accounts(_open(data), source, day.date() if day else None)
    found = [row for row in found if verdict in (None, row["verdict"])]
    display.batches(out, found)
    verdicts = Counter(row["verdict"] for row in found)
    told = ", ".join(f"{count} {name}" for name, count in sorted(verdicts.items()))
    err.print(f"{len(found)} batches{': ' if told else ''}{told}")


def rejects(
    data: Root = None,
    source: Annotated[str | None, typer.Option(help="only of this source", show_default=False)] = None,
    reason: Annotated[str | None, typer.Option(help="only with this reason's code", show_default=False)] = None,
    day: Annotated[
        dt.datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="only of batches of this day")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--out", help="write whole rows to this .parquet or .jsonl file instead")
    ] = None,
) -> None:
    """List what was rejected, and why, in batches that were refused too. After a rule was mended, replay the batch: its
    pages are read and checked anew."""
    found = report.rejects(_open(data), source, day.date() if day else None)
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
