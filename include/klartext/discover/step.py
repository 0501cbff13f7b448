"""The step: origins of the source that can speak for the interval are asked, candidates come out."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from klartext import urls
from klartext.batch import Batch
from klartext.crawler import Answer, Ask, Limits, Manners, crawl
from klartext.crawler.publisher_lock import turn
from klartext.crawler.source_job import order
from klartext.discover import expected_articles
from klartext.discover.interval import Interval
from klartext.discover.origins import Archive, speaking
from klartext.fetch_log import FetchLog, origin_name, row_of_answer
from klartext.model import Candidate, Fetch, Skipped
from klartext.sources import Source
from klartext.urls import page_key

if TYPE_CHECKING:
    from klartext.lake import Lake

LIMITS = Limits(size=64 * 1024 * 1024, deadline=3600.0)
"""A sitemap may be 50 MB long by its standard."""


@dataclasses.dataclass(frozen=True, slots=True)
class Discovery:
    """``candidates`` without doubles, newest first; ``problems`` has a row for each origin that could not be asked or
    read; ``origins`` is the number of feeds and sitemaps asked, those that an index named included; ``skipped`` counts
    the entries left out or read only in part, by origin and reason."""

    candidates: list[Candidate]
    problems: list[Fetch]
    origins: int
    skipped: list[Skipped] = dataclasses.field(default_factory=list)


def asks(source: Source, interval: Interval) -> dict[str, list[Ask]]:
    """What the crawler is to ask for an interval, by whose turn it takes."""
    found: dict[str, list[Ask]] = {}
    for origin in speaking(source, interval):
        if wanted := origin.asks(source, interval):
            found.setdefault(origin.whom(source), []).extend(wanted)
    return found


def discover(
    source: Source,
    start: dt.datetime,
    end: dt.datetime,
    *,
    now: dt.datetime | None = None,
    limits: Limits = LIMITS,
    manners: Mapping[str, Manners] | None = None,
) -> Discovery:
    """Asks the origins of a source for an interval; ``start`` and ``end`` have a time zone. Those that need a lake are
    left out. ``manners`` are those of the turns, if any were taken.

    Origins that fail are problems of the result, never an error. Raises :class:`klartext.crawler.CrawlerCrashed`.
    """
    interval = Interval(start, end, now or dt.datetime.now(dt.UTC), source.zone)
    answers = []
    for whom, wanted in asks(source, interval).items():
        answers += asked(source, interval, wanted, limits, (manners or {}).get(whom))
    failed = [row_of_answer(answer) for answer in answers if answer.outcome != "captured"]
    problems = [dataclasses.replace(row, discovered_from=origin_name(source.slug)) for row in failed]
    candidates, skipped = _candidates(source, answers)
    return Discovery(candidates, sorted(problems, key=lambda row: row.url), len(answers), skipped)


def asked(
    source: Source, interval: Interval, wanted: list[Ask], limits: Limits = LIMITS, manners: Manners | None = None
) -> list[Answer]:
    """The answers of feeds, sitemaps and indexes, taken apart, in the order in which they came."""
    if not wanted:
        return []
    also = [urlsplit(ask.url).netloc for ask in wanted]
    own = [f"https://{host}/" for host in source.hosts]
    job = order(
        source,
        wanted,
        limits,
        also=also,
        domains=sorted({urls.registered_domain(url) for url in own if urls.has_registered_domain(url)}),
        handler="klartext.discover.origin_handler:OriginHandler",
        arguments={
            "start": interval.start.isoformat(),
            "end": interval.end.isoformat(),
            "now": interval.now.isoformat(),
            "zone": source.time_zone,
            "hosts": list(source.hosts),
            "size": limits.size,
        },
    )
    return list(crawl(job, manners))


def _candidates(source: Source, answers: list[Answer]) -> tuple[list[Candidate], list[Skipped]]:
    """The candidates that the answers hold, and what they left out, by origin and reason."""
    rank = {"feed": 0, "sitemap": 1, "cdx": 2}
    answers = sorted(answers, key=lambda answer: (rank[answer.ask.about["kind"]], answer.ask.url))
    hosts = urls.host_names(source.hosts)
    found = []
    skipped: collections.Counter[tuple[str, str]] = collections.Counter()
    for answer in answers:
        skipped.update({(answer.ask.url, reason): count for reason, count in answer.skipped.items()})
        for row in answer.found:
            url, why_not = _wanted(source, hosts, row["url"])
            if url is None:
                skipped[answer.ask.url, why_not] += 1
            else:
                times = {
                    k: dt.datetime.fromisoformat(row[k]) if row[k] else None for k in ("published_at", "modified_at")
                }
                place = row.get("capture") or answer.ask.url
                found.append(Candidate(url=url, discovered_from=place, title=row["title"], **times))
    counts = [Skipped(origin=origin, reason=reason, count=n) for (origin, reason), n in sorted(skipped.items())]
    return merged(found), counts


def _wanted(source: Source, hosts: set[str], url: str) -> tuple[str | None, str]:
    """The address to fetch, if it is one of an article of this source, else the reason for which it is not; that of the
    page itself for a mobile host that is not named among the source's."""
    try:
        normal = source.normalize_url(url)
    except ValueError:
        return None, "entry-bad-address"
    if not source.is_article(normal):
        return None, "entry-not-article"
    for address in (url, normal):
        if urls.is_of_host(address, hosts):
            return address, ""
    return None, "entry-other-host"


