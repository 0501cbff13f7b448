"""The step: origins of the source that can speak for the interval are asked, candidates come out."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from klartext import ledger, urls
from klartext.batch import Batch
from klartext.crawler import Answer, Ask, Limits, crawl
from klartext.crawler.order import memento, order
from klartext.discover.interval import Interval
from klartext.discover.walk import of_host
from klartext.model import Candidate, Fetch
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.lake import Lake

LIMITS = Limits(size=64 * 1024 * 1024, deadline=3600.0)
"""A sitemap may be 50 MB long by its standard."""


@dataclasses.dataclass(frozen=True, slots=True)
class Discovery:
    """``candidates`` without doubles, newest first; ``problems`` has a row for each origin that could not be asked or
    read; ``origins`` is the number of feeds and sitemaps asked, those that an index named included."""

    candidates: list[Candidate]
    problems: list[Fetch]
    origins: int


def origins(source: Source, interval: Interval) -> list[Ask]:
    """What can speak for the interval: feeds and news sitemaps for the last days, dated sitemaps for its days."""
    rules, via = source.discover, f"source:{source.slug}"
    past = memento(source, interval.end)
    asks = []
    if interval.end > interval.now - dt.timedelta(days=rules.recent_days):
        asks += [Ask(url=url, via=via, about={"kind": "feed"}) for url in rules.feeds]
        asks += [Ask(url=url, via=via, headers=past, about={"kind": "sitemap"}) for url in rules.news_sitemaps]
    for template in rules.dated_sitemaps:
        for day in interval.days():
            url = template.format(day=day)
            about = {"kind": "sitemap"} | ({"day": day.isoformat()} if _is_daily(template) else {})
            if all(ask.url != url for ask in asks):
                asks.append(Ask(url=url, via=via, headers=past, about=about))
    return asks


def _is_daily(template: str) -> bool:
    """Whether the address is another one every day."""
    day = dt.date(2024, 5, 14)  # neither the end of a week, a month nor a year
    return template.format(day=day) != template.format(day=day + dt.timedelta(days=1))


def discover(
    source: Source, start: dt.datetime, end: dt.datetime, *, now: dt.datetime | None = None, limits: Limits = LIMITS
) -> Discovery:
    """Asks the origins of a source for an interval; ``start`` and ``end`` have a time zone.

    Origins that fail are problems of the result, never an error. Raises :class:`klartext.crawler.CrawlerCrashed`.
    """
    interval = Interval(start, end, now or dt.datetime.now(dt.UTC), source.zone)
    asks = origins(source, interval)
    if not asks:
        return Discovery([], [], 0)
    also = [urlsplit(ask.url).netloc for ask in asks]
    job = order(
        source,
        asks,
        limits,
        also=also,
        handler="klartext.discover.walk:Walk",
        arguments={
            "start": start.isoformat(),
            "end": end.isoformat(),
            "now": interval.now.isoformat(),
            "zone": source.time_zone,
            "hosts": [host.lower() for host in (*source.hosts, *also)],
            "size": limits.size,
        },
    )
    answers = list(crawl(job))
    failed = [ledger.of_answer(answer) for answer in answers if answer.outcome != "captured"]
    problems = [dataclasses.replace(row, discovered_from=f"source:{source.slug}") for row in failed]
    return Discovery(_candidates(source, answers), sorted(problems, key=lambda row: row.url), len(answers))


def _candidates(source: Source, answers: list[Answer]) -> list[Candidate]:
    rank = {"feed": 0, "sitemap": 1}
    answers = sorted(answers, key=lambda answer: (rank[answer.ask.about["kind"]], answer.ask.url))
    hosts = {host.lower() for host in source.hosts}
    found = []
    for answer in answers:
        for row in answer.found:
            if url := _wanted(source, hosts, row["url"]):
                times = {
                    k: dt.datetime.fromisoformat(row[k]) if row[k] else None for k in ("published_at", "modified_at")
                }
                found.append(Candidate(url=url, discovered_from=answer.ask.url, title=row["title"], **times))
    return merged(found)


def _wanted(source: Source, hosts: set[str], url: str) -> str | None:
    """The address to fetch, if it is one of an article of this source; that of the page itself for a mobile host that
    is not named among the source's."""
    try:
        folded = urls.fold(url)
    except ValueError:
        return None
    if not source.is_article(folded):
        return None
    return url if of_host(url, hosts) else folded if of_host(folded, hosts) else None


def merged(candidates: Iterable[Candidate]) -> list[Candidate]:
    """One candidate for each page, with all that was said of it, newest first."""
    pages: dict[str, Candidate] = {}
    for candidate in candidates:
        first = pages.setdefault(urls.identity(candidate.url), candidate)
        if first is not candidate:
            pages[urls.identity(candidate.url)] = dataclasses.replace(
                first,
                url=min(first.url, candidate.url, key=_plainness),
                title=first.title or candidate.title,
                published_at=first.published_at or candidate.published_at,
                modified_at=max(filter(None, (first.modified_at, candidate.modified_at)), default=None),
            )
    return sorted(pages.values(), key=_newest_first)


def _plainness(url: str) -> tuple[bool, int, str]:
    """Of two addresses of a page the encrypted one comes first, then the one with less on it."""
    return (not url.startswith("https://"), len(url), url)


def _newest_first(candidate: Candidate) -> tuple[float, str]:
    moment = candidate.modified_at or candidate.published_at
    return (-moment.timestamp() if moment else 0.0, candidate.url)


def discover_batch(
    lake: Lake, batch: Batch, source: Source, *, now: dt.datetime | None = None, limits: Limits = LIMITS
) -> dict[str, Any]:
    """Stages ``candidates``, those of an earlier run of the batch included, and ``fetches`` rows for origins that
    failed. Gives the counts ``origins``, ``candidates`` and ``problems``."""
    found = discover(source, batch.start, batch.end, now=now, limits=limits)
    before = ledger.candidates(lake, batch)
    candidates = merged([*before, *found.candidates])
    lake.stage(batch, "fetches", ledger.with_problems(ledger.rows(lake, batch), found.problems))
    count = lake.stage(batch, "candidates", candidates)
    return {"origins": found.origins, "candidates": count, "problems": len(found.problems)}
