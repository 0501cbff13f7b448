"""Rebuilds the current view of a month of a source: `lake/articles/source=…/month=…/articles.parquet`.

Runs by itself whenever a publishing task names a partition, `slug|YYYY-MM`; several announcements of one partition
fold into one run. What it writes follows from what is published alone, so running it again changes nothing. To rebuild
a month by hand, trigger it with that partition key.

Several months at once, and even one month twice: a rebuild that another batch's publishing overtook begins anew, so no
older view is put in the place of a younger one.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import DAG, PartitionedAssetTimetable, task
from airflow.sdk.exceptions import AirflowFailException

from klartext.lake import curate as rebuild
from klartext_assets import ARTICLES
from klartext_lake import open_lake

with DAG(
    "curate",
    schedule=PartitionedAssetTimetable(assets=ARTICLES),
    max_active_runs=8,
    is_paused_upon_creation=False,
    doc_md=__doc__,
    tags=["lake"],
    default_args={"retries": 2, "retry_delay": dt.timedelta(seconds=10)},
):

    @task
    def curate(dag_run: Any = None) -> dict[str, Any]:
        source, _, month = (dag_run.partition_key or "").partition("|")
        if not source or not month:
            raise AirflowFailException("name a partition as slug|YYYY-MM, for example dwn|2016-08")
        return {"source": source, "month": month, "articles": rebuild(open_lake(), source, month)}

    curate()
