"""What is wrong with a batch, in words: a sentence for each check that failed, pages that show it, and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from klartext.batch import Batch
from klartext.model import PLACEHOLDERS, Finding, SelectorMatches
from klartext.validate.expectations import CheckResult

PAGES = 5
"""Addresses of a finding."""
_RARELY = 0.1
"""Share of pages up to which a selector is named as the likely cause."""

Rows = Sequence[Mapping[str, Any]]
Example = Callable[[Rows, Rows], Iterable[str | None]]
"""Gives addresses, of accepted articles and of rejects."""

_FIELDS = {
    "leads": "lead", "times": "published", "stated-times": "published", "precision": "published",
    "origins": "published", "titles": "title", "authors": "authors", "texts": "body", "rejects": "body",
    "length": "body", "body": "body",
}  # fmt: skip
"""The key of the rules that is the likely cause, by what follows ``batch-`` or ``past-`` in the code of a check."""

_IMPLIED = {
    "batch-equal-texts": ("batch-placeholders",),
    "batch-stated-times": ("batch-times", "past-times"),
    "past-stated-times": ("batch-times", "past-times"),
    "past-precision": ("batch-times", "past-times", "past-stated-times"),
    "past-origins": ("batch-times", "past-times", "past-stated-times"),
}
"""Checks that fail along with another one, which then says it all."""


def _without(name: str) -> Example:
    return lambda accepted, rejects: (row["url"] for row in accepted if not row[name])


def _rejected(is_meant: Callable[[set[str]], bool]) -> Example:
    return lambda accepted, rejects: (row["url"] for row in rejects if is_meant(set(row["reasons"])))


_EXAMPLES: dict[str, Example] = {
    "leads": _without("lead"),
    "times": _without("published_at"),
    "authors": lambda accepted, rejects: (r["url"] for r in accepted if not r["authors"] and not r["agencies"]),
    "stated-times": lambda accepted, rejects: (
        row["url"] for row in accepted if row["published_from"] in (None, "text")
    ),
    "precision": lambda accepted, rejects: (
        row["url"] for row in accepted if row["published_precision"] in (None, "day")
    ),
    "placeholders": _rejected(lambda codes: bool(codes & PLACEHOLDERS)),
    "incomplete": _rejected(lambda codes: bool(codes & {"script-page", "text-shorter-than-stated"})),
    "rejects": _rejected(lambda codes: not codes & PLACEHOLDERS),
    "titles": _rejected(lambda codes: bool(codes & {"title-missing", "no-title"})),
    "texts": _rejected(lambda codes: bool(codes & {"text-missing", "text-too-short", "no-text"})),
}
"""Which pages show a fault; those of a check that is not here cannot be named."""
COLUMNS = ["url", "lead", "published_at", "published_from", "published_precision", "authors", "agencies"]


def clause(result: CheckResult) -> str:
    """A failed batch check as a clause: what is wrong, the value and its bounds."""
    column, value = result.check.arguments["column"], next(iter(result.failed.values()))
    is_share = column.endswith("_share") or " " in column

    def formatted(number: float) -> str:
        return f"{number:.0%}" if is_share else f"{number:,.6g}"

    low, high = (result.check.arguments.get(name) for name in ("min_value", "max_value"))
    if low is not None and high is None:
        bounds = f"at least {formatted(low)} has to be"
    else:
        bounds = f"{' to '.join(formatted(bound) for bound in (low, high) if bound is not None)} may be"
    return f"{result.check.means}, {formatted(value)} where {bounds}"


def find(
    batch: Batch,
    failed: Iterable[CheckResult],
    accepted: pa.Table,
    rejects: Rows,
    selectors: Sequence[SelectorMatches],
    *,
    equal: Sequence[str] = (),
) -> list[Finding]:
    """A finding for each check that failed, except where another one implies it; the worse of two with one code.

    Args:
        failed: results of batch checks.
        accepted: articles that passed the row checks.
        rejects: rows of ``rejects``.
        selectors: what the selectors of the rules matched.
        equal: addresses of articles with the text of another one.
    """
    by_severity = sorted(failed, key=lambda result: result.check.severity != "critical")
    named: dict[tuple[str, str], CheckResult] = {}
    for result in by_severity:
        part = result.check.arguments["column"] if " " in result.check.arguments["column"] else ""
        named.setdefault((result.check.code, part), result)
    codes = {code for code, _ in named}
    rows = accepted.select(COLUMNS).to_pylist() if named else []
    found = []
    for (code, _), result in named.items():
        if any(other in codes for other in _IMPLIED.get(code, ())):
            continue
        topic = code.partition("-")[2]
        if topic == "equal-texts":
            pages: Iterable[str | None] = equal
        elif topic in _EXAMPLES:
            pages = _EXAMPLES[topic](rows, rejects)
        else:
            whole = topic == "body" and min(result.failed.values()) == 1
            pages = [row["url"] for row in (*rows, *rejects)] if whole else []
        what = "; ".join(filter(None, [clause(result), _cause(topic, rejects, selectors)]))
        found.append(
            Finding(
                code=code,
                severity=result.check.severity,
                what=what,
                pages=list(dict.fromkeys(filter(None, pages)))[:PAGES],
                to_do=to_do(batch, topic),
            )
        )
    return found


def _cause(topic: str, rejects: Rows, selectors: Sequence[SelectorMatches]) -> str:
    """The likely cause of a fault: selectors that match nothing, or what the placeholders are; empty if unknown."""
    if topic == "placeholders":
        counts: dict[str, int] = {}
        for reject in rejects:
            for code in PLACEHOLDERS.intersection(reject["reasons"]):
                counts[code] = counts.get(code, 0) + 1
        return "the publisher sent " + ", ".join(f"{count} × {code}" for code, count in sorted(counts.items()))
    if topic == "equal-texts":
        return "one page seems to have been served for many addresses"
    field = _FIELDS.get(topic)
    matched: dict[str, SelectorMatches] = {}
    for row in selectors:  # of several selectors of a key the one that stands for all comes last
        if row.field == field and (row.rules not in matched or row.matched >= matched[row.rules].matched):
            matched[row.rules] = row
    return "; ".join(
        f"`{row.field}: {row.selector}` of the rules {row.rules} matched on {row.matched} of {row.pages} pages"
        for row in matched.values()
        if row.pages and row.matched <= _RARELY * row.pages
    )


def to_do(batch: Batch, topic: str) -> str | None:
    """What to do about a fault, with the commands for the day of the batch."""
    days = f"{batch.source} --from {batch.date} --to {batch.date + dt.timedelta(days=1)}"
    if topic == "placeholders":
        return f"Ask for these pages again: `klartext fetch-again {days}`"
    if topic == "equal-texts":
        return (
            f"Look at the pages; if they are not the articles, ask for them again: `klartext fetch-again {days} --all`"
        )
    if topic == "articles":
        return f"Compare with what the publisher lists: `klartext discover {days}`"
    if topic == "account":
        return f"Extract the batch again: `klartext replay {days}`; if that does not help, report an error of Klartext"
    return f"Correct the rules in the file of {batch.source}, then extract again: `klartext replay {days}`"
