"""Comparing two lakes batch by batch."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from klartext.lake import Lake
from klartext.maintenance.compare import compare_lakes
from support.sample_lake import publish
from support.sample_rows import CAPTURED, article, batch, capture


@pytest.fixture
def lakes(tmp_path: Path) -> tuple[Lake, Lake]:
    return Lake.open(str(tmp_path / "one")), Lake.open(str(tmp_path / "two"))


def test_the_same_pages_captured_at_other_times_are_equal(lakes: tuple[Lake, Lake]) -> None:
    one, two = lakes
    later = CAPTURED + dt.timedelta(hours=3)
    publish(one, batch(), article(1), article(2))
    publish(two, batch(), *(article(n, fetched_at=later, capture=capture(later, n)) for n in (1, 2)))
    found = compare_lakes(one, two)
    assert (found.differences, found.missing, found.batches, found.articles) == ([], [], 1, 2)


@pytest.mark.parametrize(
    "rows",
    [[article(1)], [article(1), article(2, title="Other")], [article(1), article(2), article(3)]],
    ids=["one less", "another title", "one more"],
)
def test_a_row_that_differs_is_found_from_either_side(rows: list[object], lakes: tuple[Lake, Lake]) -> None:
    one, two = lakes
    publish(one, batch(), article(1), article(2))
    publish(one, batch("2024-05-02"), article(9))
    publish(two, batch(), *rows)  # type: ignore[arg-type]
    publish(two, batch("2024-05-02"), article(9))
    for found in (compare_lakes(one, two), compare_lakes(two, one)):
        assert any(f"{batch().name}: versions" in line for line in found.differences)
        assert any("dwn: articles" in line for line in found.differences)


def test_a_count_of_the_account_that_differs_is_found(lakes: tuple[Lake, Lake]) -> None:
    from support.sample_rows import account

    one, two = lakes
    for lake, failed in ((one, 0), (two, 1)):
        publish(lake, batch(), article(1))
        row = dataclasses.replace(account(batch()), failed=failed)
        lake.stage(batch(), "batches", [row])
        table = lake.staged(batch(), "batches")
        assert table is not None
        lake.publish(batch(), "batches", table)
    assert compare_lakes(one, two).differences == [f"{batch().name}: failed is 0, and 1 in the other lake"]


def test_batches_that_the_other_lake_does_not_have_are_named(lakes: tuple[Lake, Lake]) -> None:
    one, two = lakes
    publish(one, batch(), article(1))
    publish(one, batch("2024-05-02"), article(2))
    publish(two, batch(), article(1))
    found = compare_lakes(one, two)
    assert (found.differences, found.missing, found.batches) == ([], [batch("2024-05-02").name], 1)
    assert compare_lakes(two, one).missing == []
