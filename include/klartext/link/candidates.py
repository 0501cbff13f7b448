"""Pairs of articles that may share text: those with common fingerprints.

The join runs in DuckDB, which uses the disk where memory is not enough.
"""

from __future__ import annotations

import logging
import tempfile

import numpy as np
import pyarrow as pa

from klartext.cores import available_cores
from klartext.link.shingles import Hashes, Numbers

LEAST = 2
"""Common fingerprints of a candidate."""
LEAST_SHARE = 0.05
"""Common fingerprints of a candidate, by the fingerprints of the article that has fewer. A third of the share that
counts as shared text, because changed words between two passages cost fingerprints."""
MOST_ARTICLES = 500
"""Articles up to which a fingerprint is compared: without a bound, text that thousands of sites have, as a notice of a
content management system, would make millions of pairs."""
_MEMORY = "1GB"

logger = logging.getLogger(__name__)

_PAIRS = """
    WITH common AS (
        SELECT hash FROM fingerprints GROUP BY hash HAVING count(*) BETWEEN 2 AND $most AND max(article) >= $first
    ), near AS (
        SELECT hash, article FROM fingerprints SEMI JOIN common USING (hash)
    )
    SELECT one.article AS one, another.article AS another, count(*) AS common
    FROM near AS one JOIN near AS another ON one.hash = another.hash AND one.article < another.article
    WHERE another.article >= $first
    GROUP BY ALL HAVING count(*) >= $least
"""


def find(hashes: Hashes, articles: Numbers, counts: Numbers, first: int) -> tuple[Numbers, Numbers]:
    """The candidates, as the numbers of both articles, the smaller first; sorted.

    Args:
        hashes: fingerprints, each once for an article.
        articles: the number of the article of each.
        counts: the number of fingerprints of each article.
        first: pairs of articles with smaller numbers are not wanted.
    """
    import duckdb

    fingerprints = pa.table({"hash": hashes, "article": articles.astype(np.int32)})
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute(f"SET threads = {available_cores()}")
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        connection.execute(f"SET temp_directory = '{folder}'")
        connection.execute("SET preserve_insertion_order = false")
        connection.register("fingerprints", fingerprints)
        values = {"most": MOST_ARTICLES, "first": first, "least": LEAST}
        found = connection.sql(_PAIRS, params=values).to_arrow_table()
        left_out = connection.execute(
            "SELECT count(*) FROM (SELECT hash FROM fingerprints GROUP BY hash HAVING count(*) > $most)",
            {"most": MOST_ARTICLES},
        ).fetchone()
    if left_out and left_out[0]:
        logger.warning("%s fingerprints are in more than %s articles and were not compared", left_out[0], MOST_ARTICLES)
    one, another, common = (found[name].to_numpy().astype(np.int64) for name in ("one", "another", "common"))
    near = common >= LEAST_SHARE * np.minimum(counts[one], counts[another])
    one, another = one[near], another[near]
    order = np.lexsort((another, one))
    return one[order], another[order]
