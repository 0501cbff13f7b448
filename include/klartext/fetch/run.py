"""One run of fetch for a batch: its log, its WARC files, its crawls.

Every request gets a row in the log, and every capture is stored in the lake, also where a crawl crashes.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from klartext import wayback
from klartext.batch import Batch
from klartext.crawler import CrawlPoliteness, CrawlRequest, CrawlResult, Limits, build_job, crawl, user_agent
from klartext.crawler.publisher_lease import lease_publisher
from klartext.fetch.capture_rows import row_of_record
from klartext.fetch_log import FetchLog, row_of_result
from klartext.model import Candidate, Capture, Fetch
from klartext.sources import Source
from klartext.warc import reader
from klartext.warc.exchange import WarcOutput
from klartext.warc.repair import repair_file

if TYPE_CHECKING:
    from klartext.lake import Lake

_ORIGIN_UNKNOWN = "urn:klartext:unknown-origin"
PIECE, PIECE_SECONDS = 32 << 20, 120.0
"""Bytes and seconds after which a WARC file goes into an object store while the fetch goes on: a host that is lost then
loses no more, and the next one goes on from there. On a disk the scratch folder outlives the process anyway."""


class FetchRun:
    """What the parts of fetch share.

    Args:
        limits: bounds of all crawls of the run together; ``limits.deadline`` counts from now.
        patience: seconds to wait for another run that makes requests to the same publisher or archive.
    """

    def __init__(
        self,
        lake: Lake,
        batch: Batch,
        source: Source,
        limits: Limits = Limits(),  # noqa: B008
        patience: float = 0.0,
    ) -> None:
        self.lake, self.batch, self.source = lake, batch, source
        self.log = FetchLog.open(lake, batch, source)
        self._limits, self._patience = limits, patience
        self._until = time.monotonic() + limits.deadline

    @property
    def limits(self) -> Limits:
        """The limits of a crawl that begins now."""
        return dataclasses.replace(self._limits, deadline=max(0.0, self._until - time.monotonic()))

    def lock(self, host: str) -> AbstractContextManager[CrawlPoliteness]:
        """The lock that lets one run at a time make requests to a publisher or an archive.

        Raises :class:`klartext.crawler.publisher_lease.PublisherBusy` if another run holds it for too long.
        """
        return lease_publisher(self.lake.storage, host, self.source.fetch.delay, self._patience)

    def recover(self) -> None:
        """Stores the files that a run which ended early has left, and logs the captures of raw files that no row names.

        Those are files of a run that was killed before it saved its log, and files that discover copied from an
        archive.
        """
        self._store_files(complete=False)
        named = self.log.raw_files
        self._log_captures(name for name in self.lake.raw_files(self.batch) if name not in named)

    def crawl(
        self,
        name: str,
        source: Source,
        requests: Sequence[CrawlRequest],
        candidates: Mapping[str, Candidate],
        politeness: CrawlPoliteness,
        captured: Iterable[str] = (),
    ) -> None:
        """Requests pages, adds a row for each to the log, and saves it.

        Args:
            name: of the WARC file to write, without its ending.
            source: whose hosts may be requested: the publisher's, or the archive's.
            candidates: the candidate of each request, by the address that is requested.
            politeness: what the lock yielded.
            captured: pages that the batch has captured, to which no redirect needs to be followed.

        In an object store the files are stored and the log is saved in pieces, while the crawl goes on.

        Raises :class:`klartext.crawler.CrawlerCrashed` after all captures have been stored and the log saved.
        """
        path = self.lake.scratch_folder(self.batch) / f"{name}.warc.gz"
        output = WarcOutput(path=str(path), info=warcinfo(self.source, self.batch))
        if self.lake.storage.disk is None:
            output = dataclasses.replace(output, rotate=PIECE, rotate_after=PIECE_SECONDS)
        job = build_job(
            source, requests, self.limits, output=output, captured=sorted(captured), tdm=self.source.fetch.tdm
        )
        results: list[CrawlResult] = []
        stored: dict[str, str] = {}
        current, crashed = path.name, True
        try:
            for result in crawl(job, politeness):
                results.append(result)
                if result.location and result.location.file > current:  # the files before it are complete
                    current = result.location.file
                    stored |= self._store_files(complete=True, before=current)
                    self.log.add(_rows([each for each in results if _is_stored(each, stored)], stored, candidates))
                    self.log.save()
                    results = [each for each in results if not _is_stored(each, stored)]
            crashed = False
        finally:
            last = self._store_files(complete=not crashed)
            stored |= last
            self.log.add(_rows(results, stored, candidates))
            if crashed:  # the last captures may have been written before their results were read
                self._log_captures(last.values())
            self.log.save()

    def _store_files(self, *, complete: bool, before: str | None = None) -> dict[str, str]:
        """Moves the WARC files that were written, or those whose name sorts before another, to the raw files; returns
        their new names by the old ones.

        Where the process that wrote them did not come to its end, a record that was being written is cut off first, and
        a file without a response is deleted.
        """
        stored = {}
        for path in sorted(self.lake.scratch_folder(self.batch).glob("*.warc.gz")):
            if before and path.name >= before:
                break
            if complete or repair_file(path):
                stored[path.name] = self.lake.add_raw_file(self.batch, path)
            else:
                path.unlink()
        return stored

    def _log_captures(self, names: Iterable[str]) -> None:
        """Adds the captures in raw files to the log, and the records of which no page can be made."""
        for name in names:
            with self.lake.open_raw(name) as file:
                rows = (row_of_record(item, _ORIGIN_UNKNOWN, self.batch.start) for item in reader.read(file, name))
                self.log.add_captures(page for page in rows if page.outcome == "captured" or page.status is None)


def _is_stored(result: CrawlResult, stored: Mapping[str, str]) -> bool:
    """True if nothing of a result is in a file that is still being written."""
    return result.location is None or result.location.file in stored


def request_for(
    candidate: Candidate, *, url: str | None = None, headers: Mapping[str, str] | None = None
) -> CrawlRequest:
    """The request for a candidate, at its own address or at ``url``."""
    published = candidate.published_at.isoformat() if candidate.published_at else None
    return CrawlRequest(
        url=url or candidate.url, via=candidate.discovered_from, published=published, headers=dict(headers or {})
    )


def warcinfo(source: Source, batch: Batch | None = None) -> dict[str, str]:
    """The fields of the warcinfo record of a WARC file."""
    info = {"software": user_agent(), "http-header-user-agent": user_agent(), "robots": "obey", "isPartOf": source.slug}
    return info | ({"description": f"batch {batch.name}"} if batch else {})


def _rows(
    results: Iterable[CrawlResult], stored: Mapping[str, str], candidates: Mapping[str, Candidate]
) -> Iterator[Fetch]:
    """The rows of results, each with its capture if that shows the page. The row of a page from an archive has
    the page's own address."""
    for result in results:
        candidate, place = candidates[result.request.url], result.location
        row = dataclasses.replace(row_of_result(result, candidate), url=candidate.url)
        if row.final_url:
            row.final_url = wayback.page_url(row.final_url) or row.final_url
        if place and row.outcome in ("captured", "unchanged"):
            row.capture = Capture(file=stored[place.file], offset=place.offset, digest=place.digest)
        elif row.outcome == "gone" and candidate.url != result.request.url:
            row.reason = "not-archived"
        yield row
