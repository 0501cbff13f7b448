"""The account of a batch: counts, shares and medians. Every page that the batch knew of must have an outcome.

Two rows are of one page if the source's ``page_key`` is the same. A page that was captured, in any run of the
batch, counts by the outcome of its captures; any other by the outcome of its last attempt. So the account is the same
for a first run, a rerun that takes most of its captures from the runs before, a replay and an import.
"""

from __future__ import annotations

import collections
import dataclasses
import statistics
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from klartext import fetch_log, model
from klartext.batch import Batch
from klartext.model import OUTCOMES
from klartext.sources import Source

NO_TITLE = {"title-missing", "no-title"}
NO_TEXT = {"text-missing", "text-too-short", "no-text"}
"""Codes of extraction and of the row checks, of pages without a title and without a text."""
INCOMPLETE = {"script-page", "text-shorter-than-stated"}
"""Codes of pages whose text, or the rest of it, is loaded by a script."""

_WITH_CAPTURE = ("captured", "placeholder")
Position = tuple[str, int]
"""File and offset of a capture."""


@dataclasses.dataclass(frozen=True, slots=True)
class PageCounts:
    """The pages of a batch by their outcome.

    ``without_outcome`` are the addresses of pages that have none, ``unused_captures`` counts captures that gave neither
    an article nor a reject, ``articles_without_fetch`` articles whose capture is not in ``fetches``.
    """

    discovered: int
    outcomes: Mapping[str, int]
    origins_failed: int
    captures: int
    articles: int
    rejected_by_extract: int
    without_outcome: list[str]
    unused_captures: int
    articles_without_fetch: int

    @property
    def adds_up(self) -> bool:
        """True if every page has one outcome and every capture was used."""
        missing = self.without_outcome or self.unused_captures or self.articles_without_fetch
        return not missing and self.discovered == sum(self.outcomes.values())

    def explain_difference(self) -> str:
        """Why it does not add up, as one line."""
        line = (
            f"{self.captures} captures gave {self.articles} articles and {self.rejected_by_extract} rejects, "
            f"{self.unused_captures} captures gave neither, {self.articles_without_fetch} articles have no capture"
        )
        if missing := self.without_outcome:
            line += f"; {len(missing)} of {self.discovered} pages have no outcome"
        return line


def _positions(rows: Iterable[Mapping[str, Any]]) -> set[Position]:
    return {(row["capture"]["file"], row["capture"]["offset"]) for row in rows if row["capture"]}


def count_pages(
    source: Source,
    fetches: Iterable[Mapping[str, Any]],
    candidates: Iterable[str],
    articles: Iterable[Mapping[str, Any]],
    rejects: Iterable[Mapping[str, Any]],
) -> PageCounts:
    """Counts every page of a batch once.

    Args:
        source: the source of the batch.
        fetches: rows of all runs of the batch.
        candidates: the addresses that discover found.
        articles: rows that extract made; those that failed a row check are in ``rejects`` too.
        rejects: rows of extract and of the row checks.
    """
    pages: dict[str, list[Mapping[str, Any]]] = {source.page_key(url): [] for url in candidates}
    origins: dict[str, Mapping[str, Any]] = {}
    for row in sorted(fetches, key=lambda row: row["attempt"]):
        if row["discovered_from"].startswith(fetch_log.ORIGIN_PREFIX):
            origins[row["url"]] = row
        else:
            pages.setdefault(source.page_key(row["url"]), []).append(row)
    rejects = list(rejects)
    made, refused = _positions(articles), _positions(rejects)
    early = _positions(row for row in rejects if row["stage"] == "extract") - made
    accepted = made - refused
    captured = _positions(row for rows in pages.values() for row in rows if row["outcome"] in _WITH_CAPTURE)
    outcomes = dict.fromkeys(OUTCOMES, 0)
    without_outcome = []
    for page, rows in pages.items():
        if outcome := _outcome(rows, accepted, refused):
            outcomes[outcome] += 1
        else:
            without_outcome.append(rows[0]["url"] if rows else page)
    return PageCounts(
        discovered=len(pages),
        outcomes=outcomes,
        origins_failed=len(origins),
        captures=len(captured),
        articles=len(made),
        rejected_by_extract=len(early),
        without_outcome=sorted(without_outcome),
        unused_captures=len(captured - made - refused),
        articles_without_fetch=len(made - captured),
    )


