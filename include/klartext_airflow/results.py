"""What tasks return, and so what Airflow stores as XComs: the batch by name, and the counts of one step."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from klartext.batch import Batch


class BatchFields(TypedDict):
    """A batch as strings, see :class:`klartext.batch.Batch`; ``date`` and times are in ISO 8601, times are UTC."""

    source: str
    name: str
    date: str
    start: str
    end: str


class StepResult(TypedDict):
    """The batch that a step worked on, and what this step counted; the step's function lists its counts."""

    batch: BatchFields
    counts: dict[str, Any]


class ChunkFields(TypedDict):
    """A chunk of a batch's captures, see :class:`klartext.extract.chunk_plan.Chunk`, and the batch."""

    batch: BatchFields
    chunk: dict[str, Any]


class ValidationResult(StepResult):
    """``refusal`` says why nothing of the batch may be published, None if it may; ``warnings`` are codes of checks."""

    refusal: str | None
    warnings: list[str]


def fields_of(batch: Batch) -> BatchFields:
    """A batch as an XCom."""
    return cast(BatchFields, batch.to_dict())


def batch_of(fields: BatchFields) -> Batch:
    """The batch of an XCom."""
    return Batch.from_dict(dict(fields))
