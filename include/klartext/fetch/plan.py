"""What a batch is to ask for: the pages that neither it nor another batch has captured, or that have changed since."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

from klartext import wayback
from klartext.batch import Batch
from klartext.fetch import revisit
from klartext.fetch_log import FetchLog, is_settled, row_without_answer
from klartext.lake import takedown_filter
from klartext.lake.captured_pages import Known
from klartext.model import Candidate
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.lake import Lake


@dataclasses.dataclass(slots=True, kw_only=True)
class Plan:
    """The pages of a batch, by :func:`klartext.fetch_log.page_key`, and what to ask for.

    ``wanted`` are all candidates; each has a row in the log or is in one of the two lists. ``known`` are the pages that
    other batches have captured. ``live`` is to be asked for at the publisher, ``archived`` at the Wayback Machine,
    whose index named it.
    """

    wanted: dict[str, Candidate]
    known: dict[str, Known]
    live: list[Candidate]
    archived: list[Candidate]


def plan_requests(lake: Lake, batch: Batch, source: Source, log: FetchLog, now: dt.datetime) -> Plan:
    """Decides what to ask for, and adds to the log the rows of the candidates that are not asked for.

    A page that an earlier run of the batch captured, or for which the publisher's answer was final, is left alone. A
    page that another batch has captured is ``unchanged``, and asked for only if its origin says that it changed or a
    revisit is due. A page that was taken down is ``refused``, and so are those beyond the source's limit.
    """
    wanted = log.candidates
    latest = log.latest()
    known = revisit.known_pages(lake, batch, source, [c for key, c in wanted.items() if key not in latest], now)
    wanted = revisit.due_pages(batch, source, known, now) | wanted
    todo: list[Candidate] = []
    for key, candidate in wanted.items():
        if key in latest:  # what this batch has begun to ask for it goes on with
            if not is_settled(latest[key]):
                todo.append(candidate)
        elif key in known and not _may_have_changed(source, candidate, known[key], now):
            log.add([revisit.unchanged_row(candidate, known[key], now)])
        elif candidate.url.startswith(takedown_filter.URN):
            log.add([row_without_answer(candidate, "refused", takedown_filter.REASON, now)])
        else:
            todo.append(candidate)
    room = max(0, source.fetch.limit - log.counts()["captured"])
    log.add(row_without_answer(candidate, "refused", "limit", now) for candidate in todo[room:])
    asked = todo[:room]
    return Plan(
        wanted=wanted,
        known=known,
        live=[candidate for candidate in asked if not wayback.is_ours(candidate.discovered_from)],
        archived=[candidate for candidate in asked if wayback.is_ours(candidate.discovered_from)],
    )


def _may_have_changed(source: Source, candidate: Candidate, page: Known, now: dt.datetime) -> bool:
    """True if a page that another batch has captured is to be asked for once more. That an archive has a capture of it
    says nothing of a change."""
    return not wayback.is_ours(candidate.discovered_from) and revisit.is_due(source, candidate, page, now)
