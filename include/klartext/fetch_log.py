"""The fetch log of a batch: one row of the table ``fetches`` for each attempt at each page, over all runs of the batch.

A rerun keeps the rows that the batch had and adds one for each page that it requested once more. Without a new attempt
the rows stay as they are.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, cast

import pyarrow as pa

from klartext import urls, wayback
from klartext.model import Candidate, Capture, Fetch, Outcome

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.crawler import CrawlResult
    from klartext.lake import Lake
    from klartext.sources import Source

ORIGIN_PREFIX = "source:"
"""How ``discovered_from`` begins in the row of a feed, sitemap or archive, which is no page."""

_TRANSIENT = {
    "http-429", "http-500", "http-502", "http-503", "http-504", "timeout", "connection", "dns", "cut-short",
    "robots-unreachable", "unexpected", "crawler-stalled",
}  # fmt: skip
"""Reasons of failures that the next run of the batch retries. All other failures are final."""


PLACEHOLDER_ATTEMPTS = 5
"""Attempts at a page after which a batch leaves it, if another page is always served in its place."""


class FetchLog:
    """The rows of a batch, in memory. Opened for a batch, added to by discover and fetch, saved by :meth:`save`.

    Args:
        rows: rows of earlier attempts, in any order.
        candidates: what discover has staged; kept as :attr:`staged`, by ``page_key``.
        page_key: what all addresses of a page have in common; that of the source where there is one, since it leaves
            out the parameters that select no page at this publisher.
    """

    def __init__(
        self,
        rows: Iterable[Fetch] = (),
        candidates: Iterable[Candidate] = (),
        page_key: Callable[[str], str] = urls.page_key,
    ) -> None:
        self.page_key = page_key
        self._rows: list[Fetch] = sorted(rows, key=_by_address)
        self.staged = {page_key(candidate.url): candidate for candidate in candidates}
        self._attempts: dict[str, int] = {}
        self._records = {(row.capture.file, row.capture.offset) for row in self._rows if row.capture}
        self._place: tuple[Lake, Batch] | None = None
        for row in self._rows:
            self._count(row)

    @classmethod
    def open(cls, lake: Lake, batch: Batch, source: Source) -> FetchLog:
        """The log of a batch of a source: what it has published, and what it has staged since."""
        known: dict[tuple[str, int], Fetch] = {}
        for table in (lake.published(batch, "fetches"), lake.staged(batch, "fetches")):
            for row in table.to_pylist() if table is not None else []:
                if row["capture"]:
                    row["capture"] = Capture(**row["capture"])
                known[row["url"], row["attempt"]] = Fetch(**row)
        log = cls(known.values(), staged_candidates(lake, batch), source.page_key)
        log._place = lake, batch
        return log

    @classmethod
    def new(cls, lake: Lake, batch: Batch, source: Source) -> FetchLog:
        """An empty log of a batch of a source, which replaces what the batch has staged."""
        log = cls(page_key=source.page_key)
        log._place = lake, batch
        return log

    @property
    def rows(self) -> list[Fetch]:
        """All rows, ordered by address and attempt."""
        return sorted(self._rows, key=_by_address)

    @property
    def raw_files(self) -> set[str]:
        """Names of the WARC files that a row refers to."""
        return {file for file, _ in self._records}

    @property
    def captured(self) -> set[str]:
        """The pages that were captured, by :attr:`page_key` of their address and of the one that it redirects to."""
        rows = (row for row in self._rows if row.outcome == "captured")
        return {self.page_key(url) for row in rows for url in (row.url, row.final_url or row.url)}

    @functools.cached_property
    def candidates(self) -> dict[str, Candidate]:
        """What the batch is to fetch, by page: what discover found, and what an earlier run could not settle and no
        origin names any more. Feeds and sitemaps that failed are not among them: discover requests these itself."""
        wanted = dict(self.staged)
        for key, row in self.latest().items():
            if not is_settled(row) and not is_origin(row):
                wanted.setdefault(key, candidate_of(row))
        return wanted

    def latest(self) -> dict[str, Fetch]:
        """The last row of each page, by :attr:`page_key`, and of each feed, sitemap or archive, by its address."""
        last: dict[str, Fetch] = {}
        for row in sorted(self._rows, key=lambda row: row.attempt):
            last[self._key(row)] = row
        return last

    def counts(self) -> dict[str, int]:
        """Number of pages by the outcome of their last attempt; origins that failed are included."""
        tally = dict.fromkeys(typing.get_args(Outcome), 0)
        for row in self.latest().values():
            tally[row.outcome] += 1
        return tally

    def add(self, rows: Iterable[Fetch]) -> None:
        """Adds rows, each as the next attempt at its page."""
        for row in rows:
            number = self._attempts.get(self._key(row), 0) + 1
            row = dataclasses.replace(row, attempt=number)
            self._rows.append(row)
            self._count(row)

    def add_captures(self, captures: Iterable[Fetch]) -> None:
        """Adds rows of captures whose record no row refers to yet, with the title and time of their candidate."""
        for row in captures:
            if row.capture and (row.capture.file, row.capture.offset) not in self._records:
                candidate = self.candidates.get(self.page_key(row.url))
                self.add([with_candidate(row, candidate) if candidate else row])

    def add_origin_failures(self, failures: Iterable[Fetch]) -> None:
        """Adds rows of feeds, sitemaps and archives that failed, but for those that failed the same way before."""
        last = self.latest()
        for row in failures:
            before = last.get(self._key(row))
            if before is None or (before.outcome, before.reason) != (row.outcome, row.reason):
                self.add([row])

    def save(self) -> None:
        """Stages the rows. Raises ValueError for a log that was not opened for a batch."""
        if self._place is None:
            raise ValueError("only the log of a batch can be saved: open it with FetchLog.open")
        lake, batch = self._place
        lake.stage(batch, "fetches", self.rows)

    def _key(self, row: Fetch) -> str:
        """The key of a row's page. Of a feed or sitemap it is the whole address: its parameters select what it lists,
        as in ``sitemap.xml?page=2``."""
        return row.url if is_origin(row) else self.page_key(row.url)

    def _count(self, row: Fetch) -> None:
        key = self._key(row)
        self._attempts[key] = max(row.attempt, self._attempts.get(key, 0))
        if row.capture:
            self._records.add((row.capture.file, row.capture.offset))


def _by_address(row: Fetch) -> tuple[str, int]:
    return row.url, row.attempt


def staged_candidates(lake: Lake, batch: Batch) -> list[Candidate]:
    """The candidates that discover has staged for a batch."""
    table = lake.staged(batch, "candidates")
    return [Candidate(**row) for row in table.to_pylist()] if table is not None else []


def origin_name(slug: str) -> str:
    """What ``discovered_from`` is in the row of a feed, sitemap or archive that the file of a source names."""
    return f"{ORIGIN_PREFIX}{slug}"


def is_settled(row: Fetch) -> bool:
    """True if another attempt in this batch would have the same outcome, or there were enough.

    A capture in an archive does not change: a placeholder there is settled at once.
    """
    if row.outcome == "placeholder":
        return row.attempt >= PLACEHOLDER_ATTEMPTS or wayback.is_capture_url(row.discovered_from)
    return row.outcome != "deadline" and not (row.outcome == "failed" and row.reason in _TRANSIENT)


def mark_placeholders(rows: pa.Table, reasons: Mapping[tuple[str, int], str]) -> pa.Table:
    """Rows of ``fetches`` in which the captures that are placeholders, and no others, have this outcome.

    Args:
        rows: the rows; those without a capture of their own stay as they are.
        reasons: why each capture is a placeholder, by file and offset.
    """
    marked = rows.to_pylist()
    for row in marked:
        if row["capture"] and row["outcome"] in ("captured", "placeholder"):
            reason = reasons.get((row["capture"]["file"], row["capture"]["offset"]))
            row["outcome"], row["reason"] = ("placeholder", reason) if reason else ("captured", None)
    return pa.Table.from_pylist(marked, rows.schema)


def is_origin(row: Fetch) -> bool:
    """True for the row of a feed, sitemap or archive that failed, which is no page."""
    return row.discovered_from.startswith(ORIGIN_PREFIX)


def with_candidate(row: Fetch, candidate: Candidate) -> Fetch:
    """The row with the title and the time of publication that its candidate was found with."""
    return dataclasses.replace(row, candidate_title=candidate.title, candidate_published_at=candidate.published_at)


def candidate_of(row: Fetch, discovered_from: str | None = None) -> Candidate:
    """The candidate of a row; ``discovered_from`` replaces where it was found."""
    return Candidate(
        url=row.url,
        discovered_from=discovered_from or row.discovered_from,
        title=row.candidate_title,
        published_at=row.candidate_published_at,
        modified_at=None,
    )


def row_not_fetched(candidate: Candidate, outcome: Outcome, reason: str, at: dt.datetime | None = None) -> Fetch:
    """The row of a candidate that was not requested, or of which no response came.

    Args:
        at: when that was decided, UTC; now if it is left out.
    """
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


def row_of_result(result: CrawlResult, candidate: Candidate | None = None) -> Fetch:
    """The row of a result of the crawler, without its capture."""
    return Fetch(
        url=result.request.url,
        discovered_from=result.request.via,
        outcome=cast(Outcome, result.outcome),
        reason=result.reason,
        status=result.status,
        final_url=result.final_url,
        bytes=result.bytes,
        attempt=1,
        fetched_at=result.at,
        capture=None,
        candidate_title=candidate.title if candidate else None,
        candidate_published_at=candidate.published_at if candidate else None,
    )
