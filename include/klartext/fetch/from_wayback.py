"""Pages from the Wayback Machine: those that its index named, and those that the publisher does not have any more.

The archive is asked as a publisher is: by one run at a time, by its robots.txt, with the source's delay and the batch's
deadline.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from urllib.parse import urlsplit

from klartext import wayback
from klartext.batch import Batch
from klartext.crawler import Ask, Manners
from klartext.discover.interval import Interval
from klartext.discover.origins.base import via
from klartext.discover.origins.wayback import Wayback
from klartext.discover.step import asked
from klartext.fetch.crawl_batch import BatchCrawl, request_for
from klartext.fetch.plan import Plan
from klartext.fetch_log import candidate_of, is_origin, page_key, row_of_answer
from klartext.model import Candidate, Fetch

_GONE = ("http-404", "http-410")


def fetch_from_wayback(batch: Batch, plan: Plan, crawl: BatchCrawl, now: dt.datetime) -> None:
    """Fetches the captures that the archive's index named, and those of pages that are gone.

    Of a page that is gone that is the first capture after the batch's interval, else the last one in it. A page without
    a capture is ``gone`` for the reason ``not-archived``, and not looked for again. Pages that another batch has
    captured are not looked for.

    Raises :class:`klartext.crawler.publisher_lock.PublisherBusy` and :class:`klartext.crawler.CrawlerCrashed`.
    """
    interval = Interval(batch.start, batch.end, now, crawl.source.zone)
    gone = _gone(plan, crawl) if Wayback().speaks(crawl.source, interval) else {}
    wanted, base = list(plan.archived), wayback.base()
    if base is None or not (wanted or gone):
        return
    host = urlsplit(base).netloc
    with crawl.lock(host) as manners:
        if gone:
            wanted += _look_up(base, interval, gone, crawl, manners)
            crawl.log.save()
        if not wanted:
            return
        candidates = {candidate.discovered_from: candidate for candidate in wanted}
        asks = [request_for(candidate, url=url) for url, candidate in candidates.items()]
        archive = crawl.source.model_copy(update={"hosts": [host]})  # no redirect may lead to the publisher itself
        crawl.run("wayback", archive, asks, candidates, manners)


def _gone(plan: Plan, crawl: BatchCrawl) -> dict[str, Fetch]:
    """Rows of the pages that the publisher does not have any more, by :func:`klartext.fetch_log.page_key`."""
    pages = crawl.log.latest()
    return {
        key: row
        for key, row in pages.items()
        if row.outcome == "gone" and row.reason in _GONE and key not in plan.known and not is_origin(row)
    }


def _look_up(
    base: str, interval: Interval, gone: dict[str, Fetch], crawl: BatchCrawl, manners: Manners
) -> list[Candidate]:
    """Asks the archive's index for pages that are gone; logs those that it does not have, and returns the others as
    candidates."""
    asks = []
    for row in gone.values():
        query = wayback.index(base, row.url, interval.start, None)
        asks.append(Ask(url=query, via=via(crawl.source), about={"kind": "cdx", "query": query, "page": row.url}))
    found: list[Candidate] = []
    failures: list[Fetch] = []
    for answer in asked(crawl.source, interval, asks, crawl.limits, manners):
        key = page_key(answer.ask.about["page"])
        if answer.outcome != "captured":
            failures.append(dataclasses.replace(row_of_answer(answer), discovered_from=via(crawl.source)))
        elif captures := [each["capture"] for each in answer.found if page_key(each["url"]) == key]:
            found.append(candidate_of(gone[key], captures[0]))
        else:
            row = dataclasses.replace(gone[key], reason="not-archived", fetched_at=answer.at, final_url=None)
            crawl.log.add([row])
    crawl.log.add_origin_failures(failures)
    return found
