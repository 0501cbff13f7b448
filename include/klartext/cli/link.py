"""`klartext link`: bringing shared text up to date without Airflow."""

from __future__ import annotations

import typer

from klartext.cli.options import Root, open_lake
from klartext.terminal import err


def link(data: Root = None) -> None:
    """Find the articles that share text, of all months that have changed since.

    May run beside Airflow. Writes the tables shared_text and keep; what is up to date is not computed again.
    """
    from klartext.link import link_pending

    done = link_pending(open_lake(data))
    for name, why in done.failed.items():
        err.print(f"{name}: {why}", style="red")
    pairs = sum(done.pairs.values())
    err.print(f"{len(done.pairs)} months computed, {pairs} pairs of articles that share text")
    if done.failed:
        raise typer.Exit(1)
