"""The factory of the DAG that keeps a summary of the lake, an example of a consumer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, PartitionedAssetTimetable, task
from airflow.sdk.exceptions import AirflowFailException

from klartext.sources import of_slug
from klartext_airflow.assets import ARTICLES, partition_of
from klartext_airflow.curate import CurateResult
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
_INSERT = """
    INSERT INTO daily
    SELECT $source, $month, (coalesce(published_at, first_fetched_at) AT TIME ZONE $zone)::DATE AS day,
           count(*), sum(version_count), median(word_count),
           avg((lead IS NOT NULL)::INT), avg((len(authors) + len(agencies) > 0)::INT)
    FROM articles
    GROUP BY day
"""


def summary_dag(doc: str) -> DAG:
    """The DAG ``summary``: one run brings one month of one source up to date. ``doc`` is Markdown for its page."""
    with DAG(
        "summary",
        schedule=PartitionedAssetTimetable(assets=ARTICLES),
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
def summarise(dag_run: Any = None) -> CurateResult:
    """Replaces the rows of the run's source and month in the summary."""
    import duckdb

    from klartext.lake import read_month

    source, month = partition_of(dag_run)
    lake = open_lake()
    articles = read_month(lake, source, month)
    partition = {"source": source, "month": month}
    with duckdb.connect(summary_file(lake)) as summary:
        summary.execute(_TABLE).register("articles", articles)
        summary.begin()
        summary.execute("DELETE FROM daily WHERE source = $source AND month = $month", partition)
        summary.execute(_INSERT, partition | {"zone": of_slug(source).time_zone})
        summary.commit()
    return {"source": source, "month": month, "articles": articles.num_rows}
