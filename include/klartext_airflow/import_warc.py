"""The factory of the DAG that imports WARC files."""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, Param, PartitionedAtRuntime, task
from airflow.sdk.exceptions import AirflowFailException

from klartext_airflow import quality, steps
from klartext_airflow.assets import BATCHES, VERSIONS
from klartext_airflow.defaults import DEFAULT_ARGS
from klartext_airflow.results import BatchFields, StepResult, ValidationResult

PATH = Param(
    type="string",
    minLength=1,
    title="WARC file",
    description="Path of a .warc or .warc.gz file on the machine that runs the task. The file is not changed.",
)


def import_warc_dag(doc: str) -> DAG:
    """The DAG ``import_warc``: one run is one file. ``doc`` is Markdown for its page in the UI."""
    with DAG(
        "import_warc",
        schedule=PartitionedAtRuntime(),
        params={"path": PATH},
        is_paused_upon_creation=False,
        doc_md=doc,
        tags=["ingest"],
        default_args=DEFAULT_ARGS,
    ) as dag:
        validated = validate(extract(split()))
        publish(validated) >> verdict(validated)
    return dag


@task
def split(params: Any = None) -> list[BatchFields]:
    """Splits the file into a batch for each source."""
    return steps.split(params["path"])


@task
def extract(batches: list[BatchFields]) -> list[StepResult]:
    """Extracts the articles of each batch."""
    return [steps.extract(batch) for batch in batches]


@quality.task_with_quality_link(outlets=[BATCHES])
def validate(extracted: list[StepResult], outlet_events: Any = None) -> list[ValidationResult]:
    """Validates each batch, and announces the accounts; refusals are part of the result."""
    validated = [steps.validate_or_refuse(result["batch"]) for result in extracted]
    quality.add_accounts(outlet_events[BATCHES], [result["batch"] for result in validated])
    return validated


@task(outlets=[VERSIONS])
def publish(validated: list[ValidationResult], outlet_events: Any = None) -> list[StepResult]:
    """Publishes the batches that were not refused."""
    return [steps.publish(result, outlet_events[VERSIONS]) for result in validated if result["refusal"] is None]


@task
def verdict(validated: list[ValidationResult]) -> None:
    """Raises AirflowFailException if a batch of the file was refused; the others are published by then."""
    refusals = [f"{result['batch']['source']}: {result['refusal']}" for result in validated if result["refusal"]]
    if refusals:
        raise AirflowFailException("not published, because refused:\n" + "\n".join(refusals))