def merged(candidates: Iterable[Candidate]) -> list[Candidate]:
    """One candidate for each page, with all that was said of it, newest first."""
    pages: dict[str, Candidate] = {}
    for candidate in candidates:
        first = pages.setdefault(page_key(candidate.url), candidate)
        if first is not candidate:
            pages[page_key(candidate.url)] = dataclasses.replace(
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
    lake: Lake,
    batch: Batch,
    source: Source,
    *,
    now: dt.datetime | None = None,
    limits: Limits = LIMITS,
    replay: bool = False,
    patience: float = 60.0,
) -> dict[str, Any]:
    """Stages ``candidates``, those of an earlier run of the batch included, and ``fetches`` rows for origins that
    failed. Gives the counts ``origins``, ``candidates``, ``problems`` and, of these, ``left``: what was no time for.

    A replay asks only our own archive. Raises :class:`klartext.discover.expected_articles.NothingFound` where
    there should be some, and :class:`klartext.crawler.publisher_lock.PublisherBusy` if another run asks the publisher
    or an archive for longer than ``patience`` seconds.
    """
    interval = Interval(batch.start, batch.end, now or dt.datetime.now(dt.UTC), source.zone)
    origins = [Archive()] if replay else speaking(source, interval)
    said = [origin.gather(lake, batch, source, interval) for origin in origins]
    found = Discovery([], [], 0)
    if not replay:
        with (
            contextlib.ExitStack() as turns
        ):  # all of them before the first request: else some requests would be in vain
            manners = {
                whom: turns.enter_context(turn(lake.publisher_locks(), whom, source.fetch.delay, patience))
                for whom in sorted(asks(source, interval))
            }
            found = discover(source, batch.start, batch.end, now=interval.now, limits=limits, manners=manners)
    candidates = merged([*(c for one in said[:1] for c in one.candidates), *found.candidates,
                         *(c for one in said[1:] for c in one.candidates)])  # fmt: skip
    problems = [*found.problems, *(row for one in said for row in one.problems)]
    log = FetchLog.open(lake, batch)
    log.add_origin_failures(problems)
    log.save()
    count = lake.stage(batch, "candidates", candidates)
    if not replay:
        lake.stage(batch, "skipped_by_discover", [*found.skipped, *(row for one in said for row in one.skipped)])
    if not replay:
        expected_articles.require(lake, batch, source, count)
    asked = found.origins + sum(one.asked for one in said)
    left = sum(row.outcome == "deadline" for row in problems)
    return {"origins": asked, "candidates": count, "problems": len(problems), "left": left}
