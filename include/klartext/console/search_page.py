"""The page of search results: a page by its address or article_id, articles by words of their title."""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc

from klartext.console.lake_cache import TITLE_COLUMNS, LakeCache
from klartext.console.view import View
from klartext.lake import page_search

_FOUND = 50
"""Articles that are shown."""
_WORDS = 12
"""Words of a question that are looked for."""


def content(cache: LakeCache, view: View, question: str) -> dict[str, Any]:
    """What the page shows for what a person has typed."""
    text = " ".join(question.split())
    is_address = "://" in text or text.startswith("www.") or (":" in text and " " not in text) or "/" in text
    found = _by_address(cache, view, text) if text and is_address else {"captures": [], "taken_down": False}
    articles, more = ([], False) if not text or found["captures"] else _by_title(cache, view, text)
    return {"question": question, "text": text, "articles": articles, "more": more, "is_address": is_address, **found}


def _by_address(cache: LakeCache, view: View, text: str) -> dict[str, Any]:
    """The captures of a page, latest first, with what each became; only of sources that the user may see."""
    try:
        records = page_search.search_page(cache.lake, text)
    except ValueError:  # no address
        return {"captures": [], "taken_down": False}
    outcomes: dict[tuple[str, int], dict[str, Any]] = {}
    for table in ("fetches", "rejects", "versions"):
        for row in records.rows[table]:
            if row["capture"] and view.may_read(row["source"]):
                place = row["capture"]["file"], row["capture"]["offset"]
                outcomes[place] = {"table": table, **row}
    captures = [
        {"found": each, "row": outcomes[each.capture.file, each.capture.offset]}
        for each in records.captures
        if (each.capture.file, each.capture.offset) in outcomes and view.may_read(each.source)
    ]
    may_know = all(map(view.may_read, records.sources))  # it may be of any of them
    return {"captures": captures, "taken_down": records.taken_down and may_know}


def _by_title(cache: LakeCache, view: View, text: str) -> tuple[list[dict[str, Any]], bool]:
    """Articles whose title has all of the words, latest month first, and true if there are more."""
    words = text.lower().split()[:_WORDS]
    found: list[dict[str, Any]] = []
    for source, rows in cache.titles(view.may_read):
        matches = rows
        for word in words:
            if not matches.num_rows:
                break
            matches = matches.filter(pc.match_substring(matches["folded"], word))
        if matches.num_rows:
            newest = matches.slice(max(0, matches.num_rows - _FOUND)).select(TITLE_COLUMNS).to_pylist()
            found += [row | {"source": source} for row in reversed(newest)]
        if len(found) > _FOUND:
            return found[:_FOUND], True
    return found, False
