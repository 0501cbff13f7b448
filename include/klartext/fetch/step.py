"""The step: asks for the pages that the batch has not captured yet, and logs an outcome for every candidate."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from klartext.batch import Batch
from klartext.crawler import Limits
from klartext.crawler.source_job import memento
from klartext.fetch import revisit
from klartext.fetch.crawl_batch import BatchCrawl, request_for
from klartext.fetch.from_wayback import fetch_from_wayback
from klartext.fetch.plan import Plan, plan_requests
from klartext.fetch.raw_store import recover
from klartext.fetch.replay import replay_batch
from klartext.fetch_log import FetchLog, page_key
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.lake import Lake


class CandidatesLost(RuntimeError):
    """A candidate has no outcome: an error of the program."""


def fetch_batch(
    lake: Lake,
    batch: Batch,
    source: Source,
    *,
    limits: Limits = Limits(),  # noqa: B008
    now: dt.datetime | None = None,
    patience: float = 60.0,
    replay: bool = False,
) -> dict[str, Any]:
    """Fetches the batch's candidates into its raw files and stages ``fetches``: from the publisher, and from the
    Wayback Machine what only that has named or the publisher does not have any more.

    Args:
        now: the time at which the batch runs, UTC; decides which revisits are due.
        patience: seconds to wait for another run that asks the same publisher or archive.
        replay: make no request; log what the batch captured before.

    Returns:
        The number of ``candidates``, of pages that were ``asked`` for, of pages ``left`` for which no time remained,
        and the number of pages by outcome, with the origins that discover could not read.

    Raises:
        klartext.crawler.CrawlerCrashed: after all captures have been stored; the next run goes on from there.
        klartext.crawler.publisher_lock.PublisherBusy: another run asks the publisher or the archive.
        klartext.fetch.replay.NothingCaptured: a replay of a batch that has no captures.
        CandidatesLost: a candidate has no outcome.
    """
    if replay:
        return replay_batch(lake, batch)
    log = FetchLog.open(lake, batch)
    recover(lake, batch, log)
    crawl = BatchCrawl(lake, batch, source, log, limits=limits, patience=patience)
    plan = plan_requests(lake, batch, source, log, now or dt.datetime.now(dt.UTC))
    log.save()
    _fetch_from_publisher(lake, batch, plan, crawl)
    fetch_from_wayback(batch, plan, crawl, now or dt.datetime.now(dt.UTC))
    return _outcome(batch, plan, log)


def _outcome(batch: Batch, plan: Plan, log: FetchLog) -> dict[str, Any]:
    latest = log.latest()
    if lost := plan.wanted.keys() - latest.keys():
        raise CandidatesLost(f"{len(lost)} candidates of {batch.name} have no outcome, {min(lost)} among them")
    left = sum(latest[key].outcome == "deadline" for key in plan.wanted)
    asked = len(plan.live) + len(plan.archived)
    return {"candidates": len(plan.wanted), "asked": asked, "left": left, **log.counts()}


def _fetch_from_publisher(lake: Lake, batch: Batch, plan: Plan, crawl: BatchCrawl) -> None:
    if not plan.live:
        return
    headers = memento(crawl.source, batch.end)
    asks = []
    for candidate in plan.live:
        ask = request_for(candidate, headers=headers)
        page = plan.known.get(page_key(candidate.url))
        asks.append(revisit.conditional_request(lake, ask, page) if page else ask)
    captured = (row for row in crawl.log.rows if row.outcome == "captured")
    have = {page_key(url) for row in captured for url in (row.url, row.final_url or row.url)}
    with crawl.lock(crawl.source.slug) as manners:
        crawl.run("fetch", crawl.source, asks, {c.url: c for c in plan.live}, manners, have)
