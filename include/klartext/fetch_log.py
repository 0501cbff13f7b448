"""The account of a batch: rows of the table ``fetches``, over all its runs.

There is a row for each attempt. Run again, a batch keeps the rows that it had and adds those of what it tried anew;
where nothing new happened, the rows stay as they are.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from klartext import urls
from klartext.model import Candidate, Capture, Fetch, Outcome

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.crawler import Answer
    from klartext.lake import Lake

ORIGIN = "source:"
"""How ``discovered_from`` begins in the row of a feed, sitemap or archive that was to be asked, and is no page."""

_PASSING = {
    "http-429", "http-500", "http-502", "http-503", "http-504",
    "timeout", "connection", "dns", "cut-short", "robots-unreachable", "unexpected",
}  # fmt: skip
"""Reasons of failures that the next run of the batch may not meet; the others are the publisher's last word."""


def rows(lake: Lake, batch: Batch) -> list[Fetch]:
    """All rows of the batch's earlier runs: what it has published and what it has staged since."""
    known: dict[tuple[str, int], Fetch] = {}
    for table in (lake.published(batch, "fetches"), lake.staged(batch, "fetches")):
        for row in table.to_pylist() if table is not None else []:
            if row["capture"]:
                row["capture"] = Capture(**row["capture"])
            known[row["url"], row["attempt"]] = Fetch(**row)
    return ordered(known.values())


def candidates(lake: Lake, batch: Batch) -> list[Candidate]:
    """What the batch has staged as candidates."""
    table = lake.staged(batch, "candidates")
    return [Candidate(**row) for row in table.to_pylist()] if table is not None else []


def ordered(found: Iterable[Fetch]) -> list[Fetch]:
    return sorted(found, key=lambda row: (row.url, row.attempt))


def key(url: str) -> str:
    """What rows of one page have in common; the address itself for what is no page's."""
    try:
        return urls.identity(url)
    except ValueError:
        return url


def latest(found: Iterable[Fetch]) -> dict[str, Fetch]:
    """The last row of each page, by :func:`key`."""
    last: dict[str, Fetch] = {}
    for row in sorted(found, key=lambda row: row.attempt):
        last[key(row.url)] = row
    return last


def is_settled(row: Fetch) -> bool:
    """Whether asking again in this batch could bring nothing new."""
    return row.outcome != "deadline" and not (row.outcome == "failed" and row.reason in _PASSING)


def told(row: Fetch, candidate: Candidate) -> Fetch:
    """The row with what was said of its address where that was found."""
    return dataclasses.replace(row, candidate_title=candidate.title, candidate_published_at=candidate.published_at)


def candidate(row: Fetch, discovered_from: str | None = None) -> Candidate:
    """The candidate that a row is of, found elsewhere if that is given."""
    return Candidate(
        url=row.url,
        discovered_from=discovered_from or row.discovered_from,
        title=row.candidate_title,
        published_at=row.candidate_published_at,
        modified_at=None,
    )


def published(candidate: Candidate) -> str | None:
    """The time of publication that a candidate was found with, as an ask carries it."""
    return candidate.published_at.isoformat() if candidate.published_at else None


def unanswered(candidate: Candidate, outcome: Outcome, reason: str, at: dt.datetime | None = None) -> Fetch:
    """The row of a candidate that no answer tells of, as of now if no time is given, its attempt the first."""
    return Fetch(
        url=candidate.url,
        discovered_from=candidate.discovered_from,
        outcome=outcome,
        reason=reason,
        status=None,
        final_url=None,
        bytes=None,
        attempt=1,
        fetched_at=at or dt.datetime.now(dt.UTC),
        capture=None,
        candidate_title=candidate.title,
        candidate_published_at=candidate.published_at,
    )


def extended(found: Iterable[Fetch], news: Iterable[Fetch]) -> list[Fetch]:
    """The rows and the new ones after them, each with the number of its attempt."""
    rows = list(found)
    attempts: dict[str, int] = {}
    for row in rows:
        attempts[key(row.url)] = max(row.attempt, attempts.get(key(row.url), 0))
    for row in news:
        page = key(row.url)
        attempts[page] = attempts.get(page, 0) + 1
        rows.append(dataclasses.replace(row, attempt=attempts[page]))
    return rows


def counts(found: Iterable[Fetch]) -> dict[str, int]:
    """Pages by the outcome of their last attempt."""
    tally = dict.fromkeys(("captured", "unchanged", "disallowed", "gone", "failed", "refused", "deadline"), 0)
    for row in latest(found).values():
        tally[row.outcome] += 1
    return tally


def of_answer(answer: Answer, candidate: Candidate | None = None) -> Fetch:
    """An answer of the crawler as a row, its attempt the first."""
    return Fetch(
        url=answer.ask.url,
        discovered_from=answer.ask.via,
        outcome=cast(Outcome, answer.outcome),
        reason=answer.reason,
        status=answer.status,
        final_url=answer.final_url,
        bytes=answer.bytes,
        attempt=1,
        fetched_at=answer.at,
        capture=None,
        candidate_title=candidate.title if candidate else None,
        candidate_published_at=candidate.published_at if candidate else None,
    )


def with_problems(found: list[Fetch], problems: Iterable[Fetch]) -> list[Fetch]:
    """The rows with those of origins that failed; one that fails as it did the last time is no news."""
    last = latest(found)
    news = []
    for row in problems:
        before = last.get(key(row.url))
        if before is None or (before.outcome, before.reason) != (row.outcome, row.reason):
            news.append(row)
    return ordered(extended(found, news))
