"""Pages that another batch has captured: which of them to ask for once more, and how."""

from __future__ import annotations

import dataclasses
import datetime as dt
import email.utils
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from klartext.batch import Batch
from klartext.crawler import Ask
from klartext.crawler import Known as Compared
from klartext.fetch_log import row_without_answer
from klartext.lake import captured_pages
from klartext.lake.captured_pages import Known
from klartext.model import Candidate, Fetch
from klartext.sources import Source
from klartext.warc import reader

if TYPE_CHECKING:
    from klartext.lake import Lake

REVISIT = "urn:klartext:revisit"
"""Where a candidate was found that no origin named: the source's ages of revisits."""
_UNDATED = dt.timedelta(days=35)  # how far back to look for a capture of a page without a time of publication


def known_pages(
    lake: Lake, batch: Batch, source: Source, wanted: Iterable[Candidate], now: dt.datetime
) -> dict[str, Known]:
    """The pages that other batches of the source have captured, as far back as the candidates' times make it possible
    that one of them is a candidate; by :func:`klartext.fetch_log.page_key`.

    None for a publisher that serves past states of its pages: the state at another moment is another page.
    """
    if source.fetch.memento:
        return {}
    starts = [c.published_at or (c.modified_at or batch.start) - _UNDATED for c in wanted]
    if source.fetch.ages and is_present(batch, now):
        starts.append(batch.start - source.fetch.ages[-1])
    return captured_pages.pages(lake, batch, min(*starts, batch.start)) if starts else {}


def is_present(batch: Batch, now: dt.datetime) -> bool:
    """True for the batch whose interval has begun, or ended at most one interval ago. Only this one revisits pages."""
    return batch.start <= now < batch.end + (batch.end - batch.start)


def is_due(source: Source, candidate: Candidate, page: Known, now: dt.datetime) -> bool:
    """True if the page's origin states a change after the page was last asked for, or a revisit is due.

    A change in the future does not count yet. A change that is stated as a day is at the day's last instant, so the
    page is asked for once when the day is over, and not by each run on that day.
    """
    changed = max(filter(None, (candidate.modified_at, candidate.published_at)), default=None)
    return (changed is not None and page.asked_at < changed <= now) or bool(_passed(source, page, now))


def _passed(source: Source, page: Known, now: dt.datetime) -> list[dt.timedelta]:
    """The ages of the source's revisits that the page has reached since it was last asked for."""
    if page.published_at is None:
        return []
    return [age for age in source.fetch.ages if page.asked_at < page.published_at + age <= now]


def due_pages(batch: Batch, source: Source, pages: Mapping[str, Known], now: dt.datetime) -> dict[str, Candidate]:
    """The known pages of which a revisit is due, as candidates, whether or not an origin names them."""
    if not is_present(batch, now):
        return {}
    return {
        key: Candidate(url=page.url, discovered_from=REVISIT, title=page.title, published_at=page.published_at,
                       modified_at=None)
        for key, page in pages.items()
        if _passed(source, page, min(now, batch.end))
    }  # fmt: skip


def unchanged_row(candidate: Candidate, page: Known, now: dt.datetime) -> Fetch:
    """The row of a page that is not asked for, because another batch has it and nothing says that it changed."""
    row = row_without_answer(candidate, "unchanged", "known", now)
    return dataclasses.replace(row, final_url=page.final_url, capture=page.capture)


def conditional_request(lake: Lake, ask: Ask, page: Known) -> Ask:
    """The request with If-None-Match and If-Modified-Since of the stored response; unchanged if that cannot be read."""
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
