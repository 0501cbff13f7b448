"""The page of the texts that an article shares with others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from klartext.console.lake_cache import TITLE_COLUMNS, LakeCache
from klartext.console.view import NotFound, View

_LISTED = 200
MEANING = {
    "copy": "half of the shorter one or more, at another publisher",
    "version": "half of the shorter one or more, at the same publisher",
    "quote": "mostly between quotation marks",
    "excerpt": "less than half, not mostly quotes",
}


def content(cache: LakeCache, view: View, article_id: str) -> dict[str, Any]:
    """What the page shows: pairs of the article with articles that the user may see, most shared words first.

    Raises:
        NotFound: there is no such article, or the user may not see it.
    """
    own = _articles(cache, view, [article_id]).get(article_id)
    if own is None:
        raise NotFound(f"There is no article {article_id} in the current view, or you may not read its source.")
    pairs = [_seen_from(article_id, pair) for pair in shared_pairs(cache, article_id)]
    others = _articles(cache, view, [pair["id"] for pair in pairs])
    shown = [pair | {"article": others[pair["id"]]} for pair in pairs if pair["id"] in others]
    shown.sort(key=lambda pair: (-pair["shared_words"], pair["id"]))
    return {"article": own, "pairs": shown[:_LISTED], "count": len(shown), "meaning": MEANING}


def shared_pairs(cache: LakeCache, article_id: str) -> list[dict[str, Any]]:
    """The rows of ``shared_text`` of an article, without those of articles that were taken down."""
    taken_down = cache.lake.takedown_filter().identifiers
    found: list[dict[str, Any]] = []
    for rows in cache.shared_text():
        either = pc.or_(pc.equal(rows["article_id"], article_id), pc.equal(rows["other_id"], article_id))
        found += rows.filter(either).to_pylist()
    return [row for row in found if taken_down.isdisjoint((row["article_id"], row["other_id"]))]


def _seen_from(article_id: str, pair: dict[str, Any]) -> dict[str, Any]:
    """The pair as seen from one article: ``id`` is the other one, ``of_own`` and ``of_other`` are the shares."""
    is_this = pair["article_id"] == article_id
    shares = (pair["share_of_this"], pair["share_of_other"])
    own, other = shares if is_this else reversed(shares)
    return pair | {"id": pair["other_id"] if is_this else pair["article_id"], "of_own": own, "of_other": other}


def _articles(cache: LakeCache, view: View, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Some articles of sources that the user may see, by their ids, with their ``source``."""
    wanted = pa.array(sorted(set(ids)), pa.string())
    found: dict[str, dict[str, Any]] = {}
    for source, rows in cache.titles(view.may_read):
        for row in rows.filter(pc.is_in(rows["article_id"], value_set=wanted)).select(TITLE_COLUMNS).to_pylist():
            found[row["article_id"]] = row | {"source": source}
    return found
