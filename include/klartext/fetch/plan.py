"""Decides what a batch requests: pages that neither it nor another batch has captured, or that have changed since."""

from __future__ import annotations

import dataclasses
import datetime as dt
import email.utils
from collections.abc import Collection, Mapping

from klartext import wayback
from klartext.batch import Batch
from klartext.crawler import CrawlRequest, memento_headers
from klartext.fetch.run import FetchRun, request_for
from klartext.fetch_log import candidate_of, is_settled, row_not_fetched
from klartext.lake import takedown_filter
from klartext.lake.published_pages import CapturedPage, captured_pages
from klartext.model import Candidate, Fetch
from klartext.sources import Source
from klartext.warc import reader
from klartext.warc.exchange import StoredResponse

REVISIT = "urn:klartext:revisit"
"""Where a candidate was found that no origin named: the source's ages of revisits."""
_UNDATED = dt.timedelta(days=35)  # how far back to look for a capture of a page without a time of publication


@dataclasses.dataclass(slots=True, kw_only=True)
class Plan:
    """The pages of a batch, by the source's ``page_key``, and what to request.

    ``wanted`` are all candidates; each has a row in the log or is in one of the two lists. ``known`` are the pages that
    other batches have captured. ``live`` is to be requested from the publisher, ``archived`` from the Wayback Machine,
    whose index named it.
    """

    wanted: dict[str, Candidate]
    known: dict[str, CapturedPage]
    live: list[Candidate]
    archived: list[Candidate]


def plan_requests(run: FetchRun, now: dt.datetime, again: Collection[str] = ()) -> Plan:
    """Decides what to request, and adds to the log the rows of the candidates that are not requested.

    A page that an earlier run of the batch captured, or for which the publisher's answer was final, is left alone. A
    page that another batch has captured is ``unchanged``, and requested only if its origin states that it changed or a
    revisit is due. A page that was taken down is ``refused``, and so are those beyond the source's limit. Pages of the
    log that are in ``again``, by the source's ``page_key``, are requested whatever their outcome was.
    """
    batch, source, log = run.batch, run.source, run.log
    latest = log.latest()
    wanted = log.candidates | {key: candidate_of(latest[key]) for key in again if key in latest}
    known = _known_pages(run, [c for key, c in wanted.items() if key not in latest], now)
    wanted = _due_pages(batch, source, known, now) | wanted
    todo: list[Candidate] = []
    for key, candidate in wanted.items():
        if key in latest:  # the batch continues with what an earlier run requested
            if key in again or not is_settled(latest[key]):
                todo.append(candidate)
        elif key in known and not _may_have_changed(source, candidate, known[key], now):
            log.add([_unchanged_row(candidate, known[key], now)])
        elif candidate.url.startswith(takedown_filter.URN):
            log.add([row_not_fetched(candidate, "refused", takedown_filter.REASON, now)])
        else:
            todo.append(candidate)
    room = max(0, source.fetch.limit - log.counts()["captured"])
    log.add(row_not_fetched(candidate, "refused", "limit", now) for candidate in todo[room:])
    requested = todo[:room]
    return Plan(
        wanted=wanted,
        known=known,
        live=[candidate for candidate in requested if not wayback.is_capture_url(candidate.discovered_from)],
        archived=[candidate for candidate in requested if wayback.is_capture_url(candidate.discovered_from)],
    )


def _may_have_changed(source: Source, candidate: Candidate, page: CapturedPage, now: dt.datetime) -> bool:
    """True if a page that another batch has captured is to be requested. That an archive has a capture of it is no
    sign of a change."""
    return not wayback.is_capture_url(candidate.discovered_from) and _is_due(source, candidate, page, now)


def _known_pages(run: FetchRun, wanted: list[Candidate], now: dt.datetime) -> dict[str, CapturedPage]:
    """The pages that other batches of the source have captured, as far back as the candidates' times make it possible
    that one of them is a candidate; by the source's ``page_key``.

    None for a publisher that serves past states of its pages: the state at another moment is another page.
    """
    batch, source = run.batch, run.source
    if source.fetch.memento:
        return {}
    starts = [c.published_at or (c.modified_at or batch.start) - _UNDATED for c in wanted]
    if source.fetch.ages and _is_present(batch, now):
        starts.append(batch.start - source.fetch.ages[-1])
    return captured_pages(run.lake, batch, source, min(*starts, batch.start)) if starts else {}


def _is_present(batch: Batch, now: dt.datetime) -> bool:
    """True for the batch whose interval has begun, or ended at most one interval ago. Only this one revisits pages."""
    return batch.start <= now < batch.end + (batch.end - batch.start)


def _is_due(source: Source, candidate: Candidate, page: CapturedPage, now: dt.datetime) -> bool:
    """True if the page's origin states a change after the page was last requested, or a revisit is due.

    A change in the future does not count yet. A change that is stated as a day is at the day's last instant, so the
    page is requested once when the day is over, and not by each run on that day.
    """
    changed = max(filter(None, (candidate.modified_at, candidate.published_at)), default=None)
    return (changed is not None and page.asked_at < changed <= now) or bool(_passed(source, page, now))


def _passed(source: Source, page: CapturedPage, now: dt.datetime) -> list[dt.timedelta]:
    """The ages of the source's revisits that the page has reached since it was last requested."""
    if page.published_at is None:
        return []
    return [age for age in source.fetch.ages if page.asked_at < page.published_at + age <= now]


def _due_pages(
    batch: Batch, source: Source, pages: Mapping[str, CapturedPage], now: dt.datetime
) -> dict[str, Candidate]:
    """The known pages of which a revisit is due, as candidates, whether or not an origin names them."""
    if not _is_present(batch, now):
        return {}
    return {
        key: Candidate(url=page.url, discovered_from=REVISIT, title=page.title, published_at=page.published_at,
                       modified_at=None)
        for key, page in pages.items()
        if _passed(source, page, min(now, batch.end))
    }  # fmt: skip


def _unchanged_row(candidate: Candidate, page: CapturedPage, now: dt.datetime) -> Fetch:
    """The row of a page that is not requested: another batch has it, and no origin states a change."""
    row = row_not_fetched(candidate, "unchanged", "known", now)
    return dataclasses.replace(row, final_url=page.final_url, capture=page.capture)


def live_requests(run: FetchRun, plan: Plan) -> list[CrawlRequest]:
    """The requests to the publisher. Those for known pages are conditional: an unchanged page is not sent again."""
    headers = memento_headers(run.source, run.batch.end)
    requests = []
    for candidate in plan.live:
        request, page = request_for(candidate, headers=headers), plan.known.get(run.source.page_key(candidate.url))
        requests.append(_conditional(run, request, page) if page else request)
    return requests


def _conditional(run: FetchRun, request: CrawlRequest, page: CapturedPage) -> CrawlRequest:
    """The request with If-None-Match and If-Modified-Since of the stored response; unchanged if that cannot be read."""
    try:
        with run.lake.open_raw(page.capture.file) as file:
            file.seek(page.capture.offset)
            head = reader.head(file)
    except FileNotFoundError:
        return request
    if head is None:
        return request
    headers = dict(request.headers)
    if tag := head.http.get("etag"):
        headers["If-None-Match"] = tag
    if (changed := head.http.get("last-modified")) and _is_date(changed):
        headers["If-Modified-Since"] = changed
    return dataclasses.replace(
        request, headers=headers, known=StoredResponse(url=head.url, date=head.date, digest=page.capture.digest)
    )


def _is_date(value: str) -> bool:
    try:
        email.utils.parsedate_to_datetime(value)
    except ValueError:
        return False
    return True
