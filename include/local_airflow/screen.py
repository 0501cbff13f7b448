"""Progress, failures and the contents of the lake on a terminal."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rich.live import Live
from rich.table import Table

from klartext.lake import Lake, read_month, summary
from klartext.terminal import Terminal
from local_airflow.cluster import ClusterSettings
from local_airflow.runs import Failure, States
from local_airflow.settings import Settings

_STATES = ("queued", "running", "success", "failed")


class Screen:
    """A terminal, or a file that gets the same as lines."""

    def __init__(self, console: Terminal) -> None:
        self.console = console

    def print(self, sentence: str) -> None:
        """Prints a line."""
        self.console.print(sentence, soft_wrap=True)

    @contextlib.contextmanager
    def progress(self) -> Iterator[Callable[[States], None]]:
        """A table that changes in place; without a terminal a line for a DAG whenever its numbers change."""
        if self.console.is_terminal:
            with Live(console=self.console, refresh_per_second=4) as live:
                yield lambda states: live.update(_table(states))
            return
        shown: States = {}

        def lines(states: States) -> None:
            for dag, counts in states.items():
                if counts and shown.get(dag) != counts:
                    self.print(f"  {dag}: " + ", ".join(f"{n} {state}" for state, n in sorted(counts.items())))
                    shown[dag] = counts

        yield lines

    def failures(self, failures: list[Failure]) -> None:
        """Prints what failed, the cause, and where its log is."""
        for failure in failures:
            what = f"{failure.dag}, task {failure.task}" if failure.task else failure.dag
            self.print(f"Failed: {what}, run {failure.run}\n  {failure.reason}")
            if failure.log:
                self.print(f"  log: {failure.log}")

    def lake(self, settings: Settings) -> None:
        """Counts by source and month, the newest article, and how to open the files."""
        from klartext.cli import display

        lake = settings.lake()
        counts = summary(lake)
        table = Table("source", "month", title="What is in the lake")
        for name in ("articles", "teasers", "rejects"):
            table.add_column(name, justify="right")
        for row in counts:
            table.add_row(*(str(row[name]) for name in ("source", "month", "articles", "teasers", "rejects")))
        self.console.print(table)
        if article := _newest(lake, counts):
            self.print("One of the articles:")
            display.article(self.console, article)
            if settings.outlives:
                self._how_to_open(settings.data)

    def comparison(self, settings: ClusterSettings) -> bool:
        """Compares the cluster's lake with the one of `make run`, and prints the result; False if they differ."""
        from klartext.maintenance.compare import compare_lakes

        found = compare_lakes(settings.lake(), Lake.open(settings.reference))
        for difference in found.differences:
            self.print(f"Different: {difference}")
        if found.differences:
            self.print(f"The lake differs from the one of `make run` in {settings.reference}.")
        elif found.missing:
            self.print(
                f"{len(found.missing)} batches are not in {settings.reference}, so they cannot be compared: "
                "`make run` with the same arguments makes them."
            )
        else:
            self.print(
                f"The lake equals the one of `make run` in {settings.reference}: "
                f"{found.batches} batches, {found.articles} articles."
            )
        return not found.differences

    def _how_to_open(self, data: str) -> None:
        place = data
        with contextlib.suppress(ValueError):
            place = str(Path(data).relative_to(Path.cwd()))
        self.print(f"The articles are in {place}/lake/articles. To open them:")
        count = (
            f"SELECT source, month, count(*) FROM read_parquet('{place}/lake/articles/**/*.parquet', "
            "hive_partitioning = true) GROUP BY ALL ORDER BY ALL"
        )
        self.print(f'  .venv/bin/python -c "import duckdb; duckdb.sql(\\"{count}\\").show()"')
        frame = f"pandas.read_parquet('{place}/lake/articles')[['source', 'published_at', 'title']]"
        self.print(f'  .venv/bin/python -c "import pandas; print({frame})"')


def _newest(lake: Lake, counts: list[dict[str, Any]]) -> Any:
    """The article with the latest time of publication; None if there is none."""
    latest = max((row["month"] for row in counts if row["articles"]), default="")
    found = [row for count in counts if count["month"] == latest and count["articles"]
             for row in read_month(lake, count["source"], latest).to_pylist()]  # fmt: skip
    long_ago = dt.datetime.min.replace(tzinfo=dt.UTC)
    newest = max(found, key=lambda row: (row["published_at"] or long_ago, row["article_id"]), default=None)
    return SimpleNamespace(**newest) if newest else None


def _table(states: States) -> Table:
    table = Table("DAG", *_STATES)
    for dag, counts in states.items():
        table.add_row(dag, *(str(counts[name] or "") for name in _STATES), style="red" if counts["failed"] else "")
    return table
