"""Brings in what one publisher published within a data interval.

`discover → fetch → extract → validate → publish`, and beside it `account`

Each run is a batch: one source, one interval. Adding a publisher is adding a file to `include/sources`. A backfill is
the same code with older intervals:

    airflow backfill create --dag-id ingest_dwn --from-date 2016-08-01 --to-date 2016-09-01

A repeated run first uses the pages that it has, so it can only add. With `{"replay": true}` as its configuration it
asks nobody and makes the batch anew of them. One run at a time asks the publisher. Of a batch that `validate` refuses
nothing is published, and the log says why. `publish` names the months that it touched, and `curate` rebuilds them.
`account` tells what became of every page; its link Quality leads to what the gate found.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import DAG, Param, task

from interval_timetable import IntervalTimetable, midnight
from klartext.batch import Batch
from klartext.publish import publish_batch
from klartext.sources import Source, SourceError, load_usable
from klartext_assets import VERSIONS, announce
from klartext_lake import open_lake
from klartext_quality import account, linked
from klartext_retries import LATER, NEVER, finished, in_turn, pool

Work = dict[str, Any]  # what tasks hand on: the batch, and the counts of each step so far
REPLAY = Param(False, type="boolean", title="Replay", description="Ask no network: make the batch from its captures.")


def ingest(source: Source) -> None:
    with DAG(
        f"ingest_{source.slug}",
        schedule=IntervalTimetable(source.schedule, source.time_zone),
        start_date=midnight(source.since, source.time_zone),
        end_date=midnight(source.until, source.time_zone) - dt.timedelta(seconds=1) if source.until else None,
        catchup=False,
        params={"replay": REPLAY},
        doc_md="\n- ".join([f"# {source.name}\n{__doc__}\nIt asks:\n", *map("`{}`".format, source.discover.addresses)]),
        tags=["ingest", source.slug],
        default_args={"retries": 1, "retry_delay": dt.timedelta(seconds=10)},
    ):

        @task(max_active_tis_per_dag=1, pool=pool(source.slug))
        def discover(data_interval_start: Any = None, data_interval_end: Any = None, params: Any = None) -> Work:
            from klartext.discover import discover_batch

            batch = Batch.of_interval(source, data_interval_start, data_interval_end)
            with in_turn():
                found = discover_batch(open_lake(), batch, source, replay=params["replay"])
            return {"batch": batch.to_dict(), "replay": params["replay"], "discover": finished(found)}

        @task(max_active_tis_per_dag=1, pool=pool(source.slug), retry_policy=NEVER, **LATER)
        def fetch(work: Work) -> Work:
            from klartext.fetch import fetch_batch

            with in_turn():
                done = fetch_batch(open_lake(), Batch.from_dict(work["batch"]), source, replay=work["replay"])
            return work | {"fetch": finished(done)}

        @task
        def extract(work: Work) -> Work:
            from klartext.extract import extract_batch

            return work | {"extract": extract_batch(open_lake(), Batch.from_dict(work["batch"]), source)}

        @task(retry_policy=NEVER)
        def validate(work: Work) -> Work:
            from klartext.validate import validate_batch

            return work | {"validate": validate_batch(open_lake(), Batch.from_dict(work["batch"]), source)}

        @task(outlets=[VERSIONS])
        def publish(work: Work, outlet_events: Any = None) -> Work:
            published = publish_batch(open_lake(), Batch.from_dict(work["batch"]))
            announce(outlet_events[VERSIONS], work, published)
            return work | {"publish": published}

        extracted = extract(fetch(discover()))
        validated = linked(validate(extracted))
        publish(validated)
        validated >> linked(account(extracted))


class Unusable(DAG):  # Airflow shows an import error, and the other sources' DAGs stay
    def validate(self) -> None:
        raise SourceError(self.description)


usable, problems = load_usable()
for each in usable.values():
    ingest(each)
if problems:
    unusable = Unusable("ingest", description="\n".join(map(str, problems)), schedule=None)
