from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from klartext.batch import Batch
from klartext.fetch_log import FetchLog, candidate_of, is_settled, mark_placeholders
from klartext.lake import Lake
from klartext.model import Capture, Fetch, table
from klartext.sources import Addresses, Source

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
    assert is_settled(row(outcome=outcome, reason=reason)) is settled


def test_a_placeholder_is_asked_for_again_up_to_a_limit_but_not_in_an_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLARTEXT_WAYBACK", "https://web.archive.org")
    attempts = [row(outcome="placeholder", reason="consent-page", attempt=n) for n in range(1, 7)]
    assert [is_settled(each) for each in attempts] == [False] * 4 + [True] * 2
    archive = "https://web.archive.org/web/20240514000000id_/https://beispiel.de/1"
    assert is_settled(row(outcome="placeholder", reason="consent-page", discovered_from=archive))


def test_captures_that_are_placeholders_are_marked_and_no_others() -> None:
    first, second = (Capture(file="x", offset=n, digest="sha1:x") for n in (0, 9))
    rows = [
        row(capture=first),
        row(capture=second, attempt=2, outcome="placeholder", reason="login-page"),
        row(url="https://beispiel.de/2", capture=first, outcome="unchanged", reason="known"),
        row(url="https://beispiel.de/3", capture=None, outcome="gone", reason="http-404"),
    ]
    marked = mark_placeholders(table(Fetch, rows), {("x", 0): "consent-page"})
    found = [(each["outcome"], each["reason"]) for each in marked.to_pylist()]
    expected = [("placeholder", "consent-page"), ("captured", None), ("unchanged", "known"), ("gone", "http-404")]
    assert found == expected
    assert marked.schema.equals(table(Fetch, rows).schema)
    assert mark_placeholders(marked, {("x", 0): "consent-page"}).equals(marked)


def test_a_page_counts_by_its_last_attempt_under_whatever_address() -> None:
    log = FetchLog([
        row(outcome="failed", reason="timeout"),
        row(url="http://www.beispiel.de/1?utm_source=x", attempt=2),
        row(url="https://beispiel.de/2", outcome="gone"),
        row(url="urn:klartext:x#1", outcome="failed", reason="warc-damaged"),
    ])  # fmt: skip
    assert {name: count for name, count in log.counts().items() if count} == {"captured": 1, "gone": 1, "failed": 1}
    assert sum(log.counts().values()) == 3
    log.add([row(url="https://beispiel.de/1/"), row(url="https://beispiel.de/3"), row(url="https://beispiel.de/3")])
    assert [(each.url, each.attempt) for each in log.rows if each.url.endswith(("1/", "3"))] == [
        ("https://beispiel.de/1/", 3), ("https://beispiel.de/3", 1), ("https://beispiel.de/3", 2),
    ]  # fmt: skip


def test_parameters_that_the_source_ignores_make_no_further_page() -> None:
    source = Source(slug="b", name="B", hosts=["beispiel.de"], addresses=Addresses(ignore_parameters=["cid"]))
    rows = [row(url="https://beispiel.de/1?cid=feed"), row(url="https://beispiel.de/1", attempt=2)]
    assert FetchLog(rows).counts()["captured"] == 2
    log = FetchLog(rows, [candidate_of(row(url="https://beispiel.de/1?cid=news"))], source.page_key)
    assert (log.counts()["captured"], log.captured, list(log.candidates)) == (1, {"beispiel.de/1"}, ["beispiel.de/1"])
    log.add([row(url="https://beispiel.de/1?cid=x")])
    assert log.latest()["beispiel.de/1"].attempt == 3


def test_an_origin_that_fails_as_before_adds_no_row() -> None:
    log = FetchLog()
    log.add_origin_failures([row(outcome="failed", reason="feed-not-xml", capture=None)])
    log.add_origin_failures([row(outcome="failed", reason="feed-not-xml", capture=None, bytes=9)])
    assert [each.bytes for each in log.rows] == [3]
    log.add_origin_failures([row(outcome="failed", reason="timeout", capture=None)])
    assert [(each.attempt, each.reason) for each in log.rows] == [(1, "feed-not-xml"), (2, "timeout")]


def test_sitemaps_that_differ_in_a_parameter_are_two_origins() -> None:
    failed = [
        row(url=f"https://beispiel.de/sitemap.xml?page={page}", outcome="failed", reason="http-500", capture=None,
            discovered_from="source:beispiel")
        for page in (1, 2)
    ]  # fmt: skip
    log = FetchLog()
    log.add_origin_failures(failed[:1])
    log.add_origin_failures(failed)
    assert [(each.url[-1], each.attempt) for each in log.rows] == [("1", 1), ("2", 1)]
    assert log.counts()["failed"] == 2


def test_a_capture_is_added_once_and_with_what_its_candidate_states() -> None:
    stated = dt.datetime(2024, 5, 14, 8, tzinfo=dt.UTC)
    found = dataclasses.replace(candidate_of(ROW), title="Titel", published_at=stated)
    log = FetchLog(candidates=[found])
    log.add_captures([row(), row()])
    log.add_captures([row()])
    assert [(each.attempt, each.candidate_title, each.candidate_published_at) for each in log.rows] == [
        (1, "Titel", stated)
    ]
    assert log.raw_files == {"x"}


def test_candidates_are_those_staged_and_those_that_an_earlier_run_could_not_settle() -> None:
    staged = dataclasses.replace(candidate_of(ROW), url="https://beispiel.de/9")
    log = FetchLog(
        [
            row(outcome="failed", reason="timeout", capture=None, candidate_title="T"),
            row(url="https://beispiel.de/2", outcome="gone", reason="http-404", capture=None),
            row(url="https://beispiel.de/feed", discovered_from="source:x", outcome="failed", reason="timeout"),
        ],
        [staged],
    )
    assert {key: each.title for key, each in log.candidates.items()} == {"beispiel.de/9": None, "beispiel.de/1": "T"}


def test_the_log_of_a_batch_is_what_was_saved(tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path))
    source = Source(slug="beispiel", name="Beispiel", hosts=["beispiel.de"])
    day = dt.datetime(2024, 5, 14, tzinfo=dt.UTC)
    batch = Batch.of_interval(source, day, day + dt.timedelta(days=1))
    log = FetchLog.open(lake, batch, source)
    log.add([row(url="https://beispiel.de/2"), row(), row(outcome="unchanged", reason="known")])
    log.save()
    assert FetchLog.open(lake, batch, source).rows == log.rows
    assert [(each.url[-1], each.attempt) for each in log.rows] == [("1", 1), ("1", 2), ("2", 1)]
    with pytest.raises(ValueError, match=r"FetchLog\.open"):
        FetchLog().save()
