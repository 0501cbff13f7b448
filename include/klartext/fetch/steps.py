"""The step: what the batch has not captured yet is asked for, politely, and everything gets its row."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from klartext import ledger, sources, warc
from klartext.batch import Batch
from klartext.crawler import Answer, Ask, CrawlerCrashed, Limits, Record, crawl, user_agent
from klartext.crawler.order import memento, order
from klartext.crawler.turn import PublisherBusy, turn
from klartext.fetch import again
from klartext.fetch.captures import row
from klartext.fetch.salvage import mend
from klartext.lake import barred
from klartext.model import Candidate, Capture, Fetch
from klartext.sources import Source

if TYPE_CHECKING:
    from klartext.lake import Lake

_BY_HAND = "urn:klartext:by-hand"
_UNTOLD = "urn:klartext:untold"


class CandidatesLost(RuntimeError):
    """The account of a batch does not add up: a candidate has no outcome."""


def fetch_batch(
    lake: Lake,
    batch: Batch,
    source: Source,
    *,
    limits: Limits = Limits(),  # noqa: B008
    now: dt.datetime | None = None,
    patience: float = 60.0,
) -> dict[str, Any]:
    """Fetches the batch's candidates into its raw files and stages ``fetches``.

    What an earlier run captured stays and is not asked for again, nor is what a publisher has answered for good. A page
    that another batch has captured is ``unchanged``, and asked for only if its origin says that it changed or the
    source's plan that it is time. Gives ``candidates``, ``asked`` and the number of pages by outcome, discovery's
    failed origins included.

    Raises :class:`CrawlerCrashed` after all that was captured has been kept; the next run goes on from there. Raises
    :class:`CandidatesLost` if the account does not add up, and :class:`PublisherBusy` if another run asks the publisher
    for longer than ``patience`` seconds.
    """
    scratch, now = lake.scratch(batch), now or dt.datetime.now(dt.UTC)
    _keep(lake, batch, scratch)
    wanted = _wanted(lake, batch)
    rows = _with_captures(ledger.rows(lake, batch), _captured(lake, batch, lake.raw_files(batch)), wanted)
    settled = {key for key, last in ledger.latest(rows).items() if ledger.is_settled(last)}
    tried = {ledger.key(found.url) for found in rows}  # what this batch has begun to ask for it goes on with
    pages = again.captured(lake, batch, source, (c for key, c in wanted.items() if key not in tried), now)
    wanted = again.revisits(batch, source, pages, now) | wanted
    fresh = {key: candidate for key, candidate in wanted.items() if key not in settled}
    alike = {key for key, candidate in fresh.items()
             if key in pages and key not in tried and not again.is_due(source, candidate, pages[key], now)}  # fmt: skip
    rows = ledger.extended(rows, (again.unasked(wanted[key], pages[key], now) for key in sorted(alike)))
    todo = [candidate for key, candidate in fresh.items() if key not in alike]
    taken_down = [candidate for candidate in todo if candidate.url.startswith(barred.URN)]
    rows = ledger.extended(rows, (_refused(candidate, barred.REASON) for candidate in taken_down))
    todo = [candidate for candidate in todo if candidate not in taken_down]
    room = max(0, source.fetch.limit - ledger.counts(rows)["captured"])
    rows = ledger.extended(rows, (_refused(candidate, "limit") for candidate in todo[room:]))
    if todo[:room]:
        record = Record(path=str(scratch / "fetch.warc.gz"), info=_warcinfo(source, batch))
        asks = _asks(todo[:room], memento(source, batch.end))
        asks = [again.conditional(lake, ask, page) if (page := pages.get(ledger.key(ask.url))) else ask for ask in asks]
        have = {ledger.key(u) for r in rows if r.outcome == "captured" for u in (r.url, r.final_url or r.url)}
        job = order(source, asks, limits, record=record, have=sorted(have), tdm=source.fetch.tdm)
        answers: list[Answer] = []
        with turn(lake.turns(), source.slug, source.fetch.delay, patience):
            crashed = True
            try:
                for answer in crawl(job):
                    answers.append(answer)
                crashed = False
            finally:
                kept = _keep(lake, batch, scratch, whole=not crashed)
                rows = ledger.extended(rows, _told(answers, kept, wanted))
                if crashed:  # what was written and not yet told
                    rows = _with_captures(rows, _captured(lake, batch, kept.values()), wanted)
                lake.stage(batch, "fetches", ledger.ordered(rows))
    else:
        lake.stage(batch, "fetches", ledger.ordered(rows))
    if lost := wanted.keys() - ledger.latest(rows).keys():
        raise CandidatesLost(f"{len(lost)} candidates of {batch.name} have no outcome, {min(lost)} among them")
    return {"candidates": len(wanted), "asked": len(todo[:room]), **ledger.counts(rows)}


def fetch_urls(
    wanted: Iterable[str | Candidate],
    out: Path,
    source: Source | None = None,
    *,
    limits: Limits = Limits(),  # noqa: B008
) -> list[Fetch]:
    """Fetches addresses into a new WARC file; each is asked by the rules of ``source``, else of the source it is of.

    Gives a row for each address. Raises FileExistsError if there is such a file, and :class:`CrawlerCrashed` after
    what was captured has been kept.
    """
    if out.exists():
        raise FileExistsError(f"{out} exists, and captures are never replaced: name another file")
    candidates = {ledger.key(c.url): c for c in map(_candidate, wanted)}
    groups: dict[str, list[Candidate]] = {}
    of_slug: dict[str, Source] = {}
    for candidate in candidates.values():
        of = source or sources.of_url(candidate.url)
        hosts = [*of_slug.get(of.slug, of).hosts, *of.hosts]
        of_slug[of.slug] = of.model_copy(update={"hosts": list(dict.fromkeys(hosts))})
        groups.setdefault(of.slug, []).append(candidate)
    answers: list[Fetch] = []
    with out.open("xb") as whole:
        for number, (slug, group) in enumerate(groups.items()):
            part = out.with_name(f"{out.name}.{number}.part")
            try:
                record = Record(path=str(part), info=_warcinfo(of_slug[slug]), rotate=0)
                job = order(of_slug[slug], _asks(group, {}), limits, record=record, tdm=of_slug[slug].fetch.tdm)
                answers += [ledger.of_answer(answer, candidates[ledger.key(answer.ask.url)]) for answer in crawl(job)]
            finally:
                if part.exists():
                    mend(part)
                    with part.open("rb") as file:
                        shutil.copyfileobj(file, whole)
                    part.unlink()
    with out.open("rb") as file:
        captured = [row(item, _BY_HAND, dt.datetime.now(dt.UTC)) for item in warc.read(file, str(out))]
    rows = _with_captures([], [found for found in captured if found.outcome == "captured"], candidates)
    return ledger.ordered([*rows, *(answer for answer in answers if answer.outcome != "captured")])


def _candidate(wanted: str | Candidate) -> Candidate:
    if isinstance(wanted, Candidate):
        return wanted
    return Candidate(url=wanted, discovered_from=_BY_HAND, title=None, published_at=None, modified_at=None)


def _asks(candidates: Iterable[Candidate], headers: dict[str, str]) -> list[Ask]:
    def told(candidate: Candidate) -> str | None:
        return candidate.published_at.isoformat() if candidate.published_at else None

    return [Ask(url=c.url, via=c.discovered_from, published=told(c), headers=headers) for c in candidates]


def _warcinfo(source: Source, batch: Batch | None = None) -> dict[str, str]:
    info = {"software": user_agent(), "http-header-user-agent": user_agent(), "robots": "obey", "isPartOf": source.slug}
    return info | ({"description": f"batch {batch.name}"} if batch else {})


def _keep(lake: Lake, batch: Batch, scratch: Path, *, whole: bool = False) -> dict[str, str]:
    """Moves what lies finished, or was left unfinished, to the raw files; a file without a response is of no use.

    Gives the names of the raw files by those that they had. ``whole`` says that whoever wrote them came to its end.
    """
    kept = {}
    for path in sorted(scratch.glob("*.warc.gz")):
        if whole or mend(path):
            kept[path.name] = lake.keep_raw(batch, path)
        else:
            path.unlink()
    return kept


def _told(answers: Iterable[Answer], kept: dict[str, str], wanted: dict[str, Candidate]) -> Iterator[Fetch]:
    """The rows of what the crawler answered, each with the record of its exchange where that shows the page."""
    for answer in answers:
        found = ledger.of_answer(answer, wanted.get(ledger.key(answer.ask.url)))
        place = answer.place
        if place and found.outcome in ("captured", "unchanged"):
            found.capture = Capture(file=kept[place.file], offset=place.offset, digest=place.digest)
        yield found


def _captured(lake: Lake, batch: Batch, names: Iterable[str]) -> list[Fetch]:
    """Rows of the pages in raw files, and of pages of which none can be made."""
    found = []
    for name in names:
        with lake.open_raw(name) as file:
            rows = (row(item, _UNTOLD, batch.start) for item in warc.read(file, name))
            found += [page for page in rows if page.outcome == "captured" or page.status is None]
    return found


def _wanted(lake: Lake, batch: Batch) -> dict[str, Candidate]:
    """Candidates by page: those discovered, and those of earlier runs that no origin names any more."""
    wanted = {ledger.key(candidate.url): candidate for candidate in ledger.candidates(lake, batch)}
    for key, last in ledger.latest(ledger.rows(lake, batch)).items():
        if not ledger.is_settled(last) and not _is_origin(last):
            wanted.setdefault(
                key,
                Candidate(
                    url=last.url,
                    discovered_from=last.discovered_from,
                    title=last.candidate_title,
                    published_at=last.candidate_published_at,
                    modified_at=None,
                ),
            )
    return wanted


def _is_origin(found: Fetch) -> bool:
    """Whether a row tells of a feed or sitemap that failed: discovery asks those."""
    return found.discovered_from.startswith(ledger.ORIGIN)


def _with_captures(rows: list[Fetch], captured: Iterable[Fetch], wanted: dict[str, Candidate]) -> list[Fetch]:
    """The rows with those of captures that have none yet."""
    told = {(found.capture.file, found.capture.offset) for found in rows if found.capture}
    news = []
    for page in captured:
        if page.capture and (page.capture.file, page.capture.offset) not in told:
            candidate = wanted.get(ledger.key(page.url))
            if candidate:
                page = ledger.told(page, candidate)
            news.append(page)
    return ledger.extended(rows, news)


def _refused(candidate: Candidate, reason: str) -> Fetch:
    return Fetch(
        url=candidate.url,
        discovered_from=candidate.discovered_from,
        outcome="refused",
        reason=reason,
        status=None,
        final_url=None,
        bytes=None,
        attempt=1,
        fetched_at=dt.datetime.now(dt.UTC),
        capture=None,
        candidate_title=candidate.title,
        candidate_published_at=candidate.published_at,
    )


__all__ = ["CrawlerCrashed", "PublisherBusy", "fetch_batch", "fetch_urls"]
