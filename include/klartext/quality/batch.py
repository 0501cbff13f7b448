"""The gate for a batch: row checks, batch checks, the account, the verdict."""

from __future__ import annotations

import collections
import itertools
from typing import Any

import pyarrow as pa

from klartext import model
from klartext.batch import Batch
from klartext.lake import Lake, LakeError
from klartext.quality import account, checks, gx
from klartext.quality.rows import Checked, check_rows
from klartext.sources import Source


class BatchRefused(RuntimeError):
    """Nothing of the batch is published; the message says in one line what is wrong."""


def _staged(lake: Lake, batch: Batch, table: str, step: str) -> pa.Table:
    rows = lake.staged(batch, table)
    if rows is None:
        raise LakeError(f"{batch.name} has staged no {table}: {step} has to run first")
    return rows


def _batch_results(figures: dict[str, Any]) -> list[gx.Result]:
    """A batch of a few pages is not held against shares: one odd page would stop it."""
    if figures["pages"] < checks.FEW:
        return []
    import pandas as pd

    return gx.run("batch", checks.batch_checks(), pd.DataFrame([figures]))


def _wrong(balance: dict[str, Any], results: list[gx.Result], reasons: collections.Counter[str]) -> list[str]:
    """Why the batch must stop, a clause each."""
    found = [] if balance["balanced"] else [f"the account does not add up: {account.in_words(balance)}"]
    for result in results:
        if not result.success and result.check.severity == "critical":
            bound = result.check.arguments["max_value"]
            value = next(iter(result.failed.values()))
            found.append(f"{result.check.code}: {result.check.means}, {value:.0%} where {bound:.0%} may be")
    if found and reasons:
        found.append("reasons: " + ", ".join(f"{code} {n}" for code, n in reasons.most_common(5)))
    return found


def validate_batch(lake: Lake, batch: Batch, source: Source) -> dict[str, Any]:
    """Stages ``versions``, the articles that may be read, and ``rejects``, those of extraction and of the checks.

    Gives ``articles``, ``rejects`` and ``rejected`` (by the checks) as numbers, the ``warnings`` and the name of the
    ``verdict`` file. Raises :class:`BatchRefused` if nothing of the batch may be published, after keeping the verdict
    and the rejects, and :class:`klartext.lake.LakeError` if an earlier step has not run.
    """
    articles = _staged(lake, batch, "articles", "extract")
    fetches = _staged(lake, batch, "fetches", "fetch")
    # What an earlier run of this step rejected is among the articles and is checked again.
    before = [row for row in _staged(lake, batch, "rejects", "extract").to_pylist() if row["stage"] == "extract"]
    cards = lake.staged(batch, "teasers")
    lake.unstage(batch, "versions")

    checked = Checked(articles, model.table(model.Reject, []), [])
    if articles.num_rows:
        checked = check_rows(articles, source, () if cards is None else cards)
    rejected = checked.rejected.to_pylist()
    rejects = [*before, *rejected]
    figures = account.figures(checked.accepted, rejects, source)
    balance = account.account(fetches, articles, before)
    results = _batch_results(figures)
    reasons = collections.Counter(itertools.chain.from_iterable(row["reasons"] for row in rejects))
    wrong = _wrong(balance, results, reasons)
    warnings = [r.check.code for r in results if not r.success and r.check.severity == "warning"]
    verdict = {
        "batch": batch.to_dict(),
        "verdict": "refused" if wrong else "warned" if warnings else "passed",
        "wrong": wrong,
        "warnings": warnings,
        "account": balance,
        "figures": figures,
        "reasons": dict(reasons),
        "checks": [result.to_dict() for result in (*checked.results, *results)],
        "great_expectations": gx.version() if checked.results or results else None,
    }
    name = lake.keep_verdict(batch, verdict)
    lake.stage(batch, "rejects", rejects)
    if wrong:
        raise BatchRefused(f"{batch.name} is refused: {'; '.join(wrong)} ({name})")
    return {
        "articles": lake.stage(batch, "versions", checked.accepted),
        "rejects": len(rejects),
        "rejected": len(rejected),
        "warnings": warnings,
        "verdict": name,
    }
