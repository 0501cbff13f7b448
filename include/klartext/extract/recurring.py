"""Lines that are in many articles of one site, and so belong to none of them.

Counted over all articles of a batch before any is finished, so that neither their order nor how they were divided among
processes and chunks makes a difference.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from klartext.extract.clean_text import letters, weight
from klartext.sources import Source
from klartext.urls import registered_domain

LEAST = 4
"""Articles of different titles in which a line must be, and at least a fifth of them."""
LONGEST = 400
"""Characters of a line that is looked for."""
_WORD = 4
"""Letters of a word of a title that may say what the article is about."""
_TEXT = 60
"""The least size of a line of running text."""


class HasLines(Protocol):
    """What is looked at of an article."""

    article_id: str
    fetched_at: dt.datetime
    title: str
    lead: str | None
    text: str


@dataclasses.dataclass(slots=True)
class ArticleLines:
    """The columns of :class:`HasLines`, of a row."""

    article_id: str
    fetched_at: dt.datetime
    title: str
    lead: str | None
    text: str


def is_one_group(source: Source) -> bool:
    """True if all articles of a source belong together, because its file names hosts of several sites."""
    return len({registered_domain(f"https://{host}/") for host in source.hosts}) > 1


def find(articles: Sequence[HasLines]) -> frozenset[str]:
    """The lines, as letters, that recur in these articles of one site; articles of one title count once.

    What recurs only in articles about one thing is a paragraph of theirs.
    """
    if len(articles) < LEAST:
        return frozenset()
    once = {a.article_id: a for a in sorted(articles, key=lambda a: (a.article_id, a.fetched_at, a.text))}
    of_title: dict[str, set[str]] = {}
    for article in once.values():
        lines = {letters(line) for line in _lines(article) if len(line) <= LONGEST}
        of_title.setdefault(article.title.lower(), set()).update(line for line in lines if len(line) > 3)
    counts = Counter(line for lines in of_title.values() for line in lines)
    found = [line for line, count in counts.items() if count >= max(LEAST, len(of_title) / 5)]
    return frozenset(line for line in found if not _is_of_one_subject(line, of_title))


def _is_of_one_subject(line: str, of_title: dict[str, set[str]]) -> bool:
    """True if most titles of the articles with a line share two words that few of the other titles have."""
    words: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    sizes = Counter[bool]()
    for title, lines in of_title.items():
        sizes[line in lines] += 1
        words[line in lines].update({word for word in title.split() if len(word) >= _WORD})
    shared = [word for word, count in words[True].items() if count * 4 >= sizes[True] * 3]
    return sizes[False] > 0 and sum(words[False][word] * 4 < sizes[False] for word in shared) > 1


def remove(article: HasLines, recurring: frozenset[str]) -> list[str]:
    """Removes lines, given as letters, from an article's lead and text; returns the removed lines.

    None are removed if they are more than a third of the text, unless they stand in one or two places, as a notice
    below a short report, and running text is left. If that is the lead alone, it becomes the text.
    """
    lines = _lines(article)
    is_one = [letters(line) in recurring for line in lines]
    taken = list(itertools.compress(lines, is_one))
    if not taken:
        return []
    if sum(map(len, taken)) * 3 > len(article.text):
        left = [line for line, takes in zip(lines, is_one, strict=True) if not takes]
        runs = sum(takes for takes, _ in itertools.groupby(is_one))
        if runs > 2 or not any(weight(line) >= _TEXT for line in left):
            return []
    article.text = "\n".join(line for line in article.text.split("\n") if letters(line) not in recurring)
    if article.lead and letters(article.lead) in recurring:
        article.lead = None
    if not article.text and article.lead:
        article.text, article.lead = article.lead, None
    return taken


def _lines(article: HasLines) -> list[str]:
    return [*([article.lead] if article.lead else []), *article.text.split("\n")]
