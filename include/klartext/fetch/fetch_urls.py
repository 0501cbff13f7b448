"""Addresses that a person names, fetched into a WARC file of its own."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable
from pathlib import Path

from klartext import sources
from klartext.crawler import Ask, Limits, Record, crawl
from klartext.crawler.source_job import order
from klartext.fetch.capture_rows import row
from klartext.fetch.run import request_for, warcinfo
from klartext.fetch_log import FetchLog, row_of_answer
from klartext.model import Candidate, Fetch
from klartext.sources import Source
from klartext.urls import page_key
from klartext.warc import reader
from klartext.warc.repair import mend

_BY_HAND = "urn:klartext:by-hand"


def fetch_urls(
    wanted: Iterable[str | Candidate],
    out: Path,
    source: Source | None = None,
    *,
    limits: Limits = Limits(),  # noqa: B008
) -> list[Fetch]:
    """Fetches addresses into a new WARC file; each is asked by the rules of ``source``, else of the source it is of.

    Gives a row for each address. Raises FileExistsError if there is such a file, and
    :class:`klartext.crawler.CrawlerCrashed` after what was captured has been kept.
    """
    if out.exists():
        raise FileExistsError(f"{out} exists, and captures are never replaced: name another file")
    candidates = {page_key(c.url): c for c in map(_candidate, wanted)}
    groups: dict[str, list[Ask]] = {}
    of_slug: dict[str, Source] = {}
    for candidate in candidates.values():
        of = source or sources.of_url(candidate.url)
        hosts = [*of_slug.get(of.slug, of).hosts, *of.hosts]
        of_slug[of.slug] = of.model_copy(update={"hosts": list(dict.fromkeys(hosts))})
        groups.setdefault(of.slug, []).append(request_for(candidate))
    answers: list[Fetch] = []
    with out.open("xb") as whole:
        for number, (slug, asks) in enumerate(groups.items()):
            part = out.with_name(f"{out.name}.{number}.part")
            try:
                record = Record(path=str(part), info=warcinfo(of_slug[slug]), rotate=0)
                job = order(of_slug[slug], asks, limits, record=record, tdm=of_slug[slug].fetch.tdm)
                answers += [row_of_answer(answer, candidates[page_key(answer.ask.url)]) for answer in crawl(job)]
            finally:
                if part.exists():
                    mend(part)
                    with part.open("rb") as file:
                        shutil.copyfileobj(file, whole)
                    part.unlink()
    with out.open("rb") as file:
        captured = [row(item, _BY_HAND, dt.datetime.now(dt.UTC)) for item in reader.read(file, str(out))]
    log = FetchLog(candidates=candidates.values())
    log.add_captures(found for found in captured if found.outcome == "captured")
    log.add(answer for answer in answers if answer.outcome != "captured")
    return log.rows


def _candidate(wanted: str | Candidate) -> Candidate:
    if isinstance(wanted, Candidate):
        return wanted
    return Candidate(url=wanted, discovered_from=_BY_HAND, title=None, published_at=None, modified_at=None)
