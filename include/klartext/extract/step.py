"""The step: all captures of a batch to articles, teasers and rejects."""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from klartext.batch import Batch
from klartext.extract import pool, recurring
from klartext.extract.clean_text import count_words
from klartext.extract.explain import Line
from klartext.extract.page import EXTRACTOR, version_of
from klartext.extract.worker import Result
from klartext.lake import Lake
from klartext.model import Article, Capture, Reject, Removed, Skipped, Teaser
from klartext.sources import Source
from klartext.urls import registered_domain
from klartext.warc import reader

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
    explained: list[Explanation] = dataclasses.field(default_factory=list)


def extract_batch(lake: Lake, batch: Batch, source: Source, *, generic: bool = False) -> dict[str, Any]:
    """Extracts every page of the batch's WARC files and stages articles, teasers, rejects and what was
    removed.

    Answers that are no success are outcomes of the fetch, not captures of an article, and are passed over.
    """

    def records() -> Iterator[reader.Page | reader.UnusableRecord]:
        for name in lake.raw_files(batch):
            with lake.open_raw(name) as stream:
                yield from (
                    r
                    for r in reader.read(stream, name)
                    if isinstance(r, reader.UnusableRecord) or 200 <= r.status < 300
                )

    made = extract_records(records(), lambda url: source, generic=generic)
    counts = {
        "articles": lake.stage(batch, "articles", made.articles),
        "teasers": lake.stage(batch, "teasers", made.teasers),
        "rejects": lake.stage(batch, "rejects", made.rejects),
    }
    lake.stage(batch, "removed", [Removed(rule=rule, characters=n) for rule, n in sorted(made.removed.items())])
    lake.stage(
        batch,
        "skipped_by_extract",
        [Skipped(origin=file, reason=code, count=n) for (file, code), n in sorted(made.skipped.items())],
    )
    by_rule = {"removed_characters": made.removed, "rules_not_believed": made.disbelieved}
    return counts | {name: dict(sorted(counter.items())) for name, counter in by_rule.items()}


def extract_records(
    records: Iterable[reader.Page | reader.UnusableRecord],
    source_of: Callable[[str], Source],
    *,
    generic: bool = False,
    explain: bool = False,
) -> Extracted:
    """The pure form: records in, rows out. ``source_of`` gives the source of an address; with ``explain`` every line of
    every page is in the result, of those without an article too."""
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
    for index, result in pool.extract_all(tasks(), workers=min(2, os.cpu_count() or 1)):
        for line in result.lines:
            if line.rule and not line.keep:
                removed[line.rule] += len(line.text)
        results[places[index]] = result if explain else dataclasses.replace(result, lines=[])
        disbelieved.update(result.disbelieved)
    for place, taken in _furniture(sources, results).items():
        removed["recurring"] += sum(map(len, taken))
        lines = [
            line._replace(keep=False, rule="recurring", earlier=(*line.earlier, line.rule))
            if line.text in taken
            else line
            for line in results[place].lines
        ]
        results[place] = dataclasses.replace(results[place], lines=lines)
    made = Extracted(removed=removed, disbelieved=disbelieved)
    for place, record in sorted(kept.items()):
        outcome = results.get(place)
        made.skipped.update((record.capture.file, note) for note in (outcome.notes if outcome else ()))
        if outcome is not None and outcome.lines:
            made.explained.append((record.url or "", outcome.lines, outcome.disbelieved))
        if outcome is not None and outcome.article is not None:
            made.articles.append(outcome.article)
            made.teasers.extend(outcome.teasers)
        else:
            reason, detail = _why(record, outcome)
            made.rejects.append(_reject(record, sources.get(place), reason, detail))
    return made


def _furniture(sources: dict[int, Source], results: dict[int, Result]) -> dict[int, list[str]]:
    """Takes recurring lines out of the articles; gives the lines taken by the place of the page.

    Articles of one site belong together: a batch of many sites has lines that recur on one of them only.
    """
    by_source: dict[tuple[str, str], list[tuple[int, Article]]] = {}
    for place, result in sorted(results.items()):
        if result.article:
            own = len({registered_domain(f"https://{host}/") for host in sources[place].hosts}) > 1
            site = "" if own else registered_domain(result.article.url)
            by_source.setdefault((sources[place].slug, site), []).append((place, result.article))
    found = {}
    for group in by_source.values():
        furniture = recurring.find([article for _, article in group])
        for place, article in group:
            if furniture and (taken := recurring.without(article, furniture)):
                article.word_count = count_words(f"{article.lead or ''} {article.text}")
                article.version_id = version_of(article)
                found[place] = taken
    return found


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
        "url": record.url, "publisher": source.name if source else None, "fetched_at": record.fetched_at,
        "discovered_from": record.via if isinstance(record, reader.Page) else None, "capture": capture,
        "extractor": EXTRACTOR, "stage": "extract", "reasons": [reason], "detail": detail,
    }  # fmt: skip
    return Reject(**known)
