"""The factory of the DAG that rebuilds months of the table ``articles``."""

from __future__ import annotations

import logging
from typing import Any

from airflow.sdk import DAG, task

from klartext_airflow.assets import (
    ARTICLES,
    VERSIONS,
    add_rebuilt_months,
    months_of_run,
    one_run_per_source,
    partition_of,
)
from klartext_airflow.defaults import DEFAULT_ARGS
from klartext_airflow.lake_connection import open_lake

logger = logging.getLogger(__name__)


def curate_dag(doc: str) -> DAG:
    """The DAG ``curate``: one run rebuilds the pending months of one source. ``doc`` is Markdown for its page."""
    with DAG(
        "curate",
        schedule=one_run_per_source(VERSIONS),
        max_active_runs=8,
        is_paused_upon_creation=False,
        doc_md=doc,
        tags=["lake"],
        default_args=DEFAULT_ARGS,
    ) as dag:
        curate_failed_month.expand(partition=curate())
    return dag


@task(outlets=[ARTICLES])
def curate(dag_run: Any = None, triggering_asset_events: Any = None, outlet_events: Any = None) -> list[str]:
    """Rebuilds the months of the run's partition and announces them; returns the partitions that failed."""
    from klartext.curate import curate_months
    from klartext.lake.current_view import months_of_source

    source, named = months_of_run(dag_run, triggering_asset_events)
    lake = open_lake()
    months = months_of_source(lake, source) if named is None else named
    done = curate_months(lake, source, months)
    for month, rows in done.rows.items():
        logger.info("%s|%s: %s articles", source, month, rows)
    add_rebuilt_months(outlet_events[ARTICLES], source, done.rows, done.versions, triggering_asset_events)
    return [f"{source}|{month}" for month in sorted(done.failed)]


@task(outlets=[ARTICLES], map_index_template="{{ partition }}")
def curate_failed_month(partition: str, outlet_events: Any = None) -> None:
    """Tries again to rebuild a month that failed beside others, so that it fails by its own name."""
    from airflow.sdk import get_current_context

    from klartext.curate import curate as rebuild
    from klartext.lake import read_month

    get_current_context()["partition"] = partition
    source, month = partition_of(partition)
    lake = open_lake()
    rows = rebuild(lake, source, month)
    versions = sum(read_month(lake, source, month, ["version_count"])["version_count"].to_pylist())
    add_rebuilt_months(outlet_events[ARTICLES], source, {month: rows}, {month: versions}, None)
