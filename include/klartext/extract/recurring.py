"""Lines that stand in many articles of one source: furniture, whatever they say.

Counted over all articles of a batch before any is finished, so that neither their order nor how they were shared out
between processes makes a difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from klartext.extract.blocks import letters
from klartext.model import Article

LEAST = 4
"""Articles in which a line must stand, and at least a fifth of them."""
LONGEST = 400


def find(articles: Sequence[Article]) -> frozenset[str]:
    """The lines, as letters, that are furniture among these articles of one source; each article counts once."""
    once = {a.article_id: a for a in sorted(articles, key=lambda a: (a.article_id, a.fetched_at, a.text))}
    counts: Counter[str] = Counter()
    for article in once.values():
        lines = {letters(line) for line in _lines(article) if len(line) <= LONGEST}
        counts.update(line for line in lines if len(line) > 3)
    return frozenset(line for line, count in counts.items() if count >= max(LEAST, len(once) / 5))


def without(article: Article, furniture: frozenset[str]) -> list[str]:
    """Takes the furniture out of an article's lead and text; gives the lines taken. More than a third stays."""
    taken = [line for line in _lines(article) if letters(line) in furniture]
    if not taken or sum(map(len, taken)) * 3 > len(article.text):
        return []
    article.text = "\n".join(line for line in article.text.split("\n") if letters(line) not in furniture)
    if article.lead and letters(article.lead) in furniture:
        article.lead = None
    return taken


def _lines(article: Article) -> list[str]:
    return [*([article.lead] if article.lead else []), *article.text.split("\n")]
