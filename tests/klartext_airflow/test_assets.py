"""The contents of events, and the partition of a run."""

from __future__ import annotations

import types
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _airflow(airflow_home: Path) -> None:
    """Airflow's settings are those of the tests."""


def test_an_event_lists_the_published_batches_with_their_verdicts() -> None:
    from klartext.model import SCHEMA_VERSION
    from klartext_airflow.assets import add_published_batch
    from klartext_airflow.results import BatchFields

    published = {"partitions": ["dwn|2016-08"], "articles": 3, "teasers": 7, "rejects": 1, "fetches": 5}
    event = types.SimpleNamespace(extra={}, keys=[], add_partitions=lambda keys: event.keys.extend(keys))
    for name, warnings in {"dwn-a": [], "dwn-b": ["batch-leads"]}.items():
        batch = BatchFields(source="dwn", name=name, date="2016-08-01", start="", end="")
        add_published_batch(event, batch, published, warnings)
    assert set(event.keys) == {"dwn|2016-08"}
    batches = event.extra["batches"]
    assert batches["dwn-a"] == {
        "source": "dwn", "partitions": ["dwn|2016-08"], "schema_version": SCHEMA_VERSION, "verdict": "passed",
        "warnings": [], "rows": {"versions": 3, "teasers": 7, "rejects": 1, "fetches": 5},
    }  # fmt: skip
    assert (batches["dwn-b"]["verdict"], batches["dwn-b"]["warnings"]) == ("warned", ["batch-leads"])


def test_the_partition_of_a_run_is_a_source_and_a_month() -> None:
    from klartext_airflow.assets import partition_of

    assert partition_of(types.SimpleNamespace(partition_key="dwn|2016-08")) == ("dwn", "2016-08")
