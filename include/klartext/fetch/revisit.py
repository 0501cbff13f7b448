"""What is asked once more, of pages that another batch has captured: what changed, and what is due to be looked at."""

from __future__ import annotations

import dataclasses
import datetime as dt
import email.utils
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from klartext import fetch_log
from klartext.batch import Batch
from klartext.crawler import Ask
from klartext.crawler import Known as Compared
from klartext.lake import captured_pages
from klartext.lake.captured_pages import Known
from klartext.model import Candidate, Fetch
from klartext.sources import Source
from klartext.warc import reader

if TYPE_CHECKING:
    from klartext.lake import Lake

REVISIT = "urn:klartext:revisit"
"""Where a candidate was found that no origin named: the source's plan of revisits."""
_UNDATED = dt.timedelta(days=35)  # how far back a capture is looked for of a page without a time of publication


def captured(
    lake: Lake, batch: Batch, source: Source, wanted: Iterable[Candidate], now: dt.datetime
) -> dict[str, Known]:
    """Pages that other batches of the source have captured, as far as this one may meet them.

    None for a publisher that keeps its past: the state of another moment is another state.
    """
    if source.fetch.memento:
        return {}
    starts = [c.published_at or (c.modified_at or batch.start) - _UNDATED for c in wanted]
    if source.fetch.ages and is_present(batch, now):
        starts.append(batch.start - source.fetch.ages[-1])
    return captured_pages.pages(lake, batch, min(*starts, batch.start)) if starts else {}


def is_present(batch: Batch, now: dt.datetime) -> bool:
    """Whether this is the batch of now, or the latest that is over: pages of today are no business of the others."""
    return batch.start <= now < batch.end + (batch.end - batch.start)


def is_due(source: Source, candidate: Candidate, page: Known, now: dt.datetime) -> bool:
    """Whether the page's origin says that it changed after it was asked for last, or the source's plan that it is
    time.

    A change that is still to come is none yet: of one that is told as a day, that is its last instant, so the page is
    asked for once when the day is over, and not at each look while it lasts.
    """
    told = max(filter(None, (candidate.modified_at, candidate.published_at)), default=None)
    return (told is not None and page.asked_at < told <= now) or bool(_passed(source, page, now))


def _passed(source: Source, page: Known, now: dt.datetime) -> list[dt.timedelta]:
    """The ages that the page has come to since it was asked for last."""
    if page.published_at is None:
        return []
    return [age for age in source.fetch.ages if page.asked_at < page.published_at + age <= now]


def revisits(batch: Batch, source: Source, pages: Mapping[str, Known], now: dt.datetime) -> dict[str, Candidate]:
    """Pages that are due by the source's plan, whoever names them."""
    if not is_present(batch, now):
        return {}
    return {
        key: Candidate(url=page.url, discovered_from=REVISIT, title=page.title, published_at=page.published_at,
                       modified_at=None)
        for key, page in pages.items()
        if _passed(source, page, min(now, batch.end))
    }  # fmt: skip


def unasked(candidate: Candidate, page: Known, now: dt.datetime) -> Fetch:
    """The row of a page that is not asked for: another batch has it, and nobody says that it changed."""
    row = fetch_log.unanswered(candidate, "unchanged", "known", now)
    return dataclasses.replace(row, final_url=page.final_url, capture=page.capture)


def conditional(lake: Lake, ask: Ask, page: Known) -> Ask:
    """The ask with what lets the publisher say that the page is still the same; the ask itself if the stored response
    cannot be read."""
    try:
        with lake.open_raw(page.capture.file) as file:
            file.seek(page.capture.offset)
            head = reader.head(file)
    except FileNotFoundError:
        return ask
    if head is None:
        return ask
    headers = dict(ask.headers)
    if tag := head.http.get("etag"):
        headers["If-None-Match"] = tag
    if (changed := head.http.get("last-modified")) and _is_date(changed):
        headers["If-Modified-Since"] = changed
    return dataclasses.replace(
        ask, headers=headers, known=Compared(url=head.url, date=head.date, digest=page.capture.digest)
    )


def _is_date(value: str) -> bool:
    try:
        email.utils.parsedate_to_datetime(value)
    except ValueError:
        return False
    return True
