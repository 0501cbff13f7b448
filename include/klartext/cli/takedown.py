"""`klartext takedown`: removing articles that a publisher does not want to be published any more."""

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
    why: Annotated[str, typer.Option(help="the reason, which all readers of the lake can see")] = "",
    by: Annotated[
        str | None, typer.Option(help="who asks for it; by default your user name", show_default=False)
    ] = None,
    captures: Annotated[bool, typer.Option("--captures", help="remove its pages from the WARC files too")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="revoke a take-down that was a mistake")] = False,
    listed: Annotated[bool, typer.Option("--list", help="list what was taken down")] = False,
    data: Root = None,
) -> None:
    """Remove an article from every table, so that it is never fetched or published again.

    May run beside Airflow. Run it again to remove what was added since, or to complete an interrupted take-down.
    """
    lake = Lake.open(data)
    if listed:
        _list(list(takedown_filter.read_records(lake.storage).values()))
    elif url is None:
        raise ValueError("give the article's address and the reason with --why, or --list to see what was taken down")
    elif undo:
        err.print(_undo_line(*takedown.undo_take_down(lake, url)))
    else:
        done = takedown.take_down(lake, url, why, by or getpass.getuser(), captures=captures)
        err.print(_result_line(done))


def _result_line(done: Takedown) -> str:
    rows = ", ".join(f"{getattr(done, table)} {table}" for table in takedown_search.TABLES)
    if not any(getattr(done, table) for table in takedown_search.TABLES):
        return f"{done.article_id} is in no table and will not be fetched or published"
    bytes_ = "its captures are removed" if done.with_captures else "its captures are kept; --captures removes them too"
    return f"{done.article_id} is taken down ({rows}); {bytes_}"


def _undo_line(record: Takedown, days: list[tuple[str, str]]) -> str:
    if not days:
        return (
            f"{record.article_id} is no longer taken down; it has no captures and is published when it is fetched again"
        )
    replays = "; ".join(f"klartext replay {source} --from {day}" for source, day in days)
    return f"{record.article_id} is no longer taken down; to publish it again, run: {replays}"


def _list(records: list[Takedown]) -> None:
    table = Table("article", "taken down", "by", "why", "captures", "state", box=None, header_style="bold")
    for record in sorted(records, key=lambda record: (record.taken_down_at, record.article_id)):
        table.add_row(
            record.article_id, f"{record.taken_down_at:%Y-%m-%d %H:%M}", record.by or "–", record.why,
            "removed" if record.with_captures else "kept",
            "done" if record.done_at else "interrupted: take it down again to complete it",
        )  # fmt: skip
    out.print(table)
    err.print(f"{len(records)} taken down")
