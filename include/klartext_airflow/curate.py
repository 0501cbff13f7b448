"""The factory of the DAG that rebuilds months of the table ``articles``."""

from __future__ import annotations

from typing import Any, TypedDict

from airflow.sdk import DAG, PartitionedAssetTimetable, task

from klartext_airflow.assets import ARTICLES, VERSIONS, partition_of, rebuilt_month
from klartext_airflow.defaults import DEFAULT_ARGS
from klartext_airflow.lake_connection import open_lake


class CurateResult(TypedDict):
    """The partition that a run rebuilt, and the number of its articles."""

    source: str
    month: str
    articles: int


def curate_dag(doc: str) -> DAG:
    """The DAG ``curate``: one run rebuilds one month of one source. ``doc`` is Markdown for its page in the UI."""
    with DAG(
        "curate",
        schedule=PartitionedAssetTimetable(assets=VERSIONS),
        max_active_runs=8,
        is_paused_upon_creation=False,
        doc_md=doc,
        tags=["lake"],
        default_args=DEFAULT_ARGS,
    ) as dag:
        curate()
    return dag


@task(multiple_outputs=False, outlets=[ARTICLES])
def curate(dag_run: Any = None, triggering_asset_events: Any = None, outlet_events: Any = None) -> CurateResult:
    """Rebuilds the month of the run's partition, and adds its counts to the event of ``ARTICLES``."""
    from klartext.curate import curate as rebuild
    from klartext.lake import read_month

    source, month = partition_of(dag_run)
    lake = open_lake()
    rows = rebuild(lake, source, month)
    versions = read_month(lake, source, month, ["version_count"])["version_count"].to_pylist()
    outlet_events[ARTICLES].extra.update(rebuilt_month(rows, sum(versions), triggering_asset_events))
    return {"source": source, "month": month, "articles": rows}
