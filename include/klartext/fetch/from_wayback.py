"""Pages from the Wayback Machine: those that its index named, and those that the publisher does not have any more.

The archive is treated as a publisher is: one run at a time makes requests, its robots.txt is obeyed, and the source's
delay and the batch's deadline apply.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from urllib.parse import urlsplit

from klartext import wayback
from klartext.crawler import CrawlPoliteness, CrawlRequest, build_job, crawl
from klartext.fetch.plan import Plan
from klartext.fetch.run import FetchRun, request_for
from klartext.fetch_log import candidate_of, is_origin, origin_name, row_of_result
from klartext.model import Candidate, Fetch, Skipped

_GONE = ("http-404", "http-410")


def fetch_from_wayback(run: FetchRun, plan: Plan, now: dt.datetime) -> None:
    """Fetches the captures that the archive's index named, and those of pages that are gone.

    Of a page that is gone that is the first capture after the batch's interval, else the last one in it. A page without
    a capture is ``gone`` for the reason ``not-archived``, and not looked up again. Pages that another batch has
    captured are not looked up.

    Raises :class:`klartext.crawler.publisher_lease.PublisherBusy` and :class:`klartext.crawler.CrawlerCrashed`.
    """
    asks_for_gone = run.source.discover.wayback and wayback.covers(run.batch.end, now)
    gone = _gone(run, plan) if asks_for_gone else {}
    wanted, base = list(plan.archived), wayback.base_url()
    if base is None or not (wanted or gone):
        return
    host = urlsplit(base).netloc
    with run.lock(host) as politeness:
        if gone:
            wanted += _look_up(base, gone, run, politeness)
            run.log.save()
        if not wanted:
            return
        candidates = {candidate.discovered_from: candidate for candidate in wanted}
        requests = [request_for(candidate, url=url) for url, candidate in candidates.items()]
        archive = run.source.model_copy(update={"hosts": [host]})  # no redirect may lead to the publisher itself
        run.crawl("wayback", archive, requests, candidates, politeness)


def _gone(run: FetchRun, plan: Plan) -> dict[str, Fetch]:
    """Rows of the pages that the publisher does not have any more, by the source's ``page_key``."""
    pages = run.log.latest()
    return {
        key: row
        for key, row in pages.items()
        if row.outcome == "gone" and row.reason in _GONE and key not in plan.known and not is_origin(row)
    }


def _look_up(base: str, gone: dict[str, Fetch], run: FetchRun, politeness: CrawlPoliteness) -> list[Candidate]:
    """Looks up pages that are gone in the archive's index; logs those that it does not have, and returns the others as
    candidates."""
    origin = origin_name(run.source.slug)
    requests = []
    for row in gone.values():
        query = wayback.index_query(base, row.url, run.batch.start, None)
        requests.append(CrawlRequest(url=query, via=origin, context={"page": row.url}))
    job = build_job(
        run.source,
        requests,
        run.limits,
        more_hosts=[urlsplit(base).netloc],
        handler="klartext.wayback_index:PageCaptures",
        arguments={"end": run.batch.end.isoformat()},
    )
    found: list[Candidate] = []
    failures: list[Fetch] = []
    skipped: list[Skipped] = []
    for result in crawl(job, politeness):
        skipped += [
            Skipped(origin=result.request.url, reason=why, count=n) for why, n in sorted(result.skipped.items())
        ]
        row = gone[run.source.page_key(result.request.context["page"])]
        if result.outcome != "captured":
            failures.append(dataclasses.replace(row_of_result(result), discovered_from=origin))
        elif result.rows:
            found.append(candidate_of(row, result.rows[0]["capture"]))
        else:
            run.log.add([dataclasses.replace(row, reason="not-archived", fetched_at=result.at, final_url=None)])
    run.log.add_origin_failures(failures)
    if skipped:
        run.lake.stage(run.batch, "skipped_by_fetch", skipped)
    return found
