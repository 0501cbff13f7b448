"""What a batch is going to ask for, and whom: what it has not captured, nor another batch, unless it changed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from klartext import fetch_log, wayback
from klartext.batch import Batch
from klartext.fetch import revisit
from klartext.fetch.raw_store import captured, with_captures
from klartext.lake import takedown_filter
from klartext.lake.captured_pages import Known
from klartext.model import Candidate, Fetch
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.lake import Lake


@dataclasses.dataclass(slots=True, kw_only=True)
class Plan:
    """``wanted`` and ``pages`` are by :func:`klartext.fetch_log.key`: all candidates, and what other batches have of
    them. ``rows`` is the account so far, of those that are not asked for included. ``live`` is to be asked for at the
    publisher, ``archived`` at the Wayback Machine, which alone has named it."""

    wanted: dict[str, Candidate]
    pages: dict[str, Known]
    rows: list[Fetch]
    live: list[Candidate]
    archived: list[Candidate]


def plan(lake: Lake, batch: Batch, source: Source, now: dt.datetime) -> Plan:
    """What an earlier run captured stays and is not asked for again, nor is what a publisher has answered for good. A
    page that another batch has captured is ``unchanged``, and asked for only if its origin says that it changed or the
    source's plan that it is time; a capture of it in an archive is no change."""
    before = fetch_log.rows(lake, batch)
    wanted = _wanted(lake, batch, before)
    rows = with_captures(before, captured(lake, batch, lake.raw_files(batch)), wanted)
    settled = {key for key, last in fetch_log.latest(rows).items() if fetch_log.is_settled(last)}
    tried = {fetch_log.key(found.url) for found in rows}  # what this batch has begun to ask for it goes on with
    pages = revisit.captured(lake, batch, source, (c for key, c in wanted.items() if key not in tried), now)
    wanted = revisit.revisits(batch, source, pages, now) | wanted
    fresh = {key: candidate for key, candidate in wanted.items() if key not in settled}

    def is_known(key: str, candidate: Candidate) -> bool:
        if key not in pages or key in tried:
            return False
        return wayback.is_ours(candidate.discovered_from) or not revisit.is_due(source, candidate, pages[key], now)

    alike = {key for key, candidate in fresh.items() if is_known(key, candidate)}
    rows = fetch_log.extended(rows, (revisit.unasked(wanted[key], pages[key], now) for key in sorted(alike)))
    todo = [candidate for key, candidate in fresh.items() if key not in alike]
    taken_down = [candidate for candidate in todo if candidate.url.startswith(takedown_filter.URN)]
    rows = fetch_log.extended(rows, (_refused(candidate, takedown_filter.REASON, now) for candidate in taken_down))
    todo = [candidate for candidate in todo if candidate not in taken_down]
    room = max(0, source.fetch.limit - fetch_log.counts(rows)["captured"])
    rows = fetch_log.extended(rows, (_refused(candidate, "limit", now) for candidate in todo[room:]))
    asked = todo[:room]
    return Plan(
        wanted=wanted,
        pages=pages,
        rows=rows,
        live=[candidate for candidate in asked if not wayback.is_ours(candidate.discovered_from)],
        archived=[candidate for candidate in asked if wayback.is_ours(candidate.discovered_from)],
    )


def _wanted(lake: Lake, batch: Batch, rows: Iterable[Fetch]) -> dict[str, Candidate]:
    """Candidates by page: those discovered, and those of earlier runs that no origin names any more."""
    wanted = {fetch_log.key(candidate.url): candidate for candidate in fetch_log.candidates(lake, batch)}
    for key, last in fetch_log.latest(rows).items():
        if not fetch_log.is_settled(last) and not _is_origin(last):
            wanted.setdefault(key, fetch_log.candidate(last))
    return wanted


def _is_origin(found: Fetch) -> bool:
    """Whether a row tells of a feed or sitemap that failed: discovery asks those."""
    return found.discovered_from.startswith(fetch_log.ORIGIN)


def _refused(candidate: Candidate, reason: str, now: dt.datetime) -> Fetch:
    return fetch_log.unanswered(candidate, "refused", reason, now)
