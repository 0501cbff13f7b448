"""The steps of a batch as tasks call them, whichever DAG they belong to.

Each opens the lake and imports its step when it is called, and returns a small result.
"""

from __future__ import annotations

from typing import Any

from klartext.batch import Batch
from klartext.sources import of_slug
from klartext_airflow.assets import add_published_batch
from klartext_airflow.defaults import require_complete, wait_while_busy
from klartext_airflow.lake_connection import open_lake
from klartext_airflow.results import BatchFields, StepResult, ValidationResult, batch_of, fields_of


def discover(batch: Batch, *, replay: bool) -> StepResult:
    """Lists what the publisher published in the batch's interval; a replay lists what was captured."""
    from klartext.discover import discover_batch

    with wait_while_busy():
        counts = discover_batch(open_lake(), batch, of_slug(batch.source), replay=replay)
    return {"batch": fields_of(batch), "counts": require_complete(counts)}


def fetch(fields: BatchFields, *, replay: bool) -> StepResult:
    """Fetches what the batch has not captured yet; a replay fetches nothing."""
    from klartext.fetch import fetch_batch

    with wait_while_busy():
        counts = fetch_batch(open_lake(), batch_of(fields), of_slug(fields["source"]), replay=replay)
    return {"batch": fields, "counts": require_complete(counts)}


def split(path: str) -> list[BatchFields]:
    """Splits a WARC file into batches, one for each source that has pages in it."""
    from klartext.fetch import import_warc

    return [fields_of(batch) for batch in import_warc(open_lake(), path)]


def extract(fields: BatchFields) -> StepResult:
    """Extracts the articles of the batch's captures."""
    from klartext.extract import extract_batch

    counts = extract_batch(open_lake(), batch_of(fields), of_slug(fields["source"]))
    return {"batch": fields, "counts": counts}


def validate(fields: BatchFields) -> ValidationResult:
    """Checks the batch's rows. Raises BatchRefused if nothing of it may be published."""
    from klartext.validate import validate_batch

    result = validate_batch(open_lake(), batch_of(fields), of_slug(fields["source"]))
    counts = {name: result[name] for name in ("articles", "rejects", "rejected")}
    return {"batch": fields, "counts": counts, "refusal": None, "warnings": result["warnings"]}


def validate_or_refuse(fields: BatchFields) -> ValidationResult:
    """As :func:`validate`, but a refusal is part of the result, so that other batches of the run go on."""
    from klartext.validate import BatchRefused

    try:
        return validate(fields)
    except BatchRefused as error:
        return {"batch": fields, "counts": {}, "refusal": str(error), "warnings": []}


def publish(validated: ValidationResult, event: Any) -> StepResult:
    """Publishes the batch's accepted rows and adds the batch to the task's event of the asset ``VERSIONS``."""
    from klartext.publish import publish_batch

    published = publish_batch(open_lake(), batch_of(validated["batch"]))
    add_published_batch(event, validated["batch"], published, validated["warnings"])
    return {"batch": validated["batch"], "counts": published}
