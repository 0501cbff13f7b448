"""Fetches addresses that a person names into a WARC file outside of the lake."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import BinaryIO

from klartext import sources
from klartext.crawler import CrawlRequest, CrawlResult, Limits, build_job, crawl
from klartext.fetch.capture_rows import row_of_record
from klartext.fetch.run import request_for, warcinfo
from klartext.fetch_log import FetchLog, row_of_result
from klartext.model import Candidate, Fetch
from klartext.sources import Source
from klartext.track import Track, untracked
from klartext.warc import reader
from klartext.warc.exchange import WarcOutput
from klartext.warc.repair import repair_file

_BY_HAND = "urn:klartext:by-hand"
_NO_SOURCE = Source(slug="unknown", name="unknown", hosts=["unknown"])


def fetch_urls(
    wanted: Iterable[str | Candidate],
    out: Path,
    source: Source | None = None,
    *,
    limits: Limits = Limits(),  # noqa: B008
    track: Track = untracked,
) -> list[Fetch]:
    """Fetches addresses into a new WARC file; returns a row for each.

    Args:
        wanted: addresses, or candidates with a title and time.
        out: the file to write.
        source: whose delay and other settings apply; that of each address if left out.
        track: shows how many pages are done.

    Raises:
        FileExistsError: ``out`` exists.
        klartext.crawler.CrawlerCrashed: after all captures have been written to ``out``.
        klartext.sources.SourceError: the source file of an address cannot be used.
    """
    if out.exists():
        raise FileExistsError(f"{out} exists, and captures are never replaced: name another file")

    def page_key(url: str) -> str:
        return (source or _source_of(url)).page_key(url)

    candidates = {page_key(c.url): c for c in map(_candidate, wanted)}
    requests_of: dict[str, list[CrawlRequest]] = {}
    by_slug: dict[str, Source] = {}
    for candidate in candidates.values():
        own = source or _source_of(candidate.url)
        hosts = [*by_slug.get(own.slug, own).hosts, *own.hosts]
        by_slug[own.slug] = own.model_copy(update={"hosts": list(dict.fromkeys(hosts))})
        requests_of.setdefault(own.slug, []).append(request_for(candidate))

    def crawl_all(whole: BinaryIO) -> Generator[CrawlResult]:
        for number, (slug, requests) in enumerate(requests_of.items()):
            part = out.with_name(f"{out.name}.{number}.part")
            try:
                output = WarcOutput(path=str(part), info=warcinfo(by_slug[slug]), rotate=0)
                yield from crawl(build_job(by_slug[slug], requests, limits, output=output, tdm=by_slug[slug].fetch.tdm))
            finally:
                if part.exists():
                    repair_file(part)
                    with part.open("rb") as file:
                        shutil.copyfileobj(file, whole)
                    part.unlink()

    with out.open("xb") as whole, contextlib.closing(crawl_all(whole)) as results:
        rows = [
            row_of_result(result, candidates[page_key(result.request.url)])
            for result in track(results, "fetching", len(candidates))
        ]
    with out.open("rb") as file:
        captured = [row_of_record(item, _BY_HAND, dt.datetime.now(dt.UTC)) for item in reader.read(file, str(out))]
    log = FetchLog(candidates=candidates.values(), page_key=page_key)
    log.add_captures(found for found in captured if found.outcome == "captured")
    log.add(row for row in rows if row.outcome != "captured")
    return log.rows


def _candidate(wanted: str | Candidate) -> Candidate:
    if isinstance(wanted, Candidate):
        return wanted
    return Candidate(url=wanted, discovered_from=_BY_HAND, title=None, published_at=None, modified_at=None)


def _source_of(url: str) -> Source:
    """The source of an address; for what is no address one that the crawler refuses."""
    try:
        return sources.of_url(url)
    except sources.SourceError:
        raise
    except ValueError:
        return _NO_SOURCE
