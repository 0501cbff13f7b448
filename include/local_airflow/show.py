"""What the person at the keyboard sees: progress, failures, and what landed."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.live import Live
from rich.table import Table
from rich.text import Text

from klartext.lake import Lake, summary
from klartext.terminal import Terminal
from local_airflow.settings import Settings
from local_airflow.work import Failure, States


class Screen:
    """A console that also does without a terminal."""

    def __init__(self, console: Terminal) -> None:
        self.console = console

    def say(self, sentence: str) -> None:
        self.console.print(sentence, soft_wrap=True)

    @contextlib.contextmanager
    def progress(self) -> Iterator[Callable[[States], None]]:
        """A table that changes in place; without a terminal a line for each DAG whenever its numbers change."""
        if not self.console.is_terminal:
            known: States = {}

            def lines(states: States) -> None:
                for dag, counts in states.items():
                    if counts and known.get(dag) != counts:
                        self.say(f"  {dag}: " + ", ".join(f"{n} {state}" for state, n in sorted(counts.items())))
                        known[dag] = counts

            yield lines
            return
        with Live(console=self.console, refresh_per_second=4, transient=False) as live:
            yield lambda states: live.update(_table(states))

    def failures(self, failures: list[Failure]) -> None:
        for failure in failures:
            what = f"{failure.dag}, task {failure.task}" if failure.task else failure.dag
            self.say(f"Failed: {what}, run {failure.run}\n  {failure.reason}")
            if failure.log:
                self.say(f"  log: {failure.log}")

    def landed(self, settings: Settings) -> None:
        """Counts by source and month, one article whole, where the files are and how to open them."""
        lake = Lake.open(settings.data)
        rows = summary(lake)
        table = Table("source", "month", title="What is in the lake")
        for name in ("articles", "teasers", "rejects"):
            table.add_column(name, justify="right")
        for row in rows:
            table.add_row(*(str(row[name]) for name in ("source", "month", "articles", "teasers", "rejects")))
        self.console.print(table)
        if article := _newest(settings.data):
            self._article(article)
            self._how_to_open(settings)

    def _article(self, article: dict[str, Any]) -> None:
        self.console.rule("One of the articles")
        for name, value in article.items():
            if name in ("lead", "text"):
                self.say(f"{name}:")
                for line in (value or "–").splitlines():
                    self.say(textwrap.fill(line, 110, initial_indent="    ", subsequent_indent="    "))
            else:
                self.say(f"{name}: {'–' if value in (None, [], '') else value}")
        self.console.rule()

    def _how_to_open(self, settings: Settings) -> None:
        where = Path(settings.data)
        with contextlib.suppress(ValueError):
            where = where.relative_to(Path.cwd())
        place = settings.data if "://" in settings.data else str(where)
        self.say(f"The articles are in {place}/lake/articles. To open them:")
        count = (
            f"SELECT source, month, count(*) FROM read_parquet('{place}/lake/articles/**/*.parquet', "
            "hive_partitioning = true) GROUP BY ALL ORDER BY ALL"
        )
        self.say(f'  .venv/bin/python -c "import duckdb; duckdb.sql(\\"{count}\\").show()"')
        frame = f"pandas.read_parquet('{place}/lake/articles')[['source', 'published_at', 'title']]"
        self.say(f'  .venv/bin/python -c "import pandas; print({frame})"')


def _newest(data: str) -> dict[str, Any] | None:
    import pyarrow.dataset as ds
    from pyarrow import fs

    filesystem, root = fs.FileSystem.from_uri(data) if "://" in data else (fs.LocalFileSystem(), data)
    folder = f"{root}/lake/articles"
    if filesystem.get_file_info(folder).type == fs.FileType.NotFound:
        return None
    articles = ds.dataset(folder, filesystem=filesystem, format="parquet", partitioning="hive")
    keys = articles.to_table(columns=["article_id", "published_at", "fetched_at"])
    if not keys.num_rows:
        return None
    newest = keys.sort_by([("fetched_at", "descending"), ("published_at", "descending"), ("article_id", "ascending")])
    found = articles.to_table(filter=ds.field("article_id") == newest["article_id"][0])
    return dict(found.to_pylist()[0])


def _table(states: States) -> Table:
    names = ("queued", "running", "success", "failed")
    table = Table("DAG", *names)
    for dag, counts in states.items():
        *counted, failed = (str(counts[name] or "") for name in names)
        table.add_row(dag, *counted, Text(failed, style="red"))
    return table
