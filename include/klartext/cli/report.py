"""`klartext report`: pictures of what a lake holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from klartext.cli.options import Root, open_lake
from klartext.terminal import err


def report(
    to: Annotated[
        Path,
        typer.Option("--to", help="the folder for the pictures; files of their names are replaced", show_default=False),
    ],
    form: Annotated[str, typer.Option("--format", help="svg, or png for programs that show no SVG")] = "svg",
    data: Root = None,
) -> None:
    """Draw what the lake holds: articles by source and month, leads and authors, lengths, and shared text.

    Writes a picture of each, report.svg with all of them, and report.json with their numbers.
    """
    from klartext.report import collect, write_report

    numbers = collect(open_lake(data))
    files = write_report(numbers, to, form)
    err.print(f"{len(files)} files in {to}: {numbers.articles} articles of {len(numbers.sources)} sources")
