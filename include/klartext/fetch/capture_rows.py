"""Rows of ``fetches`` for the records of WARC files: pages, and records that ought to have been one."""

from __future__ import annotations

import datetime as dt
from typing import cast

from klartext.crawler.http_status import outcome_of_status
from klartext.model import Fetch, Outcome
from klartext.warc.reader import Page, UnusableRecord
from klartext.warc.times import EPOCH


def row_of_record(item: Page | UnusableRecord, default_origin: str, since: dt.datetime) -> Fetch:
    """The row of a record, its attempt the first.

    Args:
        item: what the reader made of the record.
        default_origin: ``discovered_from`` of a record that does not state where its address was found.
        since: the time of a record whose own is not credible, UTC.
    """
    place = item.capture
    url = (item.seed if isinstance(item, Page) else None) or item.url or f"urn:klartext:{place.file}#{place.offset}"
    outcome, reason = outcome_of_status(item.status) if isinstance(item, Page) else ("failed", item.reason)
    return Fetch(
        url=url,
        discovered_from=(item.via if isinstance(item, Page) else None) or default_origin,
        outcome=cast(Outcome, outcome),
        reason=reason,
        status=item.status if isinstance(item, Page) else None,
        final_url=item.url if isinstance(item, Page) else None,
        bytes=len(item.body) if isinstance(item, Page) else None,
        attempt=1,
        fetched_at=item.fetched_at if item.fetched_at.year > 1990 else since,
        capture=place,
        candidate_title=None,
        candidate_published_at=None,
    )


def row_of_unusable(name: str, offset: int, reason: str, *, url: str | None = None, at: dt.datetime = EPOCH) -> Fetch:
    """The failed row of a record of an imported file that is not kept.

    Args:
        name: of the file.
        offset: of the record in it.
        reason: stable code.
        url: of the record, if it is known; else the row is under the place in the file.
        at: when it was captured, UTC.
    """
    return Fetch(
        url=url or f"urn:klartext:{name}#{offset}",
        discovered_from=f"urn:klartext:{name}",
        outcome="failed",
        reason=reason,
        status=None,
        final_url=None,
        bytes=None,
        attempt=1,
        fetched_at=at,
        capture=None,
        candidate_title=None,
        candidate_published_at=None,
    )
