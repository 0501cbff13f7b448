"""Captures to articles, teasers and rejects, without a lake: records in, rows out."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from klartext.extract import pool, recurring
from klartext.extract.clean_text import count_words
from klartext.extract.explain import OUTSIDE, Line
from klartext.extract.page import EXTRACTOR, version_of
from klartext.extract.worker import Result
from klartext.model import Article, Capture, Reject, Teaser
from klartext.sources import Source
from klartext.urls import site_of
from klartext.warc import reader

SelectorKey = tuple[str, str, str]
"""Rules, their key, and a selector of that key."""
Explanation = tuple[str, list[Line], list[str]]
"""A page's address, its lines with what decided on them, and the rules that were not believed."""


@dataclasses.dataclass(slots=True)
class Extracted:
    """What a batch of captures gave, each list in the captures' order."""

    articles: list[Article] = dataclasses.field(default_factory=list)
    teasers: list[Teaser] = dataclasses.field(default_factory=list)
    rejects: list[Reject] = dataclasses.field(default_factory=list)
    removed: Counter[str] = dataclasses.field(default_factory=Counter)
    """Characters that each rule took out."""
    disbelieved: Counter[str] = dataclasses.field(default_factory=Counter)
    """Pages on which a rule would have taken more than a third, and took nothing."""
    skipped: Counter[tuple[str, str]] = dataclasses.field(default_factory=Counter)
    """Pages of which a part was not read, by WARC file and stable code."""
    selectors: Counter[SelectorKey] = dataclasses.field(default_factory=Counter)
    """Pages of articles on which a selector of the rules matched; without a key and a selector all that were read with
    these rules."""
    explained: list[Explanation] = dataclasses.field(default_factory=list)
    noise: Counter[tuple[str, int]] = dataclasses.field(default_factory=Counter)
    """Characters that rules took out of each page, by file and offset of its capture."""


def extract_records(
    records: Iterable[reader.Page | reader.UnusableRecord],
    source_of: Callable[[str], Source],
    *,
    generic: bool = False,
    explain: bool = False,
    keep_recurring: bool = False,
    workers: int | None = None,
) -> Extracted:
    """Extracts pages.

    Args:
        records: the pages, and records that ought to be one.
        source_of: gives the source of an address.
        generic: ignore the rules of sources.
        explain: every line of every page is in the result, of those without an article too.
        keep_recurring: leave the lines that recur in many articles of a site, because the records are not all of
            their batch; :func:`klartext.extract.chunks.gather` removes them.
        workers: number of processes; by default :func:`klartext.extract.pool.process_count`.
    """
    kept: dict[int, reader.Page | reader.UnusableRecord] = {}
    sources: dict[int, Source] = {}
    order = iter(range(1 << 62))
    places: list[int] = []

    def tasks() -> Iterator[pool.Task]:
        for record in records:
            place = next(order)
            # the body is the child's; here only what a reject needs is held
            kept[place] = dataclasses.replace(record, body=b"") if isinstance(record, reader.Page) else record
            if isinstance(record, reader.Page):
                sources[place] = source_of(record.url)
                places.append(place)
                yield (record, sources[place], generic, True) if explain else (record, sources[place], generic)

    results: dict[int, Result] = {}
    removed: Counter[str] = Counter()
    disbelieved: Counter[str] = Counter()
    noise: Counter[tuple[str, int]] = Counter()
    for index, result in pool.extract_all(tasks(), workers=workers or pool.process_count()):
        for line in result.lines:
            if line.rule and not line.keep:
                removed[line.rule] += len(line.text)
                if line.rule not in ("lead", OUTSIDE):
                    capture = kept[places[index]].capture
                    noise[capture.file, capture.offset] += len(line.text)
        results[places[index]] = result if explain else dataclasses.replace(result, lines=[])
        disbelieved.update(result.disbelieved)
    for place, taken in ({} if keep_recurring else _recurring_lines(sources, results)).items():
        removed["recurring"] += sum(map(len, taken))
        lines = [
            line._replace(keep=False, rule="recurring", earlier=(*line.earlier, line.rule))
            if line.text in taken
            else line
            for line in results[place].lines
        ]
        results[place] = dataclasses.replace(results[place], lines=lines)
    made = Extracted(removed=removed, disbelieved=disbelieved, noise=noise)
    for place, record in sorted(kept.items()):
        outcome = results.get(place)
        made.skipped.update((record.capture.file, note) for note in (outcome.notes if outcome else ()))
        if isinstance(record, reader.Page) and outcome is not None and not generic:
            made.selectors.update(_matches(record, sources[place], outcome))
        if outcome is not None and outcome.lines:
            made.explained.append((record.url or "", outcome.lines, outcome.disbelieved))
        if outcome is not None and outcome.article is not None:
            made.articles.append(outcome.article)
            made.teasers.extend(outcome.teasers)
        else:
            reason, detail = _why(record, outcome)
            made.rejects.append(_reject(record, sources.get(place), reason, detail))
    return made


def _matches(page: reader.Page, source: Source, outcome: Result) -> list[SelectorKey]:
    """What a page adds to :attr:`Extracted.selectors`; nothing for a page that is no article by its address."""
    layout = source.layout(page.fetched_at.astimezone(source.zone).date())
    if layout is None or outcome.matched is None or not source.should_be_article(page.url):
        return []
    rules = source.rules_name(layout)
    return [(rules, "", ""), *((rules, *layout.places[number]) for number in outcome.matched)]


def _recurring_lines(sources: dict[int, Source], results: dict[int, Result]) -> dict[int, list[str]]:
    """Removes recurring lines from the articles; returns the removed lines by the place of the page.

    Articles of one site belong together: a batch of many sites has lines that recur on one of them only.
    """
    groups: dict[tuple[str, str], list[tuple[int, Article]]] = {}
    for place, result in sorted(results.items()):
        if result.article:
            site = "" if recurring.is_one_group(sources[place]) else result.article.site
            groups.setdefault((sources[place].slug, site), []).append((place, result.article))
    found = {}
    for group in groups.values():
        lines = recurring.find([article for _, article in group])
        for place, article in group:
            if lines and (taken := recurring.remove(article, lines)):
                finish(article)
                found[place] = taken
    return found


def finish(article: Article) -> None:
    """Computes the columns that follow from an article's lead and text, after these have changed."""
    article.word_count = count_words(f"{article.lead or ''} {article.text}")
    article.version_id = version_of(article)


def _why(record: reader.Page | reader.UnusableRecord, outcome: Result | None) -> tuple[str, str | None]:
    if isinstance(record, reader.UnusableRecord):
        return record.reason, record.detail
    assert outcome is not None and outcome.reason is not None
    return outcome.reason, outcome.detail


def _reject(
    record: reader.Page | reader.UnusableRecord, source: Source | None, reason: str, detail: str | None
) -> Reject:
    """A row of what is known of a capture that gave no article; the rest is null."""
    capture: Capture = record.capture
    known: dict[str, Any] = {f.name: None for f in dataclasses.fields(Reject)}
    known |= {name: [] for name in ("authors", "agencies", "topics", "images")}
    known |= {
        "url": record.url, "site": site_of(record.url), "publisher": source.name if source else None,
        "fetched_at": record.fetched_at,
        "discovered_from": record.via if isinstance(record, reader.Page) else None, "capture": capture,
        "extractor": EXTRACTOR, "stage": "extract", "reasons": [reason], "detail": detail,
    }  # fmt: skip
    return Reject(**known)
