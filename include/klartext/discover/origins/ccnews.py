"""Common Crawl's news crawl: pages that somebody else has captured already."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from klartext.crawler.job import Limits
from klartext.crawler.turn import turn
from klartext.discover import ccnews, remote
from klartext.discover.interval import Interval
from klartext.discover.members import Broken, Member, members
from klartext.discover.origin import Origin, Said, via
from klartext.model import Candidate, Fetch
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.batch import Batch
    from klartext.lake import Lake

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
    run at a time reads; :class:`klartext.crawler.turn.PublisherBusy` if another does so for longer than ``patience``.
    """

    name = "cc-news"

    def __init__(self, limits: Limits = LIMITS, patience: float = 60.0) -> None:
        self._limits, self._patience = limits, patience

    def speaks(self, source: Source, interval: Interval) -> bool:
        over = ccnews.FIRST < interval.end <= interval.now - SETTLED
        return source.discover.cc_news and over and ccnews.base() is not None

    def gather(self, lake: Lake, batch: Batch, source: Source, interval: Interval) -> Said:
        at = ccnews.base()
        assert at is not None
        delay = source.fetch.delay
        candidates: list[Candidate] = []
        problems: list[Fetch] = []
        done = _Done(lake.scratch(batch) / _DONE)
        asked = 0
        with (
            turn(lake.turns(), urlsplit(at).netloc, delay, self._patience) as manners,
            remote.reading(self._limits, delay, manners) as archive,
            _Copy(lake, batch) as copy,
        ):
            for address in ccnews.lists(at, interval):
                asked += 1
                try:
                    files = ccnews.paths(archive.whole(address, ccnews.LIST))
                except remote.Unreachable as error:
                    problems.append(_problem(source, address, error.reason, error.status))
                    continue
                except ValueError:
                    problems.append(_problem(source, address, "not-a-list"))
                    continue
                for url in (f"{at}/{path}" for path in files if ccnews.may_hold(path, interval)):
                    if url in done:
                        continue
                    asked += 1
                    broken: list[str] = []
                    try:
                        for found in members(archive.chunks(url), ccnews.chooser(source, interval)):
                            if isinstance(found, Broken):
                                broken.append(found.reason)
                            else:
                                copy.add(found, url)
                                candidates.append(_candidate(found, url))
                        done.add(url)  # one that is broken will not be whole the next time
                    except remote.Unreachable as error:
                        problems.append(_problem(source, url, error.reason, error.status))
                    problems += [_problem(source, url, f"warc-{reason}") for reason in broken[:1]]
        return Said(candidates, problems, asked)


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
        from klartext.fetch.salvage import mend

        self._lake, self._batch = lake, batch
        self._path = lake.scratch(batch) / "cc-news.warc.gz"
        if self._path.exists():  # left by a process that is gone
            if mend(self._path):
                lake.keep_raw(batch, self._path)
            else:
                self._path.unlink()
        self._known = set(self._ids())
        self._file: Any = None

    def __enter__(self) -> _Copy:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._lake.keep_raw(self._batch, self._path)

    def add(self, found: Member, address: str) -> None:
        record = ccnews.header(found.head, b"WARC-Record-ID")
        if record in self._known:
            return
        self._known.add(record)
        self._file = self._file or self._path.open("wb")
        self._file.write(ccnews.companion(found.head, address) + found.data)
        self._file.flush()

    def _ids(self) -> Iterator[str]:
        for name in self._lake.raw_files(self._batch):
            with self._lake.open_raw(name) as file:
                found = members(iter(lambda: file.read(1 << 16), b""), _is_response)
                yield from (ccnews.header(m.head, b"WARC-Record-ID") for m in found if isinstance(m, Member))


def _is_response(head: bytes) -> bool:
    return ccnews.header(head, b"WARC-Type") == "response"


def _candidate(found: Member, address: str) -> Candidate:
    url = ccnews.header(found.head, b"WARC-Target-URI").strip("<>")
    return Candidate(url=url, discovered_from=address, title=None, published_at=None, modified_at=None)


def _problem(source: Source, url: str, reason: str, status: int | None = None) -> Fetch:
    return Fetch(
        url=url,
        discovered_from=via(source),
        outcome="gone" if status in (404, 410) else "deadline" if reason in _LATER else "failed",
        reason=reason,
        status=status,
        final_url=None,
        bytes=None,
        attempt=1,
        fetched_at=dt.datetime.now(dt.UTC),
        capture=None,
        candidate_title=None,
        candidate_published_at=None,
    )
