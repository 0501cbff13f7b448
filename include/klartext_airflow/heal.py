"""The factory of the DAG that rebuilds months of which no run has heard."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, task

from klartext_airflow.assets import ARTICLES, SHARED_TEXT, add_rebuilt_months
from klartext_airflow.curate import curate_failed_month
from klartext_airflow.defaults import DEFAULT_ARGS
from klartext_airflow.lake_connection import open_lake
from klartext_airflow.link import announce, link_failed

WAIT = dt.timedelta(minutes=15)
"""How long ago a batch must have been published: before, the run that announces it may be under way."""

logger = logging.getLogger(__name__)


def heal_dag(doc: str) -> DAG:
    """The DAG ``heal``, once an hour. ``doc`` is Markdown for its page in the UI."""
    with DAG(
        "heal",
        schedule=CronTriggerTimetable("17 * * * *", timezone="UTC"),
        start_date=dt.datetime(2016, 8, 1, tzinfo=dt.UTC),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        doc_md=doc,
        tags=["lake"],
        default_args=DEFAULT_ARGS,
    ) as dag:
        curate_failed_month.expand(partition=heal())
        link_failed.expand(partition=heal_shared_text())
    return dag


@task(outlets=[ARTICLES])
def heal(outlet_events: Any = None, ti: Any = None) -> list[str]:
    """Rebuilds the months that lack something published, and announces them; returns the partitions that failed. The
    log, and the XCom ``healed``, say which were rebuilt."""
    from klartext import dataset_card
    from klartext.curate import curate_months
    from klartext.lake.curated_state import pending_months, published_sources

    lake = open_lake()
    healed: list[str] = []
    failed: list[str] = []
    for source in published_sources(lake):
        if months := pending_months(lake, source, WAIT.total_seconds()):
            done = curate_months(lake, source, months)
            if done.rows:
                add_rebuilt_months(outlet_events[ARTICLES], source, done.rows, done.versions, None)
            healed += [f"{source}|{month}" for month in sorted(done.rows)]
            failed += [f"{source}|{month}" for month in sorted(done.failed)]
    if healed:
        logger.warning("rebuilt, because something published was missing: %s", ", ".join(healed))
    else:
        logger.info("nothing was missing")
    dataset_card.write_if_old(lake)  # the last month that was curated may have been within the hour
    ti.xcom_push("healed", healed)
    return failed


@task(outlets=[SHARED_TEXT])
def heal_shared_text(outlet_events: Any = None) -> list[str]:
    """Computes the shared text that does not match the articles, and announces it; returns what failed."""
    from klartext.link import link_pending

    done = link_pending(open_lake(), WAIT.total_seconds())
    if done.pairs:
        logger.warning("computed, because articles had changed: %s", ", ".join(sorted(done.pairs)))
    return announce(outlet_events[SHARED_TEXT], done)
