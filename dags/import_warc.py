"""Brings in the pages of a WARC file, whoever captured them.

`split → extract → validate → publish → verdict`

Pages of a host that a source file names are read with that source's rules. All others land under their registered
domain (`source=faz.net`) and are read with the generic rules. Each source's part of the file is a batch of its own;
a batch that is refused does not hold up the others, but makes the run red once they are published.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import DAG, Param, PartitionedAtRuntime, task
from airflow.sdk.exceptions import AirflowFailException

from klartext.batch import Batch
from klartext.publish import publish_batch
from klartext.sources import of_slug
from klartext_assets import BATCHES, VERSIONS, announce
from klartext_lake import open_lake
from klartext_quality import linked, tell

Work = list[dict[str, Any]]  # what tasks hand on: each batch, with the counts of each step so far

FILE = Param(
    type="string",
    minLength=1,
    title="WARC file",
    description="Path of a .warc or .warc.gz file on the machine that runs the task. The file itself is left alone.",
)

with DAG(
    "import_warc",
    schedule=PartitionedAtRuntime(),
    params={"path": FILE},
    is_paused_upon_creation=False,
    doc_md=__doc__,
    tags=["ingest"],
    default_args={"retries": 1, "retry_delay": dt.timedelta(seconds=10)},
):

    @task
    def split(params: Any = None) -> Work:
        from klartext.fetch import import_warc

        return [{"batch": batch.to_dict()} for batch in import_warc(open_lake(), params["path"])]

    @task
    def extract(works: Work) -> Work:
        from klartext.extract import extract_batch

        def one(batch: Batch) -> dict[str, Any]:
            return extract_batch(open_lake(), batch, of_slug(batch.source))

        return [work | {"extract": one(Batch.from_dict(work["batch"]))} for work in works]

    @task(outlets=[BATCHES])
    def validate(works: Work, outlet_events: Any = None) -> Work:
        from klartext.validate import BatchRefused, validate_batch

        def one(batch: Batch) -> dict[str, Any]:
            try:
                return {"validate": validate_batch(open_lake(), batch, of_slug(batch.source))}
            except BatchRefused as refusal:
                return {"refused": str(refusal)}

        batches = [Batch.from_dict(work["batch"]) for work in works]
        judged = [work | one(batch) for work, batch in zip(works, batches, strict=True)]
        tell(outlet_events[BATCHES], batches)
        return judged

    @task(outlets=[VERSIONS])
    def publish(works: Work, outlet_events: Any = None) -> Work:
        def one(work: dict[str, Any]) -> dict[str, Any]:
            published = publish_batch(open_lake(), Batch.from_dict(work["batch"]))
            announce(outlet_events[VERSIONS], work, published)
            return {"publish": published}

        return [work if "refused" in work else work | one(work) for work in works]

    @task
    def verdict(works: Work) -> None:
        refusals = [f"{work['batch']['source']}: {work['refused']}" for work in works if "refused" in work]
        if refusals:
            raise AirflowFailException("not published, because refused:\n" + "\n".join(refusals))

    verdict(publish(linked(validate(extract(split())))))
