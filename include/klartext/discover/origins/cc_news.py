"""Common Crawl's news crawl: pages that somebody else has captured already."""

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
from klartext.crawler.job import Limits
from klartext.crawler.publisher_lock import turn
from klartext.discover import archive_download, cc_news_files
from klartext.discover.interval import Interval
from klartext.discover.origins.base import Origin, Said
from klartext.fetch_log import origin_name
from klartext.model import Candidate, Fetch, Outcome
from klartext.sources import Source
from klartext.warc.member_selection import Broken, Member, select_members

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.lake import Lake
    from klartext.lake.takedown_filter import TakedownFilter

SETTLED = dt.timedelta(days=2)
"""A list of files is complete only so long after its days; what is younger is left to feeds."""
LIMITS = Limits()
"""After its deadline no further file is read; the next run of the batch goes on there."""
_DONE = "cc-news.json"
_LATER = ("deadline", "retry-after")


class CcNews(Origin):
    """Speaks for intervals from August 2016 on that are over for two days, where ``KLARTEXT_CC_NEWS`` is set and the
    source says ``cc_news: true``.

    A capture belongs to the interval in which it was made. The records are copied as they are into the batch's raw
    files, so that fetching finds these pages captured already. A run that ends early goes on with the next file. One
    run at a time reads; :class:`klartext.crawler.publisher_lock.PublisherBusy` if another does so for longer than
    ``patience``.
    """

    name = "cc-news"

    def __init__(self, limits: Limits = LIMITS, patience: float = 60.0) -> None:
        self._limits, self._patience = limits, patience

    def speaks(self, source: Source, interval: Interval) -> bool:
        over = cc_news_files.FIRST < interval.end <= interval.now - SETTLED
        return source.discover.cc_news and over and cc_news_files.base() is not None

    def gather(self, lake: Lake, batch: Batch, source: Source, interval: Interval) -> Said:
        at = cc_news_files.base()
        assert at is not None
        delay, done = source.fetch.delay, _Done(lake.scratch_folder(batch) / _DONE)
        with (
            turn(lake.publisher_locks(), urlsplit(at).netloc, delay, self._patience) as manners,
            archive_download.reading(self._limits, delay, manners) as archive,
            _Copy(lake, batch) as copy,
        ):
            run = _Run(source, interval, archive, copy, lake.takedown_filter())
            for url in run.files(at):
                if url not in done and run.read(url):
                    done.add(url)
        return Said(run.candidates, run.problems, run.asked)


class _Run:
    """What is found on the way through an archive's lists and files."""

    def __init__(
        self,
        source: Source,
        interval: Interval,
        archive: archive_download.Reading,
        copy: _Copy,
        taken_down: TakedownFilter,
    ) -> None:
        self._source, self._interval, self._archive, self._copy = source, interval, archive, copy
        self._taken_down = taken_down
        self._wanted = cc_news_files.chooser(source, interval)
        self.candidates: list[Candidate] = []
        self.problems: list[Fetch] = []
        self.asked = 0

    def files(self, at: str) -> Iterator[str]:
        """Addresses of the files that may hold captures of the interval."""
        for address in cc_news_files.lists(at, self._interval):
            self.asked += 1
            try:
                paths = cc_news_files.paths(self._archive.whole(address, cc_news_files.LIST))
            except archive_download.Unreachable as error:
                self._problem(address, error.reason, error.status)
            except ValueError:
                self._problem(address, "not-a-list")
            else:
                yield from (f"{at}/{path}" for path in paths if cc_news_files.may_hold(path, self._interval))

    def read(self, url: str) -> bool:
        """Copies our captures of a file; gives whether it came to its end. One that is broken will not be whole the
        next time."""
        self.asked += 1
        broken: list[str] = []
        try:
            for found in select_members(self._archive.chunks(url), self._wanted):
                if isinstance(found, Broken):
                    broken.append(found.reason)
                else:
                    self._take(found, url)
        except archive_download.Unreachable as error:
            self._problem(url, error.reason, error.status)
            return False
        finally:
            if broken:
                self._problem(url, f"warc-{broken[0]}")
        return True

    def _take(self, found: Member, url: str) -> None:
        page = cc_news_files.header(found.head, b"WARC-Target-URI").strip("<>")
        candidate = Candidate(url=page, discovered_from=url, title=None, published_at=None, modified_at=None)
        told = cc_news_files.reservation(found.data)
        if told and told.reserved and self._source.fetch.tdm == "obey":
            self.problems.append(fetch_log.row_without_answer(candidate, "disallowed", "tdm-reservation"))
            return
        self.candidates.append(candidate)
        if not self._taken_down.matches_url(page):  # what was taken down is refused when it comes to fetching
            self._copy.add(found, url, told)

    def _problem(self, url: str, reason: str, status: int | None = None) -> None:
        outcome: Outcome = "gone" if status in (404, 410) else "deadline" if reason in _LATER else "failed"
        asked = Candidate(
            url=url, discovered_from=origin_name(self._source.slug), title=None, published_at=None, modified_at=None
        )
        self.problems.append(dataclasses.replace(fetch_log.row_without_answer(asked, outcome, reason), status=status))


class _Done:
    """Files that the batch has read. Lost with its scratch files, which costs time and nothing else."""

    def __init__(self, path: Path) -> None:
        self._path, self._urls = path, set[str]()
        with contextlib.suppress(FileNotFoundError, ValueError):  # torn by a crash: as if it were not there
            self._urls = set(json.loads(path.read_text("utf-8")))

    def __contains__(self, url: str) -> bool:
        return url in self._urls

    def add(self, url: str) -> None:
        self._urls.add(url)
        self._path.write_text(json.dumps(sorted(self._urls)), "utf-8")


class _Copy:
    """A raw file of captures from elsewhere, each once in the batch; it comes into being with the first."""

    def __init__(self, lake: Lake, batch: Batch) -> None:
        from klartext.warc.repair import mend

        self._lake, self._batch = lake, batch
        self._path = lake.scratch_folder(batch) / "cc-news.warc.gz"
        if self._path.exists():  # left by a process that is gone
            if mend(self._path):
                lake.add_raw_file(batch, self._path)
            else:
                self._path.unlink()
        self._known = set(self._ids())
        self._file: Any = None

    def __enter__(self) -> _Copy:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._lake.add_raw_file(self._batch, self._path)

    def add(self, found: Member, address: str, told: tdm.Reservation | None) -> None:
        record = cc_news_files.header(found.head, b"WARC-Record-ID")
        if record in self._known:
            return
        self._known.add(record)
        self._file = self._file or self._path.open("wb")
        self._file.write(cc_news_files.companion(found.head, address, told) + found.data)
        self._file.flush()

    def _ids(self) -> Iterator[str]:
        for name in self._lake.raw_files(self._batch):
            with self._lake.open_raw(name) as file:
                found = select_members(iter(lambda: file.read(1 << 16), b""), _is_response)
                yield from (cc_news_files.header(m.head, b"WARC-Record-ID") for m in found if isinstance(m, Member))


def _is_response(head: bytes) -> bool:
    return cc_news_files.header(head, b"WARC-Type") == "response"
