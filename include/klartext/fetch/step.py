"""The step: what the batch has not captured yet is asked for, politely, and everything gets its row."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from klartext import fetch_log
from klartext.batch import Batch
from klartext.crawler import Ask, Limits
from klartext.crawler.publisher_lock import turn
from klartext.crawler.source_job import memento, order
from klartext.fetch import revisit
from klartext.fetch.crawl_batch import Clock, ask, record
from klartext.fetch.from_wayback import from_archive
from klartext.fetch.plan import Plan, plan
from klartext.fetch.raw_store import keep
from klartext.fetch.replay import replay_batch
from klartext.model import Fetch
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.lake import Lake


class CandidatesLost(RuntimeError):
    """The account of a batch does not add up: a candidate has no outcome."""


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
    Wayback Machine what it alone has named or the publisher has no more. What is left out, :func:`plan` says.

    A replay asks nobody and tells of what the batch captured before. Gives ``candidates``, ``asked``, the number of
    pages by outcome, discovery's failed origins included, and ``left``: pages for which there was no time.

    Raises :class:`klartext.crawler.CrawlerCrashed` after all that was captured has been kept; the next run goes on from
    there. Raises :class:`CandidatesLost` if the account does not add up,
    :class:`klartext.crawler.publisher_lock.PublisherBusy` if another run asks the publisher or the archive for longer
    than ``patience`` seconds, and :class:`klartext.fetch.replay.NothingCaptured` for a replay where there is nothing.
    """
    if replay:
        return replay_batch(lake, batch)
    clock, now = Clock(limits), now or dt.datetime.now(dt.UTC)
    keep(lake, batch)
    todo = plan(lake, batch, source, now)
    lake.stage(batch, "fetches", fetch_log.ordered(todo.rows))
    rows = _from_publisher(lake, batch, source, todo, clock, patience)
    rows = from_archive(lake, batch, source, todo, rows, now, clock, patience)
    if lost := todo.wanted.keys() - fetch_log.latest(rows).keys():
        raise CandidatesLost(f"{len(lost)} candidates of {batch.name} have no outcome, {min(lost)} among them")
    latest, asked = fetch_log.latest(rows), len(todo.live) + len(todo.archived)
    left = sum(latest[key].outcome == "deadline" for key in todo.wanted)
    return {"candidates": len(todo.wanted), "asked": asked, "left": left, **fetch_log.counts(rows)}


def _from_publisher(lake: Lake, batch: Batch, source: Source, todo: Plan, clock: Clock, patience: float) -> list[Fetch]:
    if not todo.live:
        return todo.rows
    asks, past = [], memento(source, batch.end)
    for candidate in todo.live:
        wanted = Ask(
            url=candidate.url, via=candidate.discovered_from, published=fetch_log.published(candidate), headers=past
        )
        page = todo.pages.get(fetch_log.key(candidate.url))
        asks.append(revisit.conditional(lake, wanted, page) if page else wanted)
    have = {fetch_log.key(u) for r in todo.rows if r.outcome == "captured" for u in (r.url, r.final_url or r.url)}
    to = record(lake, batch, source, "fetch")
    with turn(lake.turns(), source.slug, source.fetch.delay, patience) as manners:
        job = order(source, asks, clock.limits, record=to, have=sorted(have), tdm=source.fetch.tdm)
        return ask(lake, batch, job, todo.rows, {candidate.url: candidate for candidate in todo.live}, manners)
