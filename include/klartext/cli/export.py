"""`klartext export` and `klartext changes`: the lake's rows for another place."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from klartext.cli.options import OnlySource, Root, open_lake, source_in_lake
from klartext.cli.progress import Work
from klartext.terminal import err, out


def export(
    to: Annotated[
        str, typer.Option("--to", help="a folder, or an address as s3://bucket/folder", show_default=False)
    ],
    form: Annotated[str, typer.Option("--format", help="parquet, or jsonl: a row a line, times in UTC")] = "parquet",
    table: Annotated[str, typer.Option("--table", help="one of the lake's tables")] = "articles",
    where: Annotated[
        str | None,
        typer.Option(
            "--where",
            help="only rows that meet this SQL condition on the columns, source, month and date, as "
                 "\"language = 'de' AND word_count >= 100\"",
            show_default=False,
        ),
    ] = None,
    data: Root = None,
) -> None:  # fmt: skip
    """Copy a table, or the rows of it that meet a condition.

    Run it again to bring the copy up to date, or to go on after an interruption: only files that have changed are
    read. Articles that were taken down are removed from the copy.
    """
    from klartext.lake.lake import open_storage
    from klartext.maintenance.export import Selection, export_table

    lake, target = open_lake(data), open_storage(to)
    if target.root.rstrip("/") == lake.storage.root.rstrip("/"):
        raise ValueError(f"{to} is the lake itself: give another folder")
    with Work("files", "run the command again to go on") as work:
        done = export_table(lake, target, Selection(table, where, form), work.track)
    err.print(
        f"{done.rows} rows in {target.root}: {done.written} files written, {done.unchanged} unchanged, "
        f"{done.removed} removed"
    )


def changes(
    since: Annotated[
        str,
        typer.Option(
            "--since",
            help="a time with its zone, as 2024-05-14T00:00:00Z; that of the last line of the call before",
            show_default=False,
        ),
    ],
    source: OnlySource = None,
    data: Root = None,
) -> None:
    """Print what was published, replaced and taken down since a time, as JSON lines, for a copy to stay up to date."""
    from klartext.lake import row_files
    from klartext.maintenance.changes import changes as find_changes

    try:
        moment = dt.datetime.fromisoformat(since)
    except ValueError as error:
        raise ValueError(f"--since {since!r} is no time: give one as 2024-05-14T00:00:00Z") from error
    lake = open_lake(data)
    for change in find_changes(lake, moment, source_in_lake(lake, source)):
        out.print(row_files.line(change), soft_wrap=True)
