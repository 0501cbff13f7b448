"""What a verdict means; for accounts of before schema 6, which have no findings, also what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_RULES = (
    "Open a rejected page below. Mostly the publisher has changed its pages: add a dated layout to the source file, "
    "then replay the batch."
)
_ADVICE = {
    "the account does not add up": "A page has no outcome: a bug, or a WARC file that was changed. Replay the batch; "
    "if it stays, report it with verdict.json.",
    "batch-rejects": _RULES,
    "batch-titles": _RULES,
    "batch-texts": _RULES,
    "batch-times": _RULES,
    "batch-leads": "Open a page below and see whether it has a lead. If it has, mend the selector in the source file.",
    "batch-authors": "Open a page below and see whether it names an author. If it does, mend the selector in the "
    "source file.",
    "past-rejects": _RULES,
    "past-times": _RULES,
    "past-leads": _RULES,
    "past-authors": _RULES,
    "past-length": "Open a page below. The text is cut, or something else is taken for it: a paywall or a consent page "
    "may have come, or the body's container has another name. Mend the source file, then replay the batch.",
    "past-noise": "Open the page with most noise removed, below. If it lost a part of its article, report it; if the "
    "publisher has new boxes, nothing is to be done.",
    "past-articles": "Look at the outcomes below: mostly all failed or disallowed. For a publisher that pauses now and "
    "then put expects_articles: false into its file.",
    "articles-folded": "Two pages have one article_id. If they are two articles, mend addresses in the source file, "
    "then replay the batch.",
}


def verdict_sentence(account: Mapping[str, Any]) -> str:
    """The verdict on a batch as a sentence."""
    if account["verdict"] == "refused":
        return "Refused: nothing of this batch is published."
    if account["verdict"] == "warned":
        return "Published, with warnings: something is unlike before."
    return "Published." if account["published"] else "Passed; there was nothing to publish."


def advice(account: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was wrong with a batch, and what to do about each; empty for an account whose findings say that."""
    if account.get("findings"):
        return []
    clauses = [*account["reasons"], *account["warnings"]]
    return [
        (clause, _ADVICE.get(clause.partition(":")[0], _RULES))
        for clause in clauses
        if not clause.startswith("rejects:")
    ]
