"""The factory of the DAG that finds articles that share text."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, FixedKeyMapper, PartitionedAssetTimetable, task

from klartext_airflow.assets import ALL_MONTHS, ARTICLES, SHARED_TEXT, partition_of
from klartext_airflow.defaults import DEFAULT_ARGS
from klartext_airflow.lake_connection import open_lake

if TYPE_CHECKING:
    from klartext.link import Linked

logger = logging.getLogger(__name__)


def link_dag(doc: str) -> DAG:
    """The DAG ``link``: one run brings all months of shared text up to date that changed since the run before. ``doc``
    is Markdown for its page."""
    with DAG(
        "link",
        schedule=PartitionedAssetTimetable(assets=ARTICLES, default_partition_mapper=FixedKeyMapper(ALL_MONTHS)),
        max_active_runs=1,  # a month has the articles of all sources
        is_paused_upon_creation=False,
        doc_md=doc,
        tags=["lake"],
        default_args=DEFAULT_ARGS,
    ) as dag:
        link_failed.expand(partition=link_changed())
    return dag


@task(task_id="link", outlets=[SHARED_TEXT])
def link_changed(dag_run: Any = None, triggering_asset_events: Any = None, outlet_events: Any = None) -> list[str]:
    """Links the months that events have named and announces what was computed; returns what failed: months, and
    partitions of articles."""
    from klartext.link import link, link_pending

    lake = open_lake()
    keys = {event.partition_key for events in (triggering_asset_events or {}).values() for event in events}
    keys |= {dag_run.partition_key} - {ALL_MONTHS}
    named = [partition_of(key) for key in sorted(filter(None, keys))]
    return announce(outlet_events[SHARED_TEXT], link(lake, named) if named else link_pending(lake))


@task(outlets=[SHARED_TEXT], map_index_template="{{ partition }}")
def link_failed(partition: str, outlet_events: Any = None) -> None:
    """Tries again what failed beside others, so that it fails by its own name."""
    from airflow.sdk import get_current_context

    from klartext.lake import LakeError
    from klartext.link import link

    get_current_context()["partition"] = partition
    source, separator, month = partition.partition("|")
    done = link(open_lake(), [(source, month)]) if separator else link(open_lake(), [], [partition])
    announce(outlet_events[SHARED_TEXT], done)
    if done.failed:
        raise LakeError("; ".join(f"{name}: {why}" for name, why in done.failed.items()))


def announce(event: Any, done: Linked) -> list[str]:
    """Adds the computed months to the event of a task with the outlet :data:`SHARED_TEXT`, with the number of
    ``months`` and of ``pairs``; returns what failed."""
    for month, pairs in done.pairs.items():
        logger.info("%s: %s pairs of articles share text", month, pairs)
    if done.pairs:
        event.add_partitions(sorted(done.pairs))
    event.extra.update({"months": len(done.pairs), "pairs": sum(done.pairs.values())})
    return sorted(done.failed)
