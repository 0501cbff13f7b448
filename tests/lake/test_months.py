"""The months of a source, and the names of partitions."""

from __future__ import annotations

import datetime as dt

import pytest

from klartext.lake.months import month_bounds, month_of, zone_of

LATE = dt.datetime(2024, 5, 31, 22, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("source", "month"),
    [("zeit", "2024-06"), ("beispiel.jp", "2024-06"), ("beispiel.pt", "2024-05"), ("other", "2024-05")],
)
def test_months_are_those_of_the_publishers_zone_and_of_utc_for_all_hosts_without_a_file(
    source: str, month: str
) -> None:
    assert month_of(LATE, zone_of(source)) == month
    begin, end = month_bounds(month, zone_of(source))
    assert begin <= LATE < end
