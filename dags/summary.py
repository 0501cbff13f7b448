"""Keeps a small summary of the lake: `summary.duckdb`, the table `daily`, a row a source and day.

An example of a consumer. It is run by `klartext://articles`, once for each month of a source whose view was made anew,
and reads that month alone. Its rows of the month are replaced in one transaction, so it may be run at any time, again
and in any order. DuckDB lets one process write, so one run at a time does.

    duckdb data/summary.duckdb "FROM daily ORDER BY ALL"

The file lies in the lake's root, or where `KLARTEXT_SUMMARY` says; with an object store that has to be named, and all
workers have to reach it.
"""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

from airflow.sdk import DAG, PartitionedAssetTimetable, task
from airflow.sdk.exceptions import AirflowFailException

from klartext.lake import Lake, read_month
from klartext.sources import of_slug
from klartext_assets import ARTICLES, partition
from klartext_lake import open_lake

TABLE = """
    CREATE TABLE IF NOT EXISTS daily (
        source VARCHAR, month VARCHAR, day DATE,  -- the day at the publisher's place
        articles BIGINT, versions BIGINT, median_words DOUBLE, with_lead DOUBLE, with_author DOUBLE,  -- shares: 0 to 1
        PRIMARY KEY (source, month, day)
    )
"""
ROWS = """
    INSERT INTO daily
    SELECT $source, $month, (coalesce(published_at, first_fetched_at) AT TIME ZONE $zone)::DATE AS day,
           count(*), sum(version_count), median(word_count),
           avg((lead IS NOT NULL)::INT), avg((len(authors) + len(agencies) > 0)::INT)
    FROM articles
    GROUP BY day
"""


def file(lake: Lake) -> str:
    if named := os.environ.get("KLARTEXT_SUMMARY"):
        return named
    if lake.storage.disk is None:
        raise AirflowFailException("the lake is in an object store: name a file for the summary in KLARTEXT_SUMMARY")
    return str(lake.storage.disk / "summary.duckdb")


with DAG(
    "summary",
    schedule=PartitionedAssetTimetable(assets=ARTICLES),
    max_active_runs=1,
    doc_md=__doc__,
    tags=["consumer"],
    default_args={"retries": 3, "retry_delay": dt.timedelta(seconds=10)},  # while somebody looks into the file
):

    @task
    def summarise(dag_run: Any = None) -> dict[str, Any]:
        import duckdb

        source, month = partition(dag_run)
        lake = open_lake()
        articles = read_month(lake, source, month)
        with duckdb.connect(file(lake)) as summary:
            summary.execute(TABLE).register("articles", articles)
            named = {"source": source, "month": month}
            summary.begin()
            summary.execute("DELETE FROM daily WHERE source = $source AND month = $month", named)
            summary.execute(ROWS, named | {"zone": of_slug(source).time_zone})
            summary.commit()
        return named | {"articles": articles.num_rows}

    summarise()
