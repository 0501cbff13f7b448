"""The step discover: requests the origins of a source that cover the interval, and stages candidates."""

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
from klartext.crawler import CrawlPoliteness, CrawlRequest, CrawlResult, Limits, build_job, crawl
from klartext.crawler.publisher_lease import lease_publisher
from klartext.discover import expected_articles
from klartext.discover.covering_origins import require_origins
from klartext.discover.interval import Interval
from klartext.discover.origins import Archive, origins_covering
from klartext.fetch_log import FetchLog, origin_name, row_of_result
from klartext.model import Candidate, Fetch, Skipped
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.lake import Lake

LIMITS = Limits(size=64 * 1024 * 1024, deadline=3600.0)
"""A sitemap may be 50 MB long by its standard."""


@dataclasses.dataclass(frozen=True, slots=True)
class Discovery:
    """What the origins of a source list for an interval.

    Attributes:
        candidates: one for each page, newest first.
        problems: a row for each origin that could not be requested or read.
        origins: number of feeds and sitemaps requested, those that an index named included.
        skipped: number of entries left out or read only in part, by origin and reason.
    """

    candidates: list[Candidate]
    problems: list[Fetch]
    origins: int
    skipped: list[Skipped] = dataclasses.field(default_factory=list)


def requests_by_lease(source: Source, interval: Interval) -> dict[str, list[CrawlRequest]]:
    """The crawler's requests for an interval, by the name of the publisher lock that they need."""
    found: dict[str, list[CrawlRequest]] = {}
    for origin in origins_covering(source, interval):
        if wanted := origin.requests(source, interval):
            found.setdefault(origin.lease_name(source), []).extend(wanted)
    return found


def discover(
    source: Source,
    start: dt.datetime,
    end: dt.datetime,
    *,
    now: dt.datetime | None = None,
    limits: Limits = LIMITS,
    politeness: Mapping[str, CrawlPoliteness] | None = None,
) -> Discovery:
    """Lists what a source published in an interval, from the origins that do not need a lake.

    Args:
        start, end: the interval, with a time zone.
        now: when the origins are requested, with a time zone; the present if left out.
        politeness: by name of a publisher lock that the caller holds, what the lock yielded.

    Origins that fail are problems of the result, never an error. Raises :class:`klartext.crawler.CrawlerCrashed`.
    """
    interval = Interval(start, end, now or dt.datetime.now(dt.UTC), source.zone)
    results = []
    for lease_name, wanted in requests_by_lease(source, interval).items():
        results += crawl_origins(source, interval, wanted, limits, (politeness or {}).get(lease_name))
    failed = [row_of_result(result) for result in results if result.outcome != "captured"]
    problems = [dataclasses.replace(row, discovered_from=origin_name(source.slug)) for row in failed]
    candidates, skipped = _candidates(source, results)
    return Discovery(candidates, sorted(problems, key=lambda row: row.url), len(results), skipped)


def crawl_origins(
    source: Source,
    interval: Interval,
    wanted: list[CrawlRequest],
    limits: Limits = LIMITS,
    politeness: CrawlPoliteness | None = None,
) -> list[CrawlResult]:
    """Requests feeds, sitemaps and indexes; returns their results, read by the handler, in the order of their ends.

    Raises :class:`klartext.crawler.CrawlerCrashed`.
    """
    if not wanted:
        return []
    more_hosts = [urlsplit(request.url).netloc for request in wanted]
    own = [f"https://{host}/" for host in source.hosts]
    job = build_job(
        source,
        wanted,
        limits,
        more_hosts=more_hosts,
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
    return list(crawl(job, politeness))


def _candidates(source: Source, results: list[CrawlResult]) -> tuple[list[Candidate], list[Skipped]]:
    """The candidates in the results, and what was left out, by origin and reason."""
    rank = {"feed": 0, "sitemap": 1, "cdx": 2}
    results = sorted(results, key=lambda result: (rank[result.request.context["kind"]], result.request.url))
    hosts = urls.host_names(source.hosts)
    found = []
    skipped: collections.Counter[tuple[str, str]] = collections.Counter()
    for result in results:
        skipped.update({(result.request.url, reason): count for reason, count in result.skipped.items()})
        for row in result.rows:
            url, why_not = _wanted(source, hosts, row["url"])
            if url is None:
                skipped[result.request.url, why_not] += 1
            else:
                times = {
                    k: dt.datetime.fromisoformat(row[k]) if row[k] else None for k in ("published_at", "modified_at")
                }
                origin = row.get("capture") or result.request.url
                found.append(Candidate(url=url, discovered_from=origin, title=row["title"], **times))
    counts = [Skipped(origin=origin, reason=reason, count=n) for (origin, reason), n in sorted(skipped.items())]
    return merged(found, source), counts


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


def merged(candidates: Iterable[Candidate], source: Source) -> list[Candidate]:
    """One candidate for each page of a source, with every title and time that an origin states of it, newest first."""
    pages: dict[str, Candidate] = {}
    for candidate in candidates:
        key = source.page_key(candidate.url)
        first = pages.setdefault(key, candidate)
        if first is not candidate:
            pages[key] = dataclasses.replace(
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
    failed.

    Args:
        now: when the batch runs, UTC.
        replay: use only what the batch found before, without a request.
        patience: seconds to wait for another run that makes requests to the publisher or an archive.

    Returns:
        The number of ``origins`` requested, of ``candidates``, of ``problems`` and, among these, of origins ``left``
        for which no time remained.

    Raises:
        klartext.discover.covering_origins.NothingCovers: no candidate, and no origin that covers the interval.
        klartext.discover.expected_articles.NothingFound: no candidate, where there are always some.
        klartext.crawler.publisher_lease.PublisherBusy: another run makes requests to the publisher or an archive.
        klartext.crawler.CrawlerCrashed: the crawler's process ended before it was done.
    """
    interval = Interval(batch.start, batch.end, now or dt.datetime.now(dt.UTC), source.zone)
    origins = [Archive()] if replay else origins_covering(source, interval)
    gathered = [origin.gather(lake, batch, source, interval) for origin in origins]
    found = Discovery([], [], 0)
    if not replay:
        # Every lock is taken before the first request: without one of them the others' requests would be useless.
        with contextlib.ExitStack() as locks:
            politeness = {
                lease_name: locks.enter_context(lease_publisher(lake.storage, lease_name, source.fetch.delay, patience))
                for lease_name in sorted(requests_by_lease(source, interval))
            }
            found = discover(source, batch.start, batch.end, now=interval.now, limits=limits, politeness=politeness)
    listed = [*(c for one in gathered[:1] for c in one.candidates), *found.candidates,
              *(c for one in gathered[1:] for c in one.candidates)]  # fmt: skip
    candidates = merged(listed, source)
    problems = [*found.problems, *(row for one in gathered for row in one.problems)]
    log = FetchLog.open(lake, batch, source)
    log.add_origin_failures(problems)
    log.save()
    count = lake.stage(batch, "candidates", candidates)
    if not replay:
        lake.stage(batch, "skipped_by_discover", [*found.skipped, *(row for one in gathered for row in one.skipped)])
    if not replay and not count:
        require_origins(source, interval)
    if not replay:
        expected_articles.require_candidates(lake, batch, source, count)
    requested = found.origins + sum(one.requests for one in gathered)
    left = sum(row.outcome == "deadline" for row in problems)
    return {"origins": requested, "candidates": count, "problems": len(problems), "left": left}
