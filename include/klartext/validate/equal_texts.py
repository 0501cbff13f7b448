"""Articles of a batch whose text is that of another one, as where one page was served under many addresses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from klartext.validate.line_facts import fold_lines


def equal_elsewhere(articles: pa.Table) -> Any:
    """For each article the number of other articles of its site with its text, by ``article_id``; as an array.

    Texts are compared without case and white space; captures of one article count once.
    """
    if not articles.num_rows:
        return np.zeros(0, np.int64)
    lines = fold_lines(articles["text"].combine_chunks())
    texts = pc.binary_join(lines.cast(pa.list_(pa.string())), "\n")
    keys = pc.binary_join_element_wise(articles["site"].combine_chunks().fill_null(""), texts, "\x1f")
    codes = keys.dictionary_encode().indices.to_numpy().astype(np.int64)
    ids = articles["article_id"].combine_chunks().fill_null("").dictionary_encode().indices.to_numpy().astype(np.int64)
    pairs = np.unique(codes * (len(ids) + 1) + ids)
    return np.bincount(pairs // (len(ids) + 1), minlength=codes.max() + 1)[codes] - 1


def equal_addresses(articles: pa.Table) -> list[str]:
    """The addresses of the articles with the text of another one, one for each row."""
    numbers = np.flatnonzero(equal_elsewhere(articles))
    found: list[str] = articles["url"].take(pa.array(numbers)).to_pylist()
    return found


def count_equal(articles: pa.Table) -> int:
    """The number of articles with the text of another one."""
    return int(np.count_nonzero(equal_elsewhere(articles)))
