"""The contents of events, and the partition of a run."""

from __future__ import annotations

import types
from pathlib import Path

import pytest

from support.newsroom_runs import Event


@pytest.fixture(autouse=True)
def _airflow(airflow_home: Path) -> None:
    """Airflow's settings are those of the tests."""


def test_the_extra_of_an_event_is_small_whatever_was_published() -> None:
    from klartext.model import SCHEMA_VERSION
    from klartext_airflow.assets import NAMED, add_published_batch
    from klartext_airflow.results import BatchFields

    event = Event()
    for number in range(1000):
        published = {"partitions": [f"dwn|{2000 + number}-08"], "articles": 3, "teasers": 7, "rejects": 1, "fetches": 5}
        batch = BatchFields(source="dwn", name=f"dwn-{number}", date="2016-08-01", start="", end="")
        add_published_batch(event, batch, published, ["batch-leads"] if number == 7 else [])
    assert len(event.keys) == 1000
    assert event.extra == {
        "batches": 1000, "names": [f"dwn-{n}" for n in range(NAMED)], "schema_version": SCHEMA_VERSION,
        "rows": {"versions": 3000, "teasers": 7000, "rejects": 1000, "fetches": 5000}, "verdict": "warned",
        "warnings": ["batch-leads"],
    }  # fmt: skip


def test_the_partition_of_a_run_is_a_source_and_a_month_or_all_announced_ones() -> None:
    from klartext_airflow.assets import VERSIONS, months_of_run

    def run(key: str, *announced: str) -> tuple[str, list[str] | None]:
        events = [types.SimpleNamespace(partition_key=each) for each in announced]
        return months_of_run(types.SimpleNamespace(partition_key=key), {VERSIONS: events})

    assert run("dwn|2016-08", "dwn|2016-09") == ("dwn", ["2016-08"])
    assert run("dwn|*", "dwn|2016-09", "dwn|2016-08", "dwn|2016-09") == ("dwn", ["2016-08", "2016-09"])
    assert run("dwn|*") == ("dwn", None)


def test_the_months_of_a_source_are_folded_into_one_run() -> None:
    from klartext_airflow.assets import VERSIONS, one_run_per_source

    mapper = one_run_per_source(VERSIONS).default_partition_mapper
    from airflow.partition_mappers.fixed_key import FixedKeyMapper
    from airflow.partition_mappers.identity import IdentityMapper
    from airflow.partition_mappers.product import ProductMapper

    assert type(mapper).__name__ == "ProductMapper"
    assert ProductMapper(IdentityMapper(), FixedKeyMapper("*")).to_downstream("dwn|2016-08") == "dwn|*"