def _outcome(rows: list[Mapping[str, Any]], accepted: set[Position], refused: set[Position]) -> str | None:
    """The outcome of a page, given its attempts in their order; None if it has none."""
    captured = [row for row in rows if row["outcome"] == "captured"]
    if captured:
        positions = _positions(captured)
        return "published" if positions & accepted else "rejected" if positions & refused else None
    return str(rows[-1]["outcome"]) if rows else None


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None


def batch_metrics(
    accepted: pa.Table,
    rejects: list[dict[str, Any]],
    source: Source,
    *,
    equal_texts: int = 0,
    removed: pa.Table | None = None,
    selectors: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The shares and medians that the batch checks use, by the names of the columns of ``batches``; None where there is
    nothing to count.

    Args:
        accepted: articles that passed the row checks.
        rejects: rows of ``rejects``. Those whose address is not an article's, by the source file, do not count.
        source: the source of the batch.
        equal_texts: the number of extracted articles with the text of another one.
        removed: rows of ``removed``, the characters that the noise rules removed.
        selectors: rows of ``selectors``.
    """
    codes = [set(row["reasons"]) for row in rejects if source.should_be_article(row["url"])]
    failed = [reasons for reasons in codes if not reasons & model.PLACEHOLDERS]
    kept, answers = accepted.num_rows, accepted.num_rows + len(codes)
    extracted = kept + sum(row["stage"] == "validate" for row in rejects)
    pages = kept + len(failed)
    origins, precisions = (_value_counts(accepted[name]) for name in ("published_from", "published_precision"))
    people = [bool(authors or agencies) for authors, agencies in
              zip(accepted["authors"].to_pylist(), accepted["agencies"].to_pylist(), strict=True)]  # fmt: skip
    lengths = [len(text) for text in accepted["text"].to_pylist()]
    noise = [row["characters"] for row in removed.to_pylist() if row["rule"] != "lead"] if removed is not None else None
    return {
        "pages": pages,
        "rejected_share": _share(len(failed), pages),
        "placeholder_share": _share(len(codes) - len(failed), answers),
        "incomplete_share": _share(sum(bool(reasons & INCOMPLETE) for reasons in codes), answers),
        "without_body_share": without_body_share(selectors),
        "equal_texts": equal_texts,
        "equal_text_share": _share(equal_texts, extracted),
        "without_title_share": _share(sum(bool(codes & NO_TITLE) for codes in failed), pages),
        "without_text_share": _share(sum(bool(codes & NO_TEXT) for codes in failed), pages),
        "without_time_share": _share(accepted["published_at"].null_count, kept),
        "unstated_time_share": _share(origins.get("text", 0) + origins.get(None, 0), kept),
        "coarse_time_share": _share(precisions.get("day", 0) + precisions.get(None, 0), kept),
        "without_lead_share": _share(accepted["lead"].null_count, kept),
        "without_author_share": _share(people.count(False), kept),
        "median_length": float(statistics.median(lengths)) if lengths else None,
        "noise_removed": _share(sum(noise), extracted) if noise is not None else None,
        "published_from": _ordered(origins),
        "published_precision": _ordered(precisions),
    }


def _value_counts(column: pa.ChunkedArray) -> dict[str | None, int]:
    return {pair["values"]: pair["counts"] for pair in column.value_counts().to_pylist()}


def _ordered(counts: Mapping[str | None, int]) -> list[model.ValueCount]:
    """Most frequent first."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0] or ""))
    return [model.ValueCount(value=value, count=count) for value, count in ordered]


def without_body_share(selectors: Iterable[Mapping[str, Any]]) -> float | None:
    """The share of pages on which no selector of the body matched, given rows of ``selectors``; None if the rules name
    no body, or no page was read with them."""
    matched: dict[str, tuple[int, int]] = {}
    for row in selectors:
        if row["field"] == "body":  # several selectors are also there as one
            matched[row["rules"]] = max(matched.get(row["rules"], (0, 0)), (row["matched"], row["pages"]))
    pages = sum(pages for _, pages in matched.values())
    return _share(pages - sum(found for found, _ in matched.values()), pages)


def new_account(
    batch: Batch,
    pages: PageCounts,
    metrics: Mapping[str, Any],
    articles: pa.Table,
    selectors: list[model.SelectorMatches],
    skipped: list[model.Skipped],
) -> model.Account:
    """The account as a row of ``batches``, before the batch checks. ``articles`` are all that extract made."""
    outcomes: dict[str, Any] = dict(pages.outcomes)
    return model.Account(
        batch=batch.name, start=batch.start, end=batch.end, imported=batch.imported, verdict="passed", reasons=[],
        warnings=[], **outcomes, **metrics, discovered=pages.discovered, origins_failed=pages.origins_failed,
        captures=pages.captures, articles=pages.articles,
        extractor="; ".join(sorted(set(articles["extractor"].to_pylist()))) or None,
        rules=sorted(set(articles["rules"].to_pylist())), schema_version=model.SCHEMA_VERSION, skipped=skipped,
        selectors=selectors, findings=[], great_expectations=None,
    )  # fmt: skip


def with_verdict(
    account: model.Account,
    *,
    reasons: list[str],
    warnings: list[str],
    findings: list[model.Finding] | None = None,
    great_expectations: str | None,
) -> model.Account:
    """The account with its verdict: refused if there are ``reasons``, warned if there are ``warnings``.

    The accepted pages of a refused batch are ``withheld`` and not ``published``.
    """
    verdict: model.Verdict = "refused" if reasons else "warned" if warnings else "passed"
    counts: dict[str, Any] = {"withheld": account.published, "published": 0} if reasons else {}
    return dataclasses.replace(
        account,
        great_expectations=great_expectations,
        verdict=verdict,
        reasons=reasons,
        warnings=warnings,
        findings=findings or [],
        **counts,
    )


def skipped_line(skipped: Iterable[Mapping[str, Any]]) -> str:
    """What was skipped by reason, most frequent first, as ``entry-undated 12, page-cut 1``; empty if nothing was."""
    counts: collections.Counter[str] = collections.Counter()
    for entry in skipped:
        counts[entry["reason"]] += entry["count"]
    return ", ".join(f"{reason} {count:,}" for reason, count in sorted(counts.items(), key=lambda x: (-x[1], x[0])))


def summary_line(account: model.Account) -> str:
    """The account as one line for logs and pages."""
    parts = [f"{getattr(account, name)} {name}" for name in OUTCOMES if getattr(account, name)]
    shares = [
        f"{name} {value:.0%}"
        for name, value in (
            ("rejected", account.rejected_share), ("without lead", account.without_lead_share),
            ("without time", account.without_time_share), ("without author", account.without_author_share),
        ) if value is not None
    ]  # fmt: skip
    length = [f"median {account.median_length:,.0f} characters"] if account.median_length is not None else []
    origins = [f"{account.origins_failed} origins failed"] if account.origins_failed else []
    left_out = skipped_line(map(dataclasses.asdict, account.skipped))
    skipped = [f"skipped: {left_out}"] if left_out else []
    pages = f"{account.discovered} discovered = {' + '.join(parts) or '0'}"
    summary = "; ".join([pages, *origins, *skipped, *length, *shares])
    flags = f" ({', '.join(account.warnings)})" if account.warnings else ""
    return f"{account.batch}: {account.verdict}{flags}: {summary}"
