from __future__ import annotations

import pytest

from klartext.warc.times import EPOCH, record_time


@pytest.mark.parametrize(
    ("value", "time"),
    [
        ("2024-05-14T10:00:00Z", "2024-05-14T10:00:00"),
        ("2024-05-14T10:00:00.123456Z", "2024-05-14T10:00:00.123456"),
        ("2024-05-14T10:00:00.123456789Z", "2024-05-14T10:00:00.123456"),
        ("2024-05-14T00:00:00Z", "2024-05-14T00:00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59"),
        ("2016-12-31T23:59:60.500Z", "2016-12-31T23:59:59.500000"),
        ("2024-05-14T10:00Z", "2024-05-14T10:00:00"),
        ("2024-05-14T12:00:00+02:00", "2024-05-14T10:00:00"),
        ("2024-05-14T10:00:00", "2024-05-14T10:00:00"),
        ("20240514100000", "2024-05-14T10:00:00"),
        ("2024-05-14", "2024-05-14T12:00:00"),
        ("2024-05", "2024-05-31T12:00:00"),
        ("2024", "2024-12-31T12:00:00"),
    ],
)
def test_every_precision_is_read(value: str, time: str) -> None:
    assert record_time(value).isoformat() == f"{time}+00:00"


@pytest.mark.parametrize("value", [None, "", "gestern", "2024-13-01T00:00:00Z", "2024-02-30", "99999999999999",
                                   "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999"])  # fmt: skip
def test_what_is_no_date_is_none(value: str | None) -> None:
    assert record_time(value) == EPOCH
