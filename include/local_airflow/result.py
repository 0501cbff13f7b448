"""The end of `make run`: what landed in the lake, what was rejected, and what to try next."""

from __future__ import annotations

import collections
import contextlib
import datetime as dt
import os
import shlex
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rich.table import Table

from klartext import dataset_card
from klartext.lake import DATASET_CARD, Lake, read_month, summary
from klartext.lake.report import rejects
from klartext.sources import PROJECT
from klartext.terminal import styled
from local_airflow.cluster import ClusterSettings
from local_airflow.screen import Screen
from local_airflow.settings import DEFAULT_PORT, Settings

_SHOWN = 5
"""Rejects that are shown."""


def show_lake(screen: Screen, settings: Settings) -> None:
    """An article as an example, counts by source, the rejected pages with their reasons, and how to open the files."""
    from klartext.cli import display

    lake = settings.lake()
    counts, rejected = summary(lake), rejects(lake)
    article = _newest(lake, counts)
    if article:
        screen.print("One of the articles:")
        display.article(screen.console, article)
    screen.console.print(_table(counts))
    _show_rejects(screen, rejected)
    if article and settings.outlives:
        dataset_card.write(lake)  # curating does so once an hour only
        _show_files(screen, _relative(settings.data))
        screen.print("Next:")
        page = rejected[0]["url"] if rejected else article.url
        for command, does in _next_commands(settings, {row["source"] for row in counts}, page):
            screen.console.print(styled(f"  {command}\n      {does}" if does else f"  {command}"), soft_wrap=True)


def _table(counts: list[dict[str, Any]]) -> Table:
    table = Table("source", "months", title="What is in the lake", title_justify="left")
    kinds = ("articles", "teasers", "rejects")
    for name in kinds:
        table.add_column(name, justify="right")
    sources: dict[str, list[dict[str, Any]]] = collections.defaultdict(list)
    for row in counts:
        sources[row["source"]].append(row)
    for source, rows in sources.items():
        months = sorted({row["month"] for row in rows})
        sums = (str(sum(row[name] for row in rows)) for name in kinds)
        table.add_row(source, months[0] if len(months) == 1 else f"{months[0]} – {months[-1]}", *sums)
    return table


def _show_rejects(screen: Screen, rows: list[dict[str, Any]]) -> None:
    if not rows:
        screen.print("No page was rejected.")
        return
    screen.print("One page was rejected:" if len(rows) == 1 else f"{len(rows)} pages were rejected:")
    for row in rows[:_SHOWN]:
        why = ", ".join(row["reasons"]) + (f": {row['detail']}" if row["detail"] else "")
        screen.console.print(styled(f"  {row['url']}\n    {why}"), soft_wrap=True)
    if len(rows) > _SHOWN:
        screen.print(f"  and {len(rows) - _SHOWN} more; `.venv/bin/klartext rejects` lists them all.")


def _relative(path: str) -> str:
    """A path below the present folder as people write it; any other, and an address, as it is."""
    with contextlib.suppress(ValueError):
        return str(Path(path).relative_to(Path.cwd()))
    return path


def _show_files(screen: Screen, data: str) -> None:
    count = (
        f"SELECT source, month, count(*) FROM read_parquet('{data}/lake/articles/**/*.parquet', "
        "hive_partitioning = true) GROUP BY ALL ORDER BY ALL"
    )
    frame = f"pandas.read_parquet('{data}/lake/articles')[['source', 'published_at', 'title']]"
    screen.print(f"{data}/{DATASET_CARD} describes the tables. The articles are Parquet files in {data}/lake/articles.")
    screen.print("To open them:")
    screen.print(f'  .venv/bin/python -c "import duckdb; duckdb.sql(\\"{count}\\").show()"')
    screen.print(f'  .venv/bin/python -c "import pandas; print({frame})"')


def _next_commands(settings: Settings, slugs: set[str], page: str) -> list[tuple[str, str]]:
    """Commands to try, and what they do. ``slugs`` are the sources in the lake, ``page`` is the address of one page."""
    variables = []
    if settings.data != str(PROJECT / "data"):
        variables.append(f"KLARTEXT_DATA={settings.data}")
    if slugs & {path.stem for path in settings.newsroom_sources.glob("*.yaml")}:
        folders = (_relative(str(folder)) for folder in settings.source_folders())
        variables.append(f"KLARTEXT_SOURCES={os.pathsep.join(folders)}")
    port = f"KLARTEXT_PORT={settings.port} " if settings.port != DEFAULT_PORT else ""
    return [
        *((f"export {variable}", "") for variable in variables),
        (f"{port}make up", f"Airflow with the console, over this lake, at {settings.address}; until Ctrl-C"),
        (f".venv/bin/klartext explain {shlex.quote(page)}",
         "every line of that page, kept or removed, with the rule that decided"),
        (".venv/bin/klartext batches", "the account of each batch: every page counted once"),
        (".venv/bin/klartext report --to report", "pictures of what the lake holds"),
        ("docs/consuming.md", "how to read the tables with other tools, and what they promise"),
    ]  # fmt: skip


def show_comparison(screen: Screen, settings: ClusterSettings) -> bool:
    """Compares the cluster's lake with the one of `make run`, and prints the result; False if they differ."""
    from klartext.maintenance.compare import compare_lakes

    found = compare_lakes(settings.lake(), Lake.open(settings.reference))
    for difference in found.differences:
        screen.print(f"Different: {difference}")
    if found.differences:
        screen.print(f"The lake differs from the one of `make run` in {settings.reference}.")
    elif found.missing:
        screen.print(
            f"{len(found.missing)} batches are not in {settings.reference}, so they cannot be compared: "
            "`make run` with the same arguments makes them."
        )
    else:
        screen.print(
            f"The lake equals the one of `make run` in {settings.reference}: "
            f"{found.batches} batches, {found.articles} articles."
        )
    return not found.differences


def _newest(lake: Lake, counts: list[dict[str, Any]]) -> Any:
    """The article with the latest time of publication; None if there is none."""
    latest = max((row["month"] for row in counts if row["articles"]), default="")
    found = [row for count in counts if count["month"] == latest and count["articles"]
             for row in read_month(lake, count["source"], latest).to_pylist()]  # fmt: skip
    long_ago = dt.datetime.min.replace(tzinfo=dt.UTC)
    newest = max(found, key=lambda row: (row["published_at"] or long_ago, row["article_id"]), default=None)
    return SimpleNamespace(**newest) if newest else None
