"""`klartext lake`: whether the lake is consistent, rebuilding its views, and writing its description."""

from __future__ import annotations

from typing import Annotated

import typer

from klartext.cli.options import OnlySource, Root, open_lake, source_in_lake
from klartext.cli.progress import Work
from klartext.terminal import err, out

app = typer.Typer(
    name="lake", no_args_is_help=True, add_completion=False, help="Check the lake, rebuild its views, or describe it."
)


@app.command()
def check(
    data: Root = None,
    captures: Annotated[
        bool, typer.Option(help="check the capture of every version too, which reads all WARC files")
    ] = True,
) -> None:
    """Check that files are complete, articles are unique, accounts add up, views match versions and captures exist."""
    from klartext.maintenance import check as checks

    lake, found = open_lake(data), 0
    with Work("files of this part of the check", "nothing was changed; run the command again") as work:
        for problem in checks.check(lake, captures=captures, track=work.track):
            found += 1
            out.print(f"{problem.file}: {problem.what}", soft_wrap=True)
    err.print(f"{found} problems" if found else "no problems")
    if found:
        raise typer.Exit(1)


@app.command()
def rebuild(
    data: Root = None,
    source: OnlySource = None,
) -> None:
    """Rebuild the current views from all versions. May run beside Airflow."""
    from klartext.maintenance import check as checks

    lake = open_lake(data)
    source = source_in_lake(lake, source)
    with Work("months", "every month is whole, as before or rebuilt; run the command again") as work:
        done = list(checks.rebuild(lake, source, track=work.track))
    if not done:
        raise ValueError(f"nothing of {source} is published")
    err.print(f"{len(done)} months rebuilt, {sum(rows for _, _, rows in done)} articles")


@app.command()
def card(
    data: Root = None,
) -> None:
    """Write the dataset card, README.md in the lake's root, and croissant.json. Curating does so once an hour."""
    from klartext import dataset_card
    from klartext.lake import DATASET_CARD

    lake = open_lake(data)
    place = f"{lake.storage.root}/{DATASET_CARD}"
    if not dataset_card.write(lake):
        raise ValueError(f"{place} is not of Klartext: move it away, and run the command again")
    out.print(place, soft_wrap=True)
