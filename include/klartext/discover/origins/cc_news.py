"""The origin CC-NEWS: captures of the source's pages in the WARC files of Common Crawl's news crawl."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from klartext import fetch_log, tdm
from klartext.crawler import Limits
from klartext.crawler.publisher_lease import lease_publisher
from klartext.discover import archive_download, cc_news_files
from klartext.discover.interval import Interval
from klartext.discover.origins.base import Origin, OriginResult
from klartext.fetch_log import origin_name
from klartext.model import Candidate, Fetch, Outcome, Skipped
from klartext.sources import Source
from klartext.warc.member_selection import DamagedMember, Member, select_members

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.lake import Lake
    from klartext.lake.takedown_filter import TakedownFilter

SETTLED = dt.timedelta(days=2)
"""How long after a day its list of files may still grow. Younger intervals are left to feeds."""
LIMITS = Limits()
"""After the deadline no further file is read; the next run of the batch continues there."""
_FINISHED = "cc-news.json"
_STOPPED = ("deadline", "retry-after")


class CcNews(Origin):
    """Covers intervals from August 2016 on that ended two days ago, where ``KLARTEXT_CC_NEWS`` is set and the source
    has ``cc_news: true``.

    A capture belongs to the interval in which it was made. The records are copied as they are into the batch's raw
    files, so that fetch finds these pages captured. A later run of a batch leaves out the files that were read to their
    end. The archive's lock lets one run at a time read.

    Args:
        patience: seconds to wait for another run that reads from the archive.
    """

    name = "cc-news"
    setting = "KLARTEXT_CC_NEWS=https://data.commoncrawl.org"

    def __init__(self, limits: Limits = LIMITS, patience: float = 60.0) -> None:
        self._limits, self._patience = limits, patience

    def covers(self, source: Source, interval: Interval) -> bool:
        """True for an interval of the archive, if the source uses it."""
        return _reaches(source, interval) and cc_news_files.base_url() is not None

    def lacks_setting(self, source: Source, interval: Interval) -> bool:
        """True if only the archive's address is missing."""
        return _reaches(source, interval) and cc_news_files.base_url() is None

    def gather(self, lake: Lake, batch: Batch, source: Source, interval: Interval) -> OriginResult:
        """Copies the captures of the interval into the batch's raw files; returns a candidate for each.

        Raises :class:`klartext.crawler.publisher_lease.PublisherBusy` if another run reads from the archive.
        """
        base = cc_news_files.base_url()
        assert base is not None
        delay, finished = source.fetch.delay, _FinishedFiles(lake.scratch_folder(batch) / _FINISHED)
        with (
            lease_publisher(lake.storage, urlsplit(base).netloc, delay, self._patience) as politeness,
            archive_download.open_downloads(self._limits, delay, politeness) as downloads,
            _RawFileWriter(lake, batch) as raw_file,
        ):
            run = _Run(source, interval, downloads, raw_file, lake.takedown_filter())
            for url in run.files(base):
                if url not in finished and run.read(url):
                    finished.add(url)
        return OriginResult(run.candidates, run.problems, run.requests, run.skipped)


def _reaches(source: Source, interval: Interval) -> bool:
    """True for an interval of the archive, if the source uses it."""
    return source.discover.cc_news and cc_news_files.EARLIEST < interval.end <= interval.now - SETTLED


