"""The rows of ``keep``: which articles of a month are kept in a selection without duplicates."""

from __future__ import annotations

import collections

import numpy as np
import pyarrow as pa

from klartext import model
from klartext.link.verify import Shared
from klartext.link.window import Window

SHARE = 0.8
"""Share of an article's words in an earlier one from which it is a duplicate."""


def rows(window: Window, shared: Shared) -> pa.Table:
    """A row for each article of the window's month.

    Articles are considered in the order of their publication, then of their ids. One is a duplicate if enough of its
    words are in an earlier one: in one of the month before, or in one of its own month that is no duplicate. So the
    result depends on two months only.
    """
    ids = window.rows["article_id"]
    earlier: dict[int, list[int]] = collections.defaultdict(list)
    for one, another, words in zip(shared.one.tolist(), shared.another.tolist(), shared.words.tolist(), strict=True):
        for article, origin in ((one, another), (another, one)):
            after = (window.moments[article], ids[article]) > (window.moments[origin], ids[origin])
            if after and article >= window.first and words >= SHARE * window.words[article]:
                earlier[article].append(origin)
    because: dict[int, int] = {}
    for article in sorted(earlier, key=lambda number: (window.moments[number], ids[number])):
        kept = [origin for origin in earlier[article] if origin not in because]
        if kept:
            because[article] = min(kept, key=lambda number: (window.moments[number], ids[number]))
    own = np.arange(window.first, len(ids)).tolist()
    return pa.table(
        {
            "article_id": [ids[article] for article in own],
            "kept": [article not in because for article in own],
            "because_of": [ids[because[article]] if article in because else None for article in own],
        },
        model.schema(model.Keep),
    )
