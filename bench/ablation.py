"""What each rule of the extraction is worth: the quality with all rules against that without one, by set of pages.

A rule is only left out on the pages on which it decided something; on all others it makes no difference. A rule whose
sum over the sets is not above nothing fits the pages that it was written on and should be confined or dropped.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import measures
from klartext import sources
from klartext.extract import page as pages
from klartext.extract.html_parsing import NotHtml
from klartext.warc import reader

Gold = dict[str, Any]
NOT_RULES = frozenset(("", "trafilatura", "running-text", "in-body", "only-text"))
"""Decisions that no rule takes away: the choice itself."""


@dataclasses.dataclass(slots=True)
class Effect:
    """What a rule changes on one page: positive is what it gains."""

    f1: float
    leaked: int
    lost: int


def effects(page: reader.Page, gold: Gold) -> dict[str, Effect]:
    """The effect of every rule that decided something on a page, with the generic rules."""
    source = sources.of_url(page.url)
    try:
        made = pages.extract(page, source, generic=True)
    except (NotHtml, pages.NoArticle):
        return {}
    used = {name for block in made.lines for name in (block.rule, *(rule for _, rule in block.earlier))} - NOT_RULES
    whole = measures.score(gold, dataclasses.asdict(made.article))
    found = {}
    for rule in sorted(used):
        try:
            article = pages.extract(page, source, generic=True, without=[rule]).article
        except pages.NoArticle:
            part = measures.score(gold, None)
        else:
            part = measures.score(gold, dataclasses.asdict(article))
        found[rule] = Effect(whole.f1 - part.f1, part.leaked - whole.leaked, part.lost - whole.lost)
    return found


def _effects(pair: tuple[reader.Page, Gold]) -> dict[str, Effect]:
    return effects(*pair)


def ablate(console: Console, sets: dict[str, Sequence[tuple[reader.Page, Gold]]], workers: int = 2) -> None:
    """Prints what each rule is worth by set: f1 that it gains over all pages, in thousandths, the pages on which it
    decided something, leaked lines that it avoids and lines of the article that it loses."""
    total: dict[str, dict[str, list[Effect]]] = defaultdict(lambda: defaultdict(list))
    with ProcessPoolExecutor(workers) as pool:
        for name, some in sets.items():
            for found in pool.map(_effects, some, chunksize=8):
                for rule, effect in found.items():
                    total[rule][name].append(effect)
    table = Table("rule", title="f1 gained in thousandths (pages; leaked lines avoided, lines of the article lost)")
    for name in sets:
        table.add_column(f"{name}, {len(sets[name])} pages", justify="right")
    table.add_column("sum", justify="right")

    def gain(rule: str, name: str) -> float:
        return 1000 * sum(e.f1 for e in total[rule][name]) / max(1, len(sets[name]))

    for rule in sorted(total, key=lambda r: -sum(gain(r, name) for name in sets)):
        cells = []
        for name in sets:
            some = total[rule][name]
            avoided, lost = sum(e.leaked for e in some), -sum(e.lost for e in some)
            cells.append(f"{gain(rule, name):+.2f} ({len(some)}; {avoided}, {lost})" if some else "")
        table.add_row(rule, *cells, f"{sum(gain(rule, name) for name in sets):+.2f}")
    console.print(table)