class _Run:
    """Reads the lists and files, and collects candidates and problems."""

    def __init__(
        self,
        source: Source,
        interval: Interval,
        downloads: archive_download.ArchiveDownloads,
        raw_file: _RawFileWriter,
        taken_down: TakedownFilter,
    ) -> None:
        self._source, self._interval, self._downloads, self._raw_file = source, interval, downloads, raw_file
        self._taken_down = taken_down
        self._wanted = cc_news_files.record_filter(source, interval)
        self.candidates: list[Candidate] = []
        self.problems: list[Fetch] = []
        self.skipped: list[Skipped] = []
        self.requests = 0

    def files(self, base: str) -> Iterator[str]:
        """Addresses of the files that may hold captures of the interval."""
        for address in cc_news_files.list_urls(base, self._interval):
            self.requests += 1
            try:
                paths, others = cc_news_files.parse_list(self._downloads.read(address, cc_news_files.LIST_LIMIT))
            except archive_download.DownloadFailed as error:
                self._problem(address, error.reason, error.status)
            except ValueError:
                self._problem(address, "not-a-list")
            else:
                if others:
                    self.skipped.append(Skipped(origin=address, reason="index-line-broken", count=others))
                yield from (f"{base}/{path}" for path in paths if cc_news_files.may_contain(path, self._interval))

    def read(self, url: str) -> bool:
        """Copies the captures of the source from a file; True if it was read to its end.

        That a file is damaged is a problem, but no reason to read it another time.
        """
        self.requests += 1
        broken: list[str] = []
        try:
            for found in select_members(self._downloads.stream(url), self._wanted):
                if isinstance(found, DamagedMember):
                    broken.append(found.reason)
                else:
                    self._take(found, url)
        except archive_download.DownloadFailed as error:
            self._problem(url, error.reason, error.status)
            return False
        finally:
            if broken:
                self._problem(url, f"warc-{broken[0]}")
        return True

    def _take(self, found: Member, url: str) -> None:
        page = cc_news_files.header_value(found.head, b"WARC-Target-URI").strip("<>")
        candidate = Candidate(url=page, discovered_from=url, title=None, published_at=None, modified_at=None)
        reservation = cc_news_files.reservation(found.data)
        if reservation and reservation.reserved and self._source.fetch.tdm == "obey":
            self.problems.append(fetch_log.row_not_fetched(candidate, "disallowed", "tdm-reservation"))
            return
        self.candidates.append(candidate)
        if not self._taken_down.matches_url(page):  # fetch logs what was taken down as refused
            self._raw_file.add(found, url, reservation)

    def _problem(self, url: str, reason: str, status: int | None = None) -> None:
        outcome: Outcome = "gone" if status in (404, 410) else "deadline" if reason in _STOPPED else "failed"
        archive = Candidate(
            url=url, discovered_from=origin_name(self._source.slug), title=None, published_at=None, modified_at=None
        )
        self.problems.append(dataclasses.replace(fetch_log.row_not_fetched(archive, outcome, reason), status=status))


class _FinishedFiles:
    """The files that the batch has read to their end, in a scratch file. If that is lost, they are read once more."""

    def __init__(self, path: Path) -> None:
        self._path, self._urls = path, set[str]()
        with contextlib.suppress(FileNotFoundError, ValueError):  # half written before a crash: as if it were missing
            self._urls = set(json.loads(path.read_text("utf-8")))

    def __contains__(self, url: str) -> bool:
        return url in self._urls

    def add(self, url: str) -> None:
        self._urls.add(url)
        self._path.write_text(json.dumps(sorted(self._urls)), "utf-8")


class _RawFileWriter:
    """Writes a raw file of copied captures, each once in the batch. The file is created for the first capture."""

    def __init__(self, lake: Lake, batch: Batch) -> None:
        from klartext.warc.repair import repair_file

        self._lake, self._batch = lake, batch
        self._path = lake.scratch_folder(batch) / "cc-news.warc.gz"
        if self._path.exists():  # left by a process that was killed
            if repair_file(self._path):
                lake.add_raw_file(batch, self._path)
            else:
                self._path.unlink()
        self._record_ids = set(self._stored_ids())
        self._file: Any = None

    def __enter__(self) -> _RawFileWriter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._lake.add_raw_file(self._batch, self._path)

    def add(self, found: Member, address: str, reservation: tdm.Reservation | None) -> None:
        """Writes a record of the file at an address, unless the batch has it."""
        record = cc_news_files.header_value(found.head, b"WARC-Record-ID")
        if record in self._record_ids:
            return
        self._record_ids.add(record)
        self._file = self._file or self._path.open("wb")
        self._file.write(cc_news_files.metadata_record(found.head, address, reservation) + found.data)
        self._file.flush()

    def _stored_ids(self) -> Iterator[str]:
        for name in self._lake.raw_files(self._batch):
            with self._lake.open_raw(name) as file:
                found = select_members(iter(lambda: file.read(1 << 16), b""), _is_response)
                yield from (
                    cc_news_files.header_value(m.head, b"WARC-Record-ID") for m in found if isinstance(m, Member)
                )


def _is_response(head: bytes) -> bool:
    return cc_news_files.header_value(head, b"WARC-Type") == "response"
