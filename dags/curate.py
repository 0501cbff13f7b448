"""Rebuilds the current view of a month of a source: `lake/articles/source=…/month=…/articles.parquet`.

Runs by itself whenever a publishing task names a partition, `slug|YYYY-MM`; several announcements of one partition
fold into one run. What it writes follows from what is published alone, so running it again changes nothing. To rebuild
a month by hand, trigger it with that partition key. When the month is there, `klartext://articles` says so to whoever
listens, under the same key, with its rows and the verdict on the batches that it was made anew for.

Several months at once, and even one month twice: a rebuild that another batch's publishing overtook begins anew, so no
older view is put in the place of a younger one.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import DAG, PartitionedAssetTimetable, task

from klartext.curate import curate as rebuild
from klartext.lake import read_month
from klartext_assets import ARTICLES, VERSIONS, partition, rebuilt
from klartext_lake import open_lake

with DAG(
    "curate",
    schedule=PartitionedAssetTimetable(assets=VERSIONS),
    max_active_runs=8,
    is_paused_upon_creation=False,
    doc_md=__doc__,
    tags=["lake"],
    default_args={"retries": 2, "retry_delay": dt.timedelta(seconds=10)},
):

    @task(outlets=[ARTICLES])
    def curate(dag_run: Any = None, triggering_asset_events: Any = None, outlet_events: Any = None) -> dict[str, Any]:
        source, month = partition(dag_run)
        lake = open_lake()
        rows = rebuild(lake, source, month)
        versions = read_month(lake, source, month, ["version_count"])["version_count"].to_pylist()
        outlet_events[ARTICLES].extra.update(rebuilt(rows, sum(versions), triggering_asset_events))
        return {"source": source, "month": month, "articles": rows}

    curate()
