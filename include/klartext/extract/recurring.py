"""Lines that are in many articles of one site, and so belong to none of them.

Counted over all articles of a batch before any is finished, so that neither their order nor how they were divided among
processes and chunks makes a difference.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from klartext.extract.blocks import letters
from klartext.sources import Source
from klartext.urls import registered_domain

LEAST = 4
"""Articles in which a line must be, and at least a fifth of them."""
LONGEST = 400
"""Characters of a line that is looked for."""


class HasLines(Protocol):
    """What is looked at of an article."""

    article_id: str
    fetched_at: dt.datetime
    lead: str | None
    text: str


@dataclasses.dataclass(slots=True)
class ArticleLines:
    """The columns of :class:`HasLines`, of a row."""

    article_id: str
    fetched_at: dt.datetime
    lead: str | None
    text: str


def is_one_group(source: Source) -> bool:
    """True if all articles of a source belong together, because its file names hosts of several sites."""
    return len({registered_domain(f"https://{host}/") for host in source.hosts}) > 1


def find(articles: Sequence[HasLines]) -> frozenset[str]:
    """The lines, as letters, that recur in these articles of one site; each article counts once."""
    if len(articles) < LEAST:
        return frozenset()
    once = {a.article_id: a for a in sorted(articles, key=lambda a: (a.article_id, a.fetched_at, a.text))}
    counts: Counter[str] = Counter()
    for article in once.values():
        lines = {letters(line) for line in _lines(article) if len(line) <= LONGEST}
        counts.update(line for line in lines if len(line) > 3)
    return frozenset(line for line, count in counts.items() if count >= max(LEAST, len(once) / 5))


def remove(article: HasLines, recurring: frozenset[str]) -> list[str]:
    """Removes lines, given as letters, from an article's lead and text; returns the removed lines. None are removed if
    they are more than a third of the text."""
    taken = [line for line in _lines(article) if letters(line) in recurring]
    if not taken or sum(map(len, taken)) * 3 > len(article.text):
        return []
    article.text = "\n".join(line for line in article.text.split("\n") if letters(line) not in recurring)
    if article.lead and letters(article.lead) in recurring:
        article.lead = None
    return taken


def _lines(article: HasLines) -> list[str]:
    return [*([article.lead] if article.lead else []), *article.text.split("\n")]
