"""The factory of the DAG that imports WARC files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow.sdk import DAG, Param, PartitionedAtRuntime, task
from airflow.sdk.exceptions import AirflowFailException

from klartext_airflow import quality, steps
from klartext_airflow.assets import BATCHES, VERSIONS
from klartext_airflow.defaults import DEFAULT_ARGS
from klartext_airflow.pools import EXTRACTION
from klartext_airflow.results import BatchFields, ChunkFields, StepResult, ValidationResult

PATH = Param(
    type=["string", "array"],
    minLength=1,
    minItems=1,
    items={"type": "string", "minLength": 1},
    title="WARC files",
    description="A .warc or .warc.gz file, a folder of them, an address as s3://bucket/file.warc.gz, or a list of "
    "these. Files must be below the folders in KLARTEXT_IMPORTS, by default the project and the lake.",
)


def import_warc_dag(doc: str) -> DAG:
    """The DAG ``import_warc``: one run is one file, a folder or a list. ``doc`` is Markdown for its page in the UI."""
    with DAG(
        "import_warc",
        schedule=PartitionedAtRuntime(),
        params={"path": PATH},
        is_paused_upon_creation=False,
        doc_md=doc,
        tags=["ingest"],
        default_args=DEFAULT_ARGS,
    ) as dag:
        chunks = plan(split.expand(path=files()))
        validated = validate(extract.expand(chunk=chunks))
        publish(validated) >> verdict(validated)
    return dag


@task
def files(params: Any = None) -> list[str]:
    """Lists the files to import; fails if one may not be read."""
    return steps.list_imports(params["path"])


@task(map_index_template="{{ task.op_kwargs['path'].rpartition('/')[2] }}")
def split(path: str) -> list[BatchFields]:
    """Splits a file into a batch for each source."""
    return steps.split(path)


@task
def plan(batches: Iterable[list[BatchFields]]) -> list[ChunkFields]:
    """Cuts the captures of all batches into chunks."""
    return steps.plan_chunks([batch for part in batches for batch in part])


@task(multiple_outputs=False, pool=EXTRACTION)
def extract(chunk: ChunkFields) -> ChunkFields:
    """Extracts the articles of a chunk."""
    return steps.extract(chunk)


@quality.task_with_quality_link(outlets=[BATCHES])
def validate(extracted: Iterable[ChunkFields], outlet_events: Any = None) -> list[ValidationResult]:
    """Gathers and validates each batch, and announces the accounts; refusals are part of the result."""
    batches = steps.extracted_batches(extracted).values()
    validated = [steps.validate_or_refuse(chunks) for chunks in batches]
    quality.add_accounts(outlet_events[BATCHES], [result["batch"] for result in validated])
    return validated


@task(outlets=[VERSIONS])
def publish(validated: list[ValidationResult], outlet_events: Any = None) -> list[StepResult]:
    """Publishes the batches that were not refused."""
    return [steps.publish(result, outlet_events[VERSIONS]) for result in validated if result["refusal"] is None]


@task(on_failure_callback=[])  # `validate` sends an alert for each refused batch
def verdict(validated: list[ValidationResult]) -> None:
    """Raises AirflowFailException if a batch of the file was refused; the others are published by then."""
    refusals = [f"{result['batch']['source']}: {result['refusal']}" for result in validated if result["refusal"]]
    if refusals:
        raise AirflowFailException("not published, because refused:\n" + "\n".join(refusals))
