"""One crawl of a batch: everything asked gets its row, everything captured its place, also where the crawl dies."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from klartext import fetch_log, wayback
from klartext.batch import Batch
from klartext.crawler import Answer, Job, Limits, Manners, Record, crawl, user_agent
from klartext.fetch.raw_store import captured, keep, with_captures
from klartext.model import Candidate, Capture, Fetch
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.lake import Lake


class Clock:
    """The deadline of a batch, which all of its crawls share."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._until = limits, time.monotonic() + limits.deadline

    @property
    def limits(self) -> Limits:
        """The limits of a crawl that begins now."""
        return dataclasses.replace(self._limits, deadline=max(0.0, self._until - time.monotonic()))


def record(lake: Lake, batch: Batch, source: Source, name: str) -> Record:
    """Where a crawl of the batch writes to."""
    return Record(path=str(lake.scratch(batch) / f"{name}.warc.gz"), info=warcinfo(source, batch))


def warcinfo(source: Source, batch: Batch | None = None) -> dict[str, str]:
    info = {"software": user_agent(), "http-header-user-agent": user_agent(), "robots": "obey", "isPartOf": source.slug}
    return info | ({"description": f"batch {batch.name}"} if batch else {})


def ask(
    lake: Lake, batch: Batch, job: Job, rows: list[Fetch], of_ask: Mapping[str, Candidate], manners: Manners
) -> list[Fetch]:
    """The rows with those of the job's answers, staged; ``of_ask`` has the candidates by the address that is asked.

    Raises :class:`klartext.crawler.CrawlerCrashed` after all that was captured has been kept and staged.
    """
    answers: list[Answer] = []
    crashed = True
    try:
        for answer in crawl(job, manners):
            answers.append(answer)
        crashed = False
    finally:
        names = keep(lake, batch, whole=not crashed)
        rows = fetch_log.extended(rows, _told(answers, names, of_ask))
        if crashed:  # what was written and not yet told
            wanted = {fetch_log.key(candidate.url): candidate for candidate in of_ask.values()}
            rows = with_captures(rows, captured(lake, batch, names.values()), wanted)
        lake.stage(batch, "fetches", fetch_log.ordered(rows))
    return rows


def _told(answers: Iterable[Answer], names: Mapping[str, str], of_ask: Mapping[str, Candidate]) -> Iterator[Fetch]:
    """The rows of what the crawler answered, each with the record of its exchange where that shows the page. A page
    that an archive gave is told of at its own address."""
    for answer in answers:
        candidate, place = of_ask[answer.ask.url], answer.place
        row = dataclasses.replace(fetch_log.of_answer(answer, candidate), url=candidate.url)
        if row.final_url:
            row.final_url = wayback.original(row.final_url) or row.final_url
        if place and row.outcome in ("captured", "unchanged"):
            row.capture = Capture(file=names[place.file], offset=place.offset, digest=place.digest)
        elif row.outcome == "gone" and candidate.url != answer.ask.url:
            row.reason = "not-archived"
        yield row
