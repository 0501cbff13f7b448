"""A source's crawl, ordered by what its file says: hosts, delay, and whether it keeps its past."""

from __future__ import annotations

import datetime as dt
import email.utils
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from klartext.crawler.job import Ask, Job, Limits, allowed_hosts, user_agent

if TYPE_CHECKING:
    from klartext.sources import Source


def memento(source: Source, end: dt.datetime) -> dict[str, str]:
    """Headers for a publisher that keeps its past (RFC 7089): its state just before the end of the interval."""
    if not source.fetch.memento:
        return {}
    moment = end.astimezone(dt.UTC) - dt.timedelta(seconds=1)
    return {"Accept-Datetime": email.utils.format_datetime(moment, usegmt=True)}


def order(source: Source, asks: Iterable[Ask], limits: Limits, *, also: Iterable[str] = (), **rest: Any) -> Job:
    """The job for a source; ``also`` are hosts besides its own, ``rest`` are further fields of the job."""
    return Job(
        hosts=sorted({host.lower() for host in (*source.hosts, *also)}),
        asks=list(asks),
        delay=source.fetch.delay,
        allow=allowed_hosts(),
        user_agent=user_agent(),
        limits=limits,
        **rest,
    )
