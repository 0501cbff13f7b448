"""Pages from the Wayback Machine: those that its index named, and those that the publisher has no more."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from klartext import ledger, wayback
from klartext.batch import Batch
from klartext.crawler import Ask, Limits, Record, crawl, user_agent
from klartext.crawler.order import order
from klartext.discover.interval import Interval
from klartext.discover.origin import via
from klartext.discover.origins.wayback import Wayback
from klartext.discover.steps import asked
from klartext.fetch.ours import kept, with_captures
from klartext.model import Candidate, Fetch
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.lake import Lake

_GONE = ("http-404", "http-410")


def fetch_named(lake: Lake, batch: Batch, source: Source, limits: Limits) -> None:
    """Fetches the captures that the index named, where the batch has not captured the page yet."""
    latest = ledger.latest(ledger.rows(lake, batch))
    named = {key: c for key, c in _candidates(lake, batch).items() if wayback.is_ours(c.discovered_from)}
    todo = {key: c for key, c in named.items() if key not in latest or not ledger.is_settled(latest[key])}
    room = max(0, source.fetch.limit - sum(1 for last in latest.values() if last.capture))
    _fetch(lake, batch, source, dict(list(todo.items())[:room]), limits)


def fetch_gone(lake: Lake, batch: Batch, source: Source, limits: Limits) -> None:
    """Looks for pages that the publisher has no more: of each the capture nearest after the batch's interval, else
    the last one in it. What nobody captured is ``gone``, ``not-archived``, and not looked for again."""
    interval = Interval(batch.start, batch.end, dt.datetime.now(dt.UTC), source.zone)
    at = wayback.base()
    if at is None or not Wayback().speaks(source, interval):
        return
    rows = ledger.rows(lake, batch)
    latest = ledger.latest(row for row in rows if row.discovered_from != via(source))
    gone = {key: row for key, row in latest.items() if row.outcome == "gone" and row.reason in _GONE}
    asks = []
    for row in gone.values():
        query = wayback.index(at, row.url, batch.start, None)
        about = {"kind": "cdx", "query": query, "page": row.url}
        asks.append(Ask(url=query, via=via(source), about=about))
    todo: dict[str, Candidate] = {}
    news, problems = [], []
    for answer in asked(source, interval, asks):
        key = ledger.key(answer.ask.about["page"])
        if answer.outcome != "captured":
            problems.append(dataclasses.replace(ledger.of_answer(answer), discovered_from=via(source)))
        elif captures := [found["capture"] for found in answer.found if ledger.key(found["url"]) == key]:
            todo[key] = _candidate(gone[key], captures[0])
        else:
            news.append(dataclasses.replace(gone[key], reason="not-archived", fetched_at=answer.at, final_url=None))
    if news or problems:
        lake.stage(batch, "fetches", ledger.ordered(ledger.with_problems(ledger.extended(rows, news), problems)))
    _fetch(lake, batch, source, todo, limits)


def _candidates(lake: Lake, batch: Batch) -> dict[str, Candidate]:
    return {ledger.key(candidate.url): candidate for candidate in ledger.candidates(lake, batch)}


def _candidate(row: Fetch, capture: str) -> Candidate:
    return Candidate(
        url=row.url,
        discovered_from=capture,
        title=row.candidate_title,
        published_at=row.candidate_published_at,
        modified_at=None,
    )


def _fetch(lake: Lake, batch: Batch, source: Source, wanted: dict[str, Candidate], limits: Limits) -> None:
    """Fetches captures as they were served, keeps them, and stages their rows."""
    if not wanted:
        return
    of_ask = {candidate.discovered_from: candidate for candidate in wanted.values()}
    hosts = {urlsplit(address).netloc for address in of_ask}
    asks = [
        Ask(url=address, via=address, published=c.published_at.isoformat() if c.published_at else None)
        for address, c in of_ask.items()
    ]
    folder = lake.scratch(batch) / "wayback"
    folder.mkdir(exist_ok=True)
    kept(lake, batch, sorted(folder.glob("*.warc.gz")))
    info = {"software": user_agent(), "http-header-user-agent": user_agent(), "robots": "obey", "isPartOf": source.slug}
    answers: list[Fetch] = []
    try:
        there = source.model_copy(update={"hosts": sorted(hosts)})  # the publisher itself is not asked by a redirect
        for answer in crawl(order(there, asks, limits, record=Record(path=str(folder / "wayback.warc.gz"), info=info))):
            candidate = of_ask[answer.ask.url]
            row = dataclasses.replace(ledger.of_answer(answer, candidate), url=candidate.url, capture=None)
            if row.outcome == "gone":
                row = dataclasses.replace(row, reason="not-archived")
            answers.append(row)
    finally:
        names = kept(lake, batch, sorted(folder.glob("*.warc.gz")))
        rows = with_captures(lake, batch, ledger.rows(lake, batch), names)
        rows = ledger.extended(rows, (row for row in answers if row.outcome != "captured"))
        lake.stage(batch, "fetches", ledger.ordered(rows))
