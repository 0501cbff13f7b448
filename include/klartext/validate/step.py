"""Validating a batch: row checks, batch checks, the account, the verdict."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import logging
from typing import Any

import pyarrow as pa

from klartext import fetch_log, model, sources
from klartext.batch import Batch
from klartext.errors import PermanentError
from klartext.lake import Lake, LakeError
from klartext.sources import Source
from klartext.validate import account as accounts
from klartext.validate import (
    checks,
    data_docs,
    equal_texts,
    expectations,
    findings,
    folded_articles,
    history,
    site_checks,
)
from klartext.validate.folded_articles import FoldedArticle
from klartext.validate.row_checks import Checked, check_rows
from klartext.verdict_text import describe_verdict

logger = logging.getLogger(__name__)

_LOGGED = 5
"""Folded articles, and sites outside of the bounds, that are named in the log; the batch's page names more."""


class BatchRefused(PermanentError):
    """Nothing of the batch is published; the message says in one line why. ``result`` is what :func:`validate_batch`
    would have returned."""

    def __init__(self, message: str, result: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.result = result or {}


def validate_batch(lake: Lake, batch: Batch, source: Source) -> dict[str, Any]:
    """Checks the staged articles of a batch and decides whether they may be published.

    Stages ``versions``, the accepted articles, ``rejects``, those of extract and of the row checks, ``batches``, the
    account, and ``fetches``, in which captures of placeholders have that outcome. Writes suites, results and a page
    below ``quality/``.

    Returns:
        ``articles``, ``rejects`` and ``rejected`` (by the row checks) as numbers, the ``verdict`` with its ``warnings``
        and ``reasons``, the ``account`` as one line, which is logged too, the ``sentence`` that says what is wrong and
        what to do, and the name of the ``page``.

    Raises:
        BatchRefused: nothing of the batch may be published. The account alone is published.
        LakeError: an earlier step has not run.
    """
    articles = _staged(lake, batch, "articles", "extract")
    fetches = _staged(lake, batch, "fetches", "fetch")
    # Rejects of an earlier run of this step are among the articles too and are checked again.
    unreadable = [row for row in _staged(lake, batch, "rejects", "extract").to_pylist() if row["stage"] == "extract"]
    lake.unstage(batch, "versions")
    lake.delete_quality_files(batch)

    checked = _check_rows(articles, lake.staged(batch, "teasers"), source)
    rejects = [*unreadable, *checked.rejected.to_pylist()]
    codes = collections.Counter(itertools.chain.from_iterable(row["reasons"] for row in rejects))

    fetches = fetch_log.mark_placeholders(fetches, _placeholders(rejects))
    lake.stage(batch, "fetches", fetches)

    pages = accounts.count_pages(
        source,
        fetches.select(["url", "discovered_from", "outcome", "attempt", "capture"]).to_pylist(),
        (candidate.url for candidate in fetch_log.staged_candidates(lake, batch)),
        articles.select(["capture"]).to_pylist(),
        rejects,
    )
    equal = equal_texts.equal_addresses(articles)
    selectors = lake.staged(batch, "selectors")
    matches = selectors.to_pylist() if selectors is not None else []
    metrics = accounts.batch_metrics(
        checked.accepted,
        rejects,
        source,
        equal_texts=len(equal),
        removed=lake.staged(batch, "removed"),
        selectors=matches,
    )
    folded = folded_articles.folded_articles(checked.accepted)
    account = accounts.new_account(
        batch,
        pages,
        metrics,
        articles,
        [model.SelectorMatches(**row) for row in matches],
        _skipped(lake, batch, folded),
    )

    if source.slug == sources.OTHER.slug:
        run, outside = site_checks.check_sites(checked.accepted, rejects)
    else:
        run = _check_batch(account, _batch_checks(account, history.past_accounts(lake, batch, source), source))
        outside = {}
    found = _findings(batch, pages, run, checked.accepted, rejects, account, equal, folded)
    reasons = [f"{finding.code}: {finding.what}" for finding in found if finding.severity == "critical"]
    if reasons and codes:
        reasons.append("rejects: " + ", ".join(f"{code} {n}" for code, n in codes.most_common(5)))
    account = accounts.with_verdict(
        account,
        reasons=reasons,
        warnings=list(dict.fromkeys(finding.code for finding in found if finding.severity == "warning")),
        findings=found,
        great_expectations=expectations.version() if checked.runs or run else None,
    )

    runs = [("Articles", articles_run) for articles_run in checked.runs] + ([("Batch", run)] if run else [])
    text = describe_verdict(dataclasses.asdict(account))
    result = {
        "articles": 0,
        "rejects": len(rejects),
        "rejected": checked.rejected.num_rows,
        "verdict": account.verdict,
        "warnings": account.warnings,
        "reasons": account.reasons,
        "account": accounts.summary_line(account),
        "sentence": text.sentence(),
        "page": _save_quality_files(lake, batch, account, codes, folded, runs, outside),
    }
    lake.stage(batch, "rejects", rejects)
    lake.stage(batch, "batches", [account])
    _log(batch, account, folded, outside)
    if account.verdict == "refused":
        lake.publish(batch, "batches", model.table(model.Account, [account]))
        advice = "".join(f". {part}" for part in (text.pages_line(), *text.to_do) if part)
        why = "; ".join(account.reasons)
        raise BatchRefused(f"{batch.name} is refused: {why}{advice} ({result['page']})", result)
    return result | {"articles": lake.stage(batch, "versions", checked.accepted)}


def _placeholders(rejects: list[dict[str, Any]]) -> dict[tuple[str, int], str]:
    """Why captures are placeholders, by file and offset."""
    return {
        (row["capture"]["file"], row["capture"]["offset"]): codes[0]
        for row in rejects
        if (codes := [code for code in row["reasons"] if code in model.PLACEHOLDERS])
    }


def _staged(lake: Lake, batch: Batch, table: str, step: str) -> pa.Table:
    rows = lake.staged(batch, table)
    if rows is None:
        raise LakeError(f"{batch.name} has staged no {table}: run {step} first")
    return rows


def _check_rows(articles: pa.Table, teasers: pa.Table | None, source: Source) -> Checked:
    """The row checks. Great Expectations is not imported where there are no rows."""
    if not articles.num_rows:
        return Checked(articles, model.table(model.Reject, []), [])
    return check_rows(articles, source, () if teasers is None else teasers)


def _skipped(lake: Lake, batch: Batch, folded: list[FoldedArticle]) -> list[model.Skipped]:
    """What the earlier steps skipped or read only in part, and the addresses of folded articles: one entry for each
    origin and reason, sorted by them."""
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    for step in ("discover", "fetch", "extract"):
        rows = lake.staged(batch, f"skipped_by_{step}")
        for row in rows.to_pylist() if rows is not None else []:
            counts[row["origin"], row["reason"]] += row["count"]
    counts.update((address, model.ARTICLES_FOLDED) for article in folded for address in article.addresses)
    return [model.Skipped(origin=origin, reason=reason, count=n) for (origin, reason), n in sorted(counts.items())]


def _batch_checks(account: model.Account, past: list[dict[str, Any]], source: Source) -> list[checks.Check]:
    """The checks with fixed bounds and those against the past. Where there is one against the past, a fixed warning for
    the same column is left out.

    A batch of a few pages is not checked for shares, because one odd page would stop it, but for what all of its pages
    have in common.
    """
    expected = source.discover.expects_articles is not False
    values = dataclasses.asdict(account)
    against_past = history.checks_against_past(values, past, expected=expected)
    covered = {check.arguments["column"] for check in against_past}
    if account.pages >= checks.FEW:
        fixed = checks.batch_checks()
    else:
        always = history.body_always_matched(values, past)
        fixed = checks.small_batch_checks(
            account.pages, account.placeholder, account.equal_texts or 0, body_always_matched=always
        )
    return [c for c in fixed if c.severity == "critical" or c.arguments["column"] not in covered] + against_past


def _check_batch(account: model.Account, batch_checks: list[checks.Check]) -> expectations.SuiteRun | None:
    """Runs the batch checks against the account, as a frame of one row; None where there are no checks."""
    if not batch_checks:
        return None
    import pandas as pd

    values = dataclasses.asdict(account)
    # Shares of few articles are not checked, except what all pages of a small batch have in common.
    is_small = account.pages < checks.FEW
    values |= {
        name: value for name, value in history.comparable_metrics(values).items() if value is not None or not is_small
    }
    row = {check.arguments["column"]: values[check.arguments["column"]] for check in batch_checks}
    frame = pd.DataFrame([{"row": 0, **row}]).astype(dict.fromkeys(row, "float64"))
    return expectations.run_suite("batch", batch_checks, frame)


def _findings(
    batch: Batch,
    pages: accounts.PageCounts,
    run: expectations.SuiteRun | None,
    accepted: pa.Table,
    rejects: list[dict[str, Any]],
    account: model.Account,
    equal: list[str],
    folded: list[FoldedArticle],
) -> list[model.Finding]:
    """What is wrong with the batch. What is critical refuses it."""
    found = []
    if not pages.adds_up:
        what = f"the account does not add up: {pages.explain_difference()}"
        found.append(model.Finding(code="batch-account", severity="critical", what=what,
                                   pages=pages.without_outcome[: findings.PAGES],
                                   to_do=findings.to_do(batch, "account")))  # fmt: skip
    failed = [result for result in (run.results if run else []) if not result.success]
    found += findings.find(batch, failed, accepted, rejects, account.selectors, equal=equal)
    if folded:
        what = f"{len(folded)} articles have different texts at several addresses, which give one article_id"
        addresses = [address for article in folded for address in article.addresses][: findings.PAGES]
        found.append(model.Finding(code=model.ARTICLES_FOLDED, severity="warning", what=what, pages=addresses,
                                   to_do=findings.to_do(batch, "folded")))  # fmt: skip
    return found


def _log(batch: Batch, account: model.Account, folded: list[FoldedArticle], outside: site_checks.SitesByCode) -> None:
    levels = {"refused": logging.ERROR, "warned": logging.WARNING, "passed": logging.INFO}
    logger.log(levels[account.verdict], "%s", accounts.summary_line(account))
    for article in folded[:_LOGGED]:
        logger.warning(
            "%s: %s: %s has different texts at %s; if these are two articles, mend `addresses` in the source file",
            batch.name, model.ARTICLES_FOLDED, article.article_id, " and ".join(article.addresses),
        )  # fmt: skip
    for code, sites in outside.items():
        shown = ", ".join(sites[:_LOGGED]) + (f" and {len(sites) - _LOGGED} more" if len(sites) > _LOGGED else "")
        logger.warning("%s: %s: %s", batch.name, code, shown)
    if len(folded) > _LOGGED:
        logger.warning("%s: %s: %s more", batch.name, model.ARTICLES_FOLDED, len(folded) - _LOGGED)


def _save_quality_files(
    lake: Lake,
    batch: Batch,
    account: model.Account,
    codes: collections.Counter[str],
    folded: list[FoldedArticle],
    runs: list[tuple[str, expectations.SuiteRun]],
    outside: site_checks.SitesByCode,
) -> str:
    """Writes the verdict, the suites with their results and a page of all of it; returns the name of the page."""
    verdict = {
        "batch": batch.to_dict(),
        "account": dataclasses.asdict(account),
        "rejects": dict(codes),
        "folded": [dataclasses.asdict(article) for article in folded],
        "sites": outside,
        "checks": [result.to_dict() for _, run in runs for result in run.results],
    }
    files: dict[str, Any] = {"verdict.json": verdict}
    for title, run in runs:
        files[f"{title.lower()}.suite.json"] = run.suite.to_json_dict()
        files[f"{title.lower()}.result.json"] = run.validation.to_json_dict()
    for name, content in files.items():
        lake.save_quality_file(batch, name, content)
    return lake.save_quality_file(batch, "index.html", data_docs.render_page(account, runs, files, folded, outside))
