"""The steps of a batch as tasks call them, whichever DAG they belong to.

Each opens the lake and imports its step when it is called, and returns a small result.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from airflow.sdk import conf

from klartext.batch import Batch
from klartext.sources import of_slug
from klartext_airflow import alerts
from klartext_airflow.assets import add_published_batch
from klartext_airflow.defaults import require_complete, wait_while_busy
from klartext_airflow.lake_connection import lake_access, open_lake
from klartext_airflow.results import (
    BatchFields,
    ChunkFields,
    StepResult,
    ValidationResult,
    batch_of,
    fields_of,
)

logger = logging.getLogger(__name__)


def discover(batch: Batch, *, replay: bool) -> StepResult:
    """Lists what the publisher published in the batch's interval; a replay lists what was captured."""
    from klartext.discover import discover_batch

    with wait_while_busy():
        counts = discover_batch(open_lake(), batch, of_slug(batch.source), replay=replay)
    return {"batch": fields_of(batch), "counts": require_complete(counts)}


def fetch(fields: BatchFields, *, replay: bool) -> tuple[dict[str, Any], list[ChunkFields]]:
    """Fetches what the batch has not captured yet; a replay fetches nothing. Returns the counts of the step, and the
    chunks that the captures are cut into."""
    from klartext.fetch import fetch_batch

    with wait_while_busy():
        counts = fetch_batch(open_lake(), batch_of(fields), of_slug(fields["source"]), replay=replay)
    return require_complete(counts), plan_chunks([fields])


def plan_chunks(batches: Sequence[BatchFields]) -> list[ChunkFields]:
    """Cuts the captures of batches into chunks. A run has at most as many mapped tasks as Airflow allows, so with very
    many captures the chunks are larger."""
    from klartext.extract import chunk_plan

    lake = open_lake()
    captures = sum(chunk_plan.count_captures(lake, batch_of(fields)) for fields in batches)
    size = chunk_plan.chunk_size(captures, conf.getint("core", "max_map_length") - 3 * len(batches))
    return [
        {"batch": fields, "chunk": chunk.to_dict()}
        for fields in batches
        for chunk in chunk_plan.plan_chunks(lake, batch_of(fields), size)
    ]


def list_imports(named: str | list[str]) -> list[str]:
    """The files to import: those that are named, or in the folder that is named."""
    from klartext.fetch import import_files

    return import_files.list_files(named, import_files.allowed_places(open_lake()), lake_access())


def split(path: str) -> list[BatchFields]:
    """Splits a WARC file into batches: one for each source file whose pages it has, and one for all other hosts."""
    from klartext.fetch import import_files, import_warc

    lake = open_lake()
    with import_files.local_file(path, lake, lake_access()) as file:
        return [fields_of(batch) for batch in import_warc(lake, file)]


def extract(fields: ChunkFields) -> ChunkFields:
    """Extracts the articles of a chunk; returns the chunk."""
    from klartext.extract.chunk_plan import Chunk
    from klartext.extract.chunks import extract_chunk

    batch, chunk = batch_of(fields["batch"]), Chunk.from_dict(fields["chunk"])
    counts = extract_chunk(open_lake(), batch, of_slug(batch.source), chunk)
    logger.info("%s: chunk %s of %s: %s", batch.name, chunk.number + 1, chunk.count, counts)
    return fields


def extracted_batches(extracted: Iterable[ChunkFields]) -> dict[str, list[ChunkFields]]:
    """The extracted chunks by the name of their batch, in the order of their numbers."""
    found: dict[str, list[ChunkFields]] = {}
    for fields in extracted:
        found.setdefault(fields["batch"]["name"], []).append(fields)
    return {name: sorted(each, key=lambda fields: int(fields["chunk"]["number"])) for name, each in found.items()}


def validate(chunks: Sequence[ChunkFields]) -> ValidationResult:
    """Gathers the extracted chunks of a batch and checks its rows. Raises BatchRefused if nothing of it may be
    published."""
    from klartext.extract.chunk_plan import Chunk
    from klartext.extract.chunks import gather
    from klartext.validate import validate_batch

    fields = chunks[0]["batch"]
    lake, batch, source = open_lake(), batch_of(fields), of_slug(fields["source"])
    gather(lake, batch, source, [Chunk.from_dict(each["chunk"]) for each in chunks])
    result = validate_batch(lake, batch, source)
    if result["warnings"]:
        alerts.batch_warned(batch, f"{result['sentence']}\n{result['account']}", result["warnings"])
    counts = {name: result[name] for name in ("articles", "rejects", "rejected")}
    return {"batch": fields, "counts": counts, "refusal": None, "warnings": result["warnings"]}


def validate_or_refuse(chunks: Sequence[ChunkFields]) -> ValidationResult:
    """As :func:`validate`, but a refusal is part of the result, so that other batches of the run go on."""
    from klartext.validate import BatchRefused

    try:
        return validate(chunks)
    except BatchRefused as error:
        alerts.batch_refused(batch_of(chunks[0]["batch"]), str(error), error.result.get("reasons", []))
        # Without the addresses in the message: results stay in Airflow's database, which no take-down reaches.
        refusal = "; ".join(error.result.get("reasons") or [str(error)])
        return {"batch": chunks[0]["batch"], "counts": {}, "refusal": refusal, "warnings": []}


def publish(validated: ValidationResult, event: Any) -> StepResult:
    """Publishes the batch's accepted rows and adds the batch to the task's event of the asset ``VERSIONS``."""
    from klartext.publish import publish_batch

    published = publish_batch(open_lake(), batch_of(validated["batch"]))
    add_published_batch(event, validated["batch"], published, validated["warnings"])
    return {"batch": validated["batch"], "counts": published}
