"""A batch as the step before the gate leaves it."""

from __future__ import annotations

from klartext.batch import Batch
from klartext.lake import Lake
from klartext.model import Article, Reject
from support.sample_rows import batch, fetch, teaser


def extracted(
    lake: Lake,
    articles: list[Article],
    rejects: list[Reject] | None = None,
    captured: int | None = None,
    of: Batch | None = None,
) -> Batch:
    """A batch as extraction leaves it: a fetch for every row, or as many as are said."""
    of = of or batch()
    rejects = rejects or []
    pages = [*articles, *rejects]
    lake.stage(of, "articles", articles)
    lake.stage(of, "rejects", rejects)
    lake.stage(of, "teasers", [teaser(1)] if articles else [])
    lake.stage(of, "fetches", [
        *(fetch(page.url, capture=page.capture) for page in pages[:captured]),
        *(fetch(n, outcome="failed", reason="timeout", capture=None) for n in range(3)),
    ])  # fmt: skip
    return of
