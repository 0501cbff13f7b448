"""The factory of the DAG that keeps a summary of the lake, an example of a consumer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, task
from airflow.sdk.exceptions import AirflowFailException

from klartext.sources import of_slug
from klartext_airflow.assets import ARTICLES, months_of_run, one_run_per_source
from klartext_airflow.defaults import DEFAULT_ARGS
from klartext_airflow.lake_connection import open_lake

if TYPE_CHECKING:
    from klartext.lake import Lake

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
        summarise.override(retries=3)()  # the file is locked while someone reads it
    return dag


def summary_file(lake: Lake) -> str:
    """The path of the DuckDB file. Raises AirflowFailException if the lake has no disk and none is configured."""
    if configured := os.environ.get("KLARTEXT_SUMMARY"):
        return configured
    if lake.storage.disk is None:
        raise AirflowFailException("the lake is in an object store: name a file for the summary in KLARTEXT_SUMMARY")
    return str(lake.storage.disk / "summary.duckdb")


@task(multiple_outputs=False)
def summarise(dag_run: Any = None, triggering_asset_events: Any = None) -> dict[str, int]:
    """Replaces the rows of the run's source and months in the summary; returns the number of articles by month."""
    import duckdb

    from klartext.lake import read_month
    from klartext.lake.current_view import months_of_source

    source, named = months_of_run(dag_run, triggering_asset_events)
    lake = open_lake()
    counts: dict[str, int] = {}
    with duckdb.connect(summary_file(lake)) as summary:
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
