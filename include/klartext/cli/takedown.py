"""`klartext takedown`: what a publisher wants gone."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer
from rich.table import Table

from klartext.cli.lake import Root
from klartext.lake import Lake, takedown_filter
from klartext.maintenance import takedown, takedown_search
from klartext.model import Takedown
from klartext.terminal import err, out


def command(
    url: Annotated[str | None, typer.Argument(help="any address of the article", show_default=False)] = None,
    why: Annotated[str, typer.Option(help="the reason; whoever reads the lake can read it")] = "",
    by: Annotated[str | None, typer.Option(help="who asks for it; else who you are here", show_default=False)] = None,
    captures: Annotated[
        bool, typer.Option("--captures", help="remove the bytes of its pages from the WARC too")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="let in again what was taken down by mistake")] = False,
    listed: Annotated[bool, typer.Option("--list", help="list what was taken down")] = False,
    data: Root = None,
) -> None:
    """Take an article down: out of every table, and never fetched or published again.

    May run beside Airflow. Run again it removes what has come since, or finishes what was cut off.
    """
    lake = Lake.open(data)
    if listed:
        _list(list(takedown_filter.read_records(lake.storage).values()))
    elif url is None:
        raise ValueError("give the article's address and the reason with --why, or --list to see what was taken down")
    elif undo:
        err.print(_let_in(*takedown.undo_take_down(lake, url)), markup=False, highlight=False)
    else:
        done = takedown.take_down(lake, url, why, by or getpass.getuser(), captures=captures)
        err.print(_told(done), markup=False, highlight=False)


def _told(done: Takedown) -> str:
    rows = ", ".join(f"{getattr(done, table)} {table}" for table in takedown_search.TABLES)
    if not any(getattr(done, table) for table in takedown_search.TABLES):
        return f"{done.article_id} is in no table, and is kept out from now on"
    bytes_ = "its captures are removed" if done.with_captures else "its captures are kept; --captures removes them too"
    return f"{done.article_id} is taken down ({rows}); {bytes_}"


def _let_in(record: Takedown, days: list[tuple[str, str]]) -> str:
    if not days:
        return f"{record.article_id} is no longer kept out; without captures it comes back when it is fetched anew"
    replays = "; ".join(f"klartext replay {source} --from {day}" for source, day in days)
    return f"{record.article_id} is no longer kept out; this publishes it again: {replays}"


def _list(records: list[Takedown]) -> None:
    table = Table("article", "taken down", "by", "why", "captures", "state", box=None, header_style="bold")
    for it in sorted(records, key=lambda it: (it.taken_down_at, it.article_id)):
        table.add_row(
            it.article_id, f"{it.taken_down_at:%Y-%m-%d %H:%M}", it.by or "–", it.why,
            "removed" if it.with_captures else "kept",
            "done" if it.done_at else "cut off: take it down again to finish",
        )  # fmt: skip
    out.print(table)
    err.print(f"{len(records)} taken down")
