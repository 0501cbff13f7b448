"""A batch in figures, and held against itself: what was captured has to come out as something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from klartext.sources import Source
from klartext.urls import fold

NO_TITLE = {"title-missing", "no-title"}
NO_TEXT = {"text-missing", "text-too-short", "no-text"}
"""Codes of extraction and of the row checks."""


def _captures(rows: Iterable[Mapping[str, Any]]) -> set[tuple[str, int]]:
    return {(row["capture"]["file"], row["capture"]["offset"]) for row in rows if row["capture"]}


def _share(part: float, whole: int) -> float:
    return part / whole if whole else 0.0


def account(fetches: pa.Table, articles: pa.Table, extract_rejects: list[dict[str, Any]]) -> dict[str, Any]:
    """How many captures there are and what became of them.

    ``lost`` counts captured pages that are neither article nor reject, ``unknown`` articles that no fetch tells of;
    ``balanced`` says that there are none of both.
    """
    columns = ["outcome", "capture"]
    attempts = fetches.select(columns).to_pylist()
    captured = _captures(row for row in attempts if row["outcome"] == "captured")
    made = _captures(articles.select(["capture"]).to_pylist())
    refused = _captures(extract_rejects)
    lost, unknown = captured - made - refused, made - captured
    return {
        "captured": len(captured),
        "articles": len(made),
        "rejected_by_extract": len(refused - made),
        "lost": len(lost),
        "unknown": len(unknown),
        "balanced": not lost and not unknown,
    }


def in_words(found: Mapping[str, Any]) -> str:
    """The account as one line."""
    return (
        f"{found['captured']} pages captured, {found['articles']} articles and {found['rejected_by_extract']} rejects "
        f"made of them: {found['lost']} captures became nothing, {found['unknown']} articles have no capture"
    )


def _expected(url: str | None, source: Source) -> bool:
    """Whether the page should have been an article. An imported file may hold front pages and feeds too."""
    try:
        return url is None or source.is_article(fold(url))
    except ValueError:
        return True


def figures(accepted: pa.Table, rejects: list[dict[str, Any]], source: Source) -> dict[str, Any]:
    """The row that the batch checks look at. Shares go from 0 to 1; ``pages`` is what they are shares of.

    Rejects whose address is none of an article, by the source's file, do not count.
    """
    failed = [set(row["reasons"]) for row in rejects if _expected(row["url"], source)]
    kept = accepted.num_rows
    pages = kept + len(failed)
    people = [bool(authors or agencies) for authors, agencies in
              zip(accepted["authors"].to_pylist(), accepted["agencies"].to_pylist(), strict=True)]  # fmt: skip
    return {
        "row": 0,
        "pages": pages,
        "rejected_share": _share(len(failed), pages),
        "without_title_share": _share(sum(bool(codes & NO_TITLE) for codes in failed), pages),
        "without_text_share": _share(sum(bool(codes & NO_TEXT) for codes in failed), pages),
        "without_time_share": _share(accepted["published_at"].null_count, kept),
        "without_lead_share": _share(accepted["lead"].null_count, kept),
        "without_author_share": _share(people.count(False), kept),
    }
