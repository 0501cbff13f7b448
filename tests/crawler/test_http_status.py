"""What headers of a response ask for."""

from __future__ import annotations

import datetime as dt

import pytest

from klartext.crawler.http_status import retry_after

NOW = dt.datetime(2024, 5, 14, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0), (" 30 ", 30.0), ("1.5", 1.5), ("60, 60", 60.0), ("Tue, 14 May 2024 00:01:00 GMT", 60.0),
        ("Mon, 13 May 2024 00:00:00 GMT", 0.0), ("-1", None), ("²", None), ("9" * 20, 1e20),
        ("soon", None), ("", None),
        (None, None),
    ],
)  # fmt: skip
def test_retry_after_in_every_form(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds
