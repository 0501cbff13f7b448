"""Pages from the Wayback Machine: those that its index named, and those that the publisher has no more.

It is asked as a publisher is: in turn, by its robots.txt, with the source's delay and the batch's deadline.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from klartext import fetch_log, wayback
from klartext.batch import Batch
from klartext.crawler import Ask, Manners
from klartext.crawler.publisher_lock import turn
from klartext.crawler.source_job import order
from klartext.discover.interval import Interval
from klartext.discover.origins.base import via
from klartext.discover.origins.wayback import Wayback
from klartext.discover.step import asked
from klartext.fetch.crawl_batch import Clock, ask, record
from klartext.fetch.plan import Plan
from klartext.model import Candidate, Fetch
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.lake import Lake

_GONE = ("http-404", "http-410")


def from_archive(
    lake: Lake,
    batch: Batch,
    source: Source,
    todo: Plan,
    rows: list[Fetch],
    now: dt.datetime,
    clock: Clock,
    patience: float,
) -> list[Fetch]:
    """The rows with those of the captures that the index named, and of pages that are gone: of each of these the
    capture nearest after the batch's interval, else the last one in it. What nobody captured is ``gone``,
    ``not-archived``, and not looked for again; nor is what another batch has.

    Raises :class:`klartext.crawler.publisher_lock.PublisherBusy` and :class:`klartext.crawler.CrawlerCrashed`.
    """
    interval = Interval(batch.start, batch.end, now, source.zone)
    gone = _gone(source, rows, todo.pages.keys()) if Wayback().speaks(source, interval) else {}
    wanted, at = list(todo.archived), wayback.base()
    if at is None or not (wanted or gone):
        return rows
    with turn(lake.turns(), urlsplit(at).netloc, source.fetch.delay, patience) as manners:
        if gone:
            rows, found = _looked_up(at, source, interval, rows, gone, clock, manners)
            lake.stage(batch, "fetches", fetch_log.ordered(rows))
            wanted += found
        if not wanted:
            return rows
        of_ask = {candidate.discovered_from: candidate for candidate in wanted}
        asks = [Ask(url=address, via=address, published=fetch_log.published(c)) for address, c in of_ask.items()]
        there = source.model_copy(update={"hosts": [urlsplit(at).netloc]})  # no redirect leads to the publisher itself
        to = record(lake, batch, source, "wayback")
        job = order(there, asks, clock.limits, record=to, tdm=source.fetch.tdm)
        return ask(lake, batch, job, rows, of_ask, manners)


def _gone(source: Source, rows: Iterable[Fetch], known: Collection[str]) -> dict[str, Fetch]:
    """Rows of pages that the publisher has no more, by :func:`klartext.fetch_log.key`."""
    latest = fetch_log.latest(row for row in rows if row.discovered_from != via(source))
    return {
        key: row for key, row in latest.items() if row.outcome == "gone" and row.reason in _GONE and key not in known
    }


def _looked_up(
    at: str,
    source: Source,
    interval: Interval,
    rows: list[Fetch],
    gone: dict[str, Fetch],
    clock: Clock,
    manners: Manners,
) -> tuple[list[Fetch], list[Candidate]]:
    """What the index says of pages that are gone: the rows with what it does not know, and what is to be fetched."""
    asks = []
    for row in gone.values():
        query = wayback.index(at, row.url, interval.start, None)
        asks.append(Ask(url=query, via=via(source), about={"kind": "cdx", "query": query, "page": row.url}))
    todo: list[Candidate] = []
    news: list[Fetch] = []
    problems: list[Fetch] = []
    for answer in asked(source, interval, asks, clock.limits, manners):
        key = fetch_log.key(answer.ask.about["page"])
        if answer.outcome != "captured":
            problems.append(dataclasses.replace(fetch_log.of_answer(answer), discovered_from=via(source)))
        elif captures := [found["capture"] for found in answer.found if fetch_log.key(found["url"]) == key]:
            todo.append(fetch_log.candidate(gone[key], captures[0]))
        else:
            news.append(dataclasses.replace(gone[key], reason="not-archived", fetched_at=answer.at, final_url=None))
    return fetch_log.with_problems(fetch_log.extended(rows, news), problems), todo
