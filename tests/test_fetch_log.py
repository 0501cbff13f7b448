from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from klartext import fetch_log
from klartext.model import Capture, Fetch

ROW = Fetch(
    url="https://beispiel.de/1",
    discovered_from="https://beispiel.de/feed",
    outcome="captured",
    reason=None,
    status=200,
    final_url=None,
    bytes=3,
    attempt=1,
    fetched_at=dt.datetime(2024, 5, 14, tzinfo=dt.UTC),
    capture=Capture(file="x", offset=0, digest="sha1:x"),
    candidate_title=None,
    candidate_published_at=None,
)


def row(**changes: object) -> Fetch:
    return dataclasses.replace(ROW, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcome", "reason", "settled"),
    [
        ("captured", None, True),
        ("gone", "http-404", True),
        ("disallowed", "robots", True),
        ("refused", "foreign-host", True),
        ("failed", "too-large", True),
        ("failed", "http-403", True),
        ("failed", "http-503", False),
        ("failed", "timeout", False),
        ("failed", "robots-unreachable", False),
        ("deadline", "deadline", False),
    ],
)
def test_what_another_try_may_change(outcome: str, reason: str | None, settled: bool) -> None:
    assert fetch_log.is_settled(row(outcome=outcome, reason=reason)) is settled


def test_a_page_counts_by_its_last_attempt_under_whatever_address() -> None:
    rows = [
        row(outcome="failed", reason="timeout"),
        row(url="http://www.beispiel.de/1?utm_source=x", attempt=2),
        row(url="https://beispiel.de/2", outcome="gone"),
        row(url="urn:klartext:x#1", outcome="failed", reason="warc-damaged"),
    ]
    counts = fetch_log.counts(rows)
    assert {name: count for name, count in counts.items() if count} == {"captured": 1, "gone": 1, "failed": 1}
    assert sum(counts.values()) == 3
    again = [row(url="https://beispiel.de/1/"), row(url="https://beispiel.de/3"), row(url="https://beispiel.de/3")]
    assert [r.attempt for r in fetch_log.extended(rows, again)[4:]] == [3, 1, 2]


def test_an_origin_that_fails_as_before_is_no_news() -> None:
    broken = row(outcome="failed", reason="feed-not-xml", capture=None)
    rows = fetch_log.with_problems([], [broken])
    assert rows == [broken]
    assert fetch_log.with_problems(rows, [row(outcome="failed", reason="feed-not-xml", capture=None, bytes=9)]) == rows
    assert [r.attempt for r in fetch_log.with_problems(rows, [row(outcome="failed", reason="timeout")])] == [1, 2]
