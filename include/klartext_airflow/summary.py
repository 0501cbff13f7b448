"""The factory of the DAG that keeps a summary of the lake, an example of a consumer."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from airflow.sdk import DAG, task

from klartext.sources import of_slug
from klartext_airflow.assets import ARTICLES, months_of_run, one_run_per_source
from klartext_airflow.defaults import DEFAULT_ARGS
from klartext_airflow.lake_connection import open_lake

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from klartext.lake import Lake

T = TypeVar("T")
_FILE, _ATTEMPTS = "summary.duckdb", 5
_TABLE = """
    CREATE TABLE IF NOT EXISTS daily (
        source VARCHAR, month VARCHAR, day DATE,  -- the day in the publisher's time zone
        articles BIGINT, versions BIGINT, median_words DOUBLE, with_lead DOUBLE, with_author DOUBLE,  -- shares: 0 to 1
        PRIMARY KEY (source, month, day)
    )
"""
_COLUMNS = ["published_at", "first_fetched_at", "version_count", "word_count", "lead", "authors", "agencies"]
_INSERT = """
    INSERT INTO daily
    SELECT $source, $month, (coalesce(published_at, first_fetched_at) AT TIME ZONE $zone)::DATE AS day,
           count(*), sum(version_count), median(word_count),
           avg((lead IS NOT NULL)::INT), avg((len(authors) + len(agencies) > 0)::INT)
    FROM articles
    GROUP BY day
"""


class SummaryBusy(RuntimeError):
    """Others replaced the summary all the time."""


def summary_dag(doc: str) -> DAG:
    """The DAG ``summary``: one run brings changed months of one source up to date. ``doc`` is Markdown for its page."""
    with DAG(
        "summary",
        schedule=one_run_per_source(ARTICLES),
        max_active_runs=1,  # DuckDB lets one process write
        doc_md=doc,
        tags=["consumer"],
        default_args=DEFAULT_ARGS,
    ) as dag:
        summarise()  # retried: the file is locked while someone reads it
    return dag


def update_summary(lake: Lake, change: Callable[[DuckDBPyConnection], T]) -> T:
    """Changes the summary, and returns what the function returns.

    The file is the one that ``KLARTEXT_SUMMARY`` names, or in the lake's root. DuckDB needs a disk, so a file in an
    object store is copied, changed and put back, provided that it is still the one that was copied; else that is done
    again. Raises SummaryBusy if it changes all the time.
    """
    import duckdb

    file = os.environ.get("KLARTEXT_SUMMARY") or (lake.storage.disk and str(lake.storage.disk / _FILE))
    if file:
        with duckdb.connect(file) as summary:
            return change(summary)
    for _ in range(_ATTEMPTS):
        before = lake.storage.stat(_FILE)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / _FILE
            if before:
                with lake.storage.open_input(_FILE) as stream, copy.open("wb") as out:
                    shutil.copyfileobj(stream, out, 1 << 20)
            with duckdb.connect(str(copy)) as summary:
                result = change(summary)
            if lake.storage.replace_if_unchanged(_FILE, before, copy.read_bytes()):
                return result
    raise SummaryBusy(f"{_FILE} was replaced by others {_ATTEMPTS} times while this run changed it; try again")


@task(multiple_outputs=False)
def summarise(dag_run: Any = None, triggering_asset_events: Any = None) -> dict[str, int]:
    """Replaces the rows of the run's source and months in the summary; returns the number of articles by month."""
    from klartext.lake import read_month
    from klartext.lake.current_view import months_of_source

    source, named = months_of_run(dag_run, triggering_asset_events)
    lake = open_lake()

    def replace_months(summary: DuckDBPyConnection) -> dict[str, int]:
        counts: dict[str, int] = {}
        summary.execute(_TABLE)
        for month in months_of_source(lake, source) if named is None else named:
            articles = read_month(lake, source, month, _COLUMNS)
            partition = {"source": source, "month": month}
            summary.register("articles", articles)
            summary.begin()
            summary.execute("DELETE FROM daily WHERE source = $source AND month = $month", partition)
            summary.execute(_INSERT, partition | {"zone": of_slug(source).time_zone})
            summary.commit()
            counts[month] = articles.num_rows
        return counts

    return update_summary(lake, replace_months)
