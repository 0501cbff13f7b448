"""Rows for what lies in WARC files: every page that was captured, and what ought to have been one."""

from __future__ import annotations

import datetime as dt
from typing import cast

from klartext.crawler.http_status import outcome
from klartext.model import Fetch, Outcome
from klartext.warc.reader import Damage, Page


def row(item: Page | Damage, nowhere: str, since: dt.datetime) -> Fetch:
    """The row of one record, its attempt the first.

    ``nowhere`` is what ``discovered_from`` says of a record that does not tell; ``since`` is the time of one that has
    no credible one.
    """
    place = item.capture
    url = (item.seed if isinstance(item, Page) else None) or item.url or f"urn:klartext:{place.file}#{place.offset}"
    verdict, reason = outcome(item.status) if isinstance(item, Page) else ("failed", item.reason)
    return Fetch(
        url=url,
        discovered_from=(item.via if isinstance(item, Page) else None) or nowhere,
        outcome=cast(Outcome, verdict),
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
