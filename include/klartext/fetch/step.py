"""The step fetch: requests the pages that the batch has not captured yet, and logs an outcome for every candidate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from klartext.batch import Batch
from klartext.crawler import Limits
from klartext.errors import PermanentError
from klartext.fetch.from_wayback import fetch_from_wayback
from klartext.fetch.plan import live_requests, plan_requests
from klartext.fetch.run import FetchRun
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.lake import Lake


class CandidatesLost(RuntimeError):
    """A candidate has no outcome: an error of the program."""


class NothingCaptured(PermanentError):
    """There is nothing to replay; the message says what to do."""


def fetch_batch(
    lake: Lake,
    batch: Batch,
    source: Source,
    *,
    limits: Limits = Limits(),  # noqa: B008
    now: dt.datetime | None = None,
    patience: float = 60.0,
    replay: bool = False,
    again: Collection[str] = (),
) -> dict[str, Any]:
    """Fetches the batch's candidates into its raw files and stages ``fetches``: from the publisher, and from the
    Wayback Machine what only that has named or the publisher does not have any more.

    Args:
        now: the time at which the batch runs, UTC; decides which revisits are due.
        patience: seconds to wait for another run that makes requests to the same publisher or archive.
        replay: make no request; log what the batch has captured before.
        again: pages of the log, by the source's ``page_key``, to request again whatever their outcome was.

    Returns:
        The number of ``candidates``, of pages that were requested (``asked``), of pages ``left`` for which no time
        remained, and the number of pages by outcome, with the origins that discover could not read.

    Raises:
        klartext.crawler.CrawlerCrashed: after all captures have been stored; the next run goes on from there.
        klartext.crawler.publisher_lease.PublisherBusy: another run makes requests to the publisher or the archive.
        NothingCaptured: a replay of a batch that has no log and no captures.
        CandidatesLost: a candidate has no outcome.
    """
    now = now or dt.datetime.now(dt.UTC)
    run = FetchRun(lake, batch, source, limits, patience)
    run.recover()
    if replay:
        return _replayed(run)
    plan = plan_requests(run, now, again)
    run.log.save()
    if plan.live:
        with run.lock(source.slug) as politeness:
            run.crawl(
                "fetch", source, live_requests(run, plan), {c.url: c for c in plan.live}, politeness, run.log.captured
            )
    fetch_from_wayback(run, plan, now)
    latest = run.log.latest()
    if lost := plan.wanted.keys() - latest.keys():
        raise CandidatesLost(f"{len(lost)} candidates of {batch.name} have no outcome, {min(lost)} among them")
    left = sum(latest[key].outcome == "deadline" for key in plan.wanted)
    asked = len(plan.live) + len(plan.archived)
    return {"candidates": len(plan.wanted), "asked": asked, "left": left, **run.log.counts()}


def _replayed(run: FetchRun) -> dict[str, Any]:
    """The counts of a fetch without a request."""
    if not run.log.rows and not run.lake.raw_files(run.batch):
        raise NothingCaptured(f"{run.batch.name} has no captures: run it without replay first")
    run.log.save()
    return {"candidates": len(run.log.staged), "asked": 0, "left": 0, **run.log.counts()}
